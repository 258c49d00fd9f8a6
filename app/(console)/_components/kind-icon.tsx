import {
  Cloud,
  Cpu,
  Database,
  Disc,
  Folder,
  HardDrive,
  Layers,
  LayoutTemplate,
  type LucideIcon,
  Monitor,
  Network,
  Package,
  Power,
  Server,
  Shield,
  SlidersHorizontal,
  Tag,
  Workflow,
} from 'lucide-react'

const ICONS: Record<string, LucideIcon> = {
  cloud: Cloud,
  cpu: Cpu,
  database: Database,
  disc: Disc,
  folder: Folder,
  'hard-drive': HardDrive,
  layers: Layers,
  'layout-template': LayoutTemplate,
  monitor: Monitor,
  network: Network,
  package: Package,
  power: Power,
  server: Server,
  shield: Shield,
  sliders: SlidersHorizontal,
  tag: Tag,
  workflow: Workflow,
}

/** The icon of a kind of resource, by the name in its descriptor; a plain one where that is unknown. */
export function KindIcon({ icon }: { icon: string }) {
  const Icon = ICONS[icon] ?? Server
  return <Icon aria-hidden />
}
