import { type Status, StatusDot } from '@/ui/status-dot'

const STATES: Readonly<Record<string, { status: Status; label: string }>> = {
  running: { status: 'live', label: 'Running' },
  stopped: { status: 'disabled', label: 'Stopped' },
  paused: { status: 'warning', label: 'Paused' },
  online: { status: 'live', label: 'Online' },
  offline: { status: 'offline', label: 'Offline' },
  missing: { status: 'warning', label: 'Missing' },
  unknown: { status: 'unknown', label: 'Unknown' },
}
/** Of a cloud: how the looks into it go. */
const LOOKS: typeof STATES = {
  waiting: { status: 'pending', label: 'Waiting' },
  running: { status: 'live', label: 'Being read' },
  ok: { status: 'live', label: 'Up to date' },
  failed: { status: 'offline', label: 'Not reached' },
  shrunk: { status: 'warning', label: 'Told of less' },
}

/** What is told of a thing's state; a dash where nobody tells. */
export function StateDot({ kind, state }: { kind: string; state: string | null }) {
  const found = state === null ? undefined : (kind === 'cloud' ? LOOKS : STATES)[state]
  return found ? <StatusDot {...found} /> : <span className="text-faint">–</span>
}

/** Kinds whose things have a state of their own. */
export const HAS_STATE: ReadonlySet<string> = new Set(['cloud', 'virtual_machine', 'datastore'])
