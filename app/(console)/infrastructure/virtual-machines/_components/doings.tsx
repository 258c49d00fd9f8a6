import { MACHINE_ACTIONS } from '@/lib/machine-actions'
import type { Doing } from '@/server/features/machines/machines.schema'
import { RelativeTime } from '@/ui/relative-time'
import { type Status, StatusDot } from '@/ui/status-dot'

const DOT: Record<Doing['status'], { status: Status; label: string }> = {
  queued: { status: 'pending', label: 'Waiting' },
  asking: { status: 'pending', label: 'Being asked for' },
  running: { status: 'pending', label: 'Under way' },
  ok: { status: 'live', label: 'Done' },
  failed: { status: 'offline', label: 'Failed' },
}

/** What was done last with a machine, and what came of it. */
export function Doings({ doings }: { doings: readonly Doing[] }) {
  return (
    <section aria-label="Last actions" className="border-t border-line pt-3">
      <h3 className="mb-1 text-xs font-medium text-muted">Last actions</h3>
      <ul>
        {doings.map(({ id, action, snapshot, status, message, by, createdAt }) => (
          <li key={id} className="grid gap-0.5 border-b border-line py-1.5 text-sm last:border-b-0">
            <span className="flex flex-wrap items-center justify-between gap-x-3">
              <span>
                {MACHINE_ACTIONS[action].label}
                {snapshot !== '' && <span className="text-muted"> {snapshot}</span>}
              </span>
              <StatusDot {...DOT[status]} />
            </span>
            {message !== '' && <span className="text-xs wrap-anywhere text-muted">{message}</span>}
            <span className="text-xs text-muted">
              {by !== '' && `${by}, `}
              <RelativeTime date={createdAt} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
