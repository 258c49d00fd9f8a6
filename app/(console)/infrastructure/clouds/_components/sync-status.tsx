import type { SyncView } from '@/server/features/connections/connections.schema'
import { type Status, StatusDot } from '@/ui/status-dot'

const DOT: Record<SyncView['status'], { status: Status; label: string }> = {
  waiting: { status: 'pending', label: 'Waiting for the first look' },
  running: { status: 'live', label: 'Being read' },
  ok: { status: 'live', label: 'Up to date' },
  failed: { status: 'offline', label: 'Not reached' },
  shrunk: { status: 'warning', label: 'Told of much less' },
}

/** How the looks into a cloud go, in a word. */
export function SyncStatus({ sync }: { sync: Pick<SyncView, 'status' | 'paused' | 'seen'> }) {
  if (sync.paused && sync.status !== 'running') return <StatusDot status="disabled" label="Paused" />
  const { status, label } = DOT[sync.status]
  const isReading = sync.status === 'running'
  return (
    <StatusDot
      status={status}
      pulse={isReading}
      label={isReading && sync.seen > 0 ? `${label}: ${sync.seen.toLocaleString('en')} so far` : label}
    />
  )
}
