/** What is done with a machine in its cloud, in words. Names are those of server/connectors/contract.ts. */
export interface MachineAction {
  label: string
  /** What happens, for whoever is asked before. */
  says: string
  /** Asked before: it interrupts, or takes something away. */
  asks: boolean
  /** States of the machine in which it makes sense; empty: any. */
  in: readonly string[]
}

export const MACHINE_ACTIONS = {
  start: { label: 'Start', says: 'It is switched on.', asks: false, in: ['stopped'] },
  shutdown: {
    label: 'Shut down',
    says: 'Its system is asked to end cleanly.',
    asks: true,
    in: ['running'],
  },
  reboot: { label: 'Reboot', says: 'Its system is asked to start anew.', asks: true, in: ['running'] },
  stop: {
    label: 'Stop at once',
    says: 'As if its power were cut: what is not saved is lost.',
    asks: true,
    in: ['running', 'paused'],
  },
  suspend: { label: 'Suspend', says: 'It stands still and keeps its memory.', asks: false, in: ['running'] },
  resume: { label: 'Resume', says: 'It goes on where it stood still.', asks: false, in: ['paused'] },
  snapshot: { label: 'Take a snapshot', says: 'Its disks are kept as they are now.', asks: false, in: [] },
  rollback: {
    label: 'Roll back',
    says: 'Its disks become what they were; all that changed since is lost.',
    asks: true,
    in: [],
  },
  delete_snapshot: {
    label: 'Delete snapshot',
    says: 'It cannot be rolled back to any more.',
    asks: true,
    in: [],
  },
  delete: {
    label: 'Delete in the cloud',
    says: 'The machine and its disks are gone for good.',
    asks: true,
    in: ['stopped'],
  },
} as const satisfies Record<string, MachineAction>

export type MachineActionName = keyof typeof MACHINE_ACTIONS
/** Those that are about a snapshot. */
export const ABOUT_SNAPSHOTS: ReadonlySet<string> = new Set(['snapshot', 'rollback', 'delete_snapshot'])

/** Why it makes no sense in this state; undefined: it does. */
export function whyNotIn(name: MachineActionName, state: string | null): string | undefined {
  const wanted: readonly string[] = MACHINE_ACTIONS[name].in
  if (state === 'missing') return 'Its cloud does not tell of it any more'
  return wanted.length === 0 || state === null || wanted.includes(state)
    ? undefined
    : `Only while it is ${wanted.join(' or ')}`
}
