import { Globe } from 'lucide-react'
import type { Level } from '@/server/features/people/people.schema'
import { Badge } from '@/ui/badge'

export const LEVEL_LABELS: Record<Level, string> = {
  parent: 'Parent level',
  master: 'Master only',
  tenant: 'Tenant level',
}
export const LEVEL_ABOUT: Record<Level, string> = {
  parent: 'Homed in the master tenant; reaches every tenant with the same role in each.',
  master: 'Homed in the master tenant; reaches no other tenant.',
  tenant: 'Homed in a subtenant; reaches the tenants of their memberships, never the master.',
}

/** What somebody reaches. */
export const LevelBadge = ({ level }: { level: Level }) => (
  <Badge
    tone={level === 'parent' ? 'info' : 'neutral'}
    icon={level === 'parent' && <Globe aria-hidden />}
    title={LEVEL_ABOUT[level]}
  >
    {LEVEL_LABELS[level]}
  </Badge>
)
