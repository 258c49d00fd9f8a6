'use client'

import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import { MACHINE_ACTIONS, type MachineActionName } from '@/lib/machine-actions'
import { ConfirmDialog } from '@/ui/confirm-dialog'

interface Props {
  machine: { id: string; name: string }
  action: MachineActionName
  /** Of the snapshot, where it is about one. */
  snapshot?: string
  onClose: () => void
}

/** Asks before something that interrupts, or takes something away. */
export function ActDialog({ machine, action, snapshot, onClose }: Props) {
  const { label, says } = MACHINE_ACTIONS[action]
  const { pending, error, run } = useChange(onClose)
  const isEnd = action === 'delete'
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      tone={isEnd || action === 'stop' || action === 'rollback' ? 'danger' : 'default'}
      title={`${label}: ${machine.name}${snapshot ? `, ${snapshot}` : ''}`}
      description={says}
      confirmText={isEnd ? machine.name : undefined}
      confirmLabel={label}
      pending={pending}
      error={error}
      onConfirm={() =>
        void run(
          () =>
            api().machines.act.mutate({
              id: machine.id,
              action,
              ...(snapshot && { snapshot }),
              ...(isEnd && { confirmName: machine.name }),
            }),
          `${label}: ${machine.name} is asked.`,
        )
      }
    />
  )
}
