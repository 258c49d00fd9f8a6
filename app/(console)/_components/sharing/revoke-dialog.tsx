'use client'

import { api } from '@/app/_lib/api-client'
import { EffectsPreview } from '@/app/(console)/_components/resources/effects-preview'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import { ConfirmDialog } from '@/ui/confirm-dialog'

interface Props {
  ids: readonly string[]
  /** `web-01 from Bolt`, `3 shares`. */
  what: string
  onClose: () => void
}

/** Takes shares back, after saying who loses what. */
export function RevokeDialog({ ids, what, onClose }: Props) {
  const { pending, error, run } = useChange(onClose)
  const input = { ids: [...ids] }
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`Take back ${what}?`}
      description="It is gone from the other side at once. What is being changed there at this moment is not saved."
      confirmLabel="Take back"
      pending={pending}
      error={error}
      onConfirm={() => void run(() => api().grants.revoke.mutate(input), 'Taken back.')}
    >
      <EffectsPreview
        question={JSON.stringify(input)}
        ask={(signal) => api().grants.revokePreview.query(input, { signal })}
      />
    </ConfirmDialog>
  )
}
