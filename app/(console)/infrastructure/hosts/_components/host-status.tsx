import type { HostRow } from '@/server/features/hosts/hosts.schema'
import { StatusDot } from '@/ui/status-dot'

const DOT = { online: 'live', offline: 'offline', pending: 'pending' } as const
const WORD = { online: 'Online', offline: 'Offline', pending: 'Waiting for its first report' } as const

/** The state of a host; a conflict of two machines outranks what they last said. */
export function HostStatus({ host }: { host: Pick<HostRow, 'status' | 'conflict'> }) {
  if (host.conflict) return <StatusDot status="warning" label="Conflict" />
  return <StatusDot status={DOT[host.status]} label={WORD[host.status]} />
}
