import type { caller } from '@/app/_lib/caller'
import type { ConsolePaths } from '@/lib/paths'
import { CLOUD } from '@/lib/resource-kinds/cloud'
import { kindOf } from '@/lib/resource-kinds/registry'
import { can, type SignedInOp } from '@/server/context/op'
import type { CloudOverview } from '@/server/features/clouds/clouds.schema'
import type { ConnectionView } from '@/server/features/connections/connections.schema'
import { LinkTabs, type LinkTab } from '@/ui/link-tabs'

/** Kinds that have a tab of their own on a cloud's page, as the tab is called. */
const KIND_TABS = [
  ['host', 'Hosts'],
  ['virtual_machine', 'Virtual machines'],
  ['network', 'Networks'],
  ['datastore', 'Storage'],
  ['virtual_image', 'Images'],
] as const
export type CloudTab = (typeof KIND_TABS)[number][0] | 'overview' | 'backups' | 'tasks' | 'events'

/** What of a cloud's page the URL asks for; the overview where it asks for nothing that is there. */
function tabOf(query: Record<string, string | string[] | undefined>, tabs: readonly CloudTab[]): CloudTab {
  return tabs.find((tab) => tab === query.tab) ?? 'overview'
}

/** How many tasks, events and backups of it the person sees. */
interface Streams {
  tasks: number
  events: number
  backups: number
}

async function streamsOf(op: SignedInOp, api: ReturnType<typeof caller>, cloudId: string): Promise<Streams> {
  if (!can(op, 'virtualMachines', 'read')) return { tasks: 0, events: 0, backups: 0 }
  const asked = { cloudId, limit: 1 }
  const tasks = await api.streams.activity({ ...asked, kind: 'task' })
  const events = await api.streams.activity({ ...asked, kind: 'event' })
  const backups = await api.streams.backups(asked)
  return { tasks: tasks.total, events: events.total, backups: backups.total }
}

/** Tabs that a cloud's page has: what it tells of, or what is there to see. */
function tabsFor({ counts }: CloudOverview, { connection }: ConnectionView, streams: Streams): CloudTab[] {
  const kinds = KIND_TABS.map(([kind]) => kind).filter((kind) => counts.some((one) => one.kind === kind))
  const tells = connection ?? { activity: false, backups: false }
  const hasTasks = streams.tasks > 0 || (tells.activity && streams.events === 0)
  return [
    'overview',
    ...kinds,
    ...(tells.backups || streams.backups > 0 ? (['backups'] as const) : []),
    ...(hasTasks ? (['tasks'] as const) : []),
    ...(streams.events > 0 ? (['events'] as const) : []),
  ]
}

const LABELS: Record<string, string> = {
  ...Object.fromEntries(KIND_TABS),
  overview: 'Overview',
  backups: 'Backups',
  tasks: 'Tasks',
  events: 'Events',
}

interface Props {
  cloudId: string
  tabs: readonly CloudTab[]
  current: CloudTab
  counts: CloudOverview['counts']
  streams: Streams
  paths: ConsolePaths
}

/** The parts of a cloud's page, each a link of its own. */
export function CloudTabs({ cloudId, tabs, current, counts, streams, paths }: Props) {
  const href = paths.resource(CLOUD, cloudId)
  const items = tabs.map((tab): LinkTab => {
    const count = kindOf(tab)
      ? counts.find(({ kind }) => kind === tab)?.count
      : { ...streams }[tab as keyof Streams]
    return {
      label: LABELS[tab] ?? tab,
      href: tab === 'overview' ? href : `${href}?tab=${tab}`,
      active: tab === current,
      ...(tab !== 'overview' &&
        count !== undefined && { count: count > 9999 ? '10,000+' : count.toLocaleString('en') }),
    }
  })
  return items.length > 1 ? <LinkTabs label="Parts of the cloud" items={items} /> : null
}

/** All that a cloud's page shows of it, and which part of it. */
export async function cloudPage(
  op: SignedInOp,
  api: ReturnType<typeof caller>,
  id: string,
  query: Record<string, string | string[] | undefined>,
) {
  const [overview, connection] = [await api.clouds.overview({ id }), await api.connections.get({ id })]
  const streams = await streamsOf(op, api, id)
  const tabs = tabsFor(overview, connection, streams)
  return { overview, connection, streams, tabs, tab: tabOf(query, tabs) }
}
