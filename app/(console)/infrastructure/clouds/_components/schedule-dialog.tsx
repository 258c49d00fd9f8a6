'use client'

import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import type { SyncView } from '@/server/features/connections/connections.schema'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { Field } from '@/ui/field'
import { Select } from '@/ui/select'

const CHOICES = [
  { value: '60', label: 'Every minute' },
  { value: '300', label: 'Every 5 minutes' },
  { value: '900', label: 'Every 15 minutes' },
  { value: '3600', label: 'Every hour' },
  { value: '21600', label: 'Every 6 hours' },
  { value: '86400', label: 'Once a day' },
] as const

interface Props {
  cloud: { id: string; name: string }
  sync: SyncView
  onClose: () => void
}

/** How often a cloud is read. */
export function ScheduleDialog({ cloud, sync, onClose }: Props) {
  const now = String(sync.everySeconds)
  const [every, setEvery] = useState(now)
  const { pending, error, run } = useChange(onClose)
  const choices = CHOICES.some(({ value }) => value === now)
    ? CHOICES
    : [{ value: now, label: `Every ${now} seconds` }, ...CHOICES]
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      tone="default"
      title={`How often is ${cloud.name} read?`}
      description="A look is one or a few requests to the cloud, whatever its size."
      confirmLabel="Save"
      pending={pending}
      error={error}
      onConfirm={() =>
        void run(
          () =>
            api().connections.schedule.mutate({
              id: cloud.id,
              everySeconds: Number(every),
              paused: sync.paused,
            }),
          'Saved.',
        )
      }
    >
      <Field label="Look into it">
        <Select options={choices} value={every} onChange={(event) => setEvery(event.target.value)} />
      </Field>
    </ConfirmDialog>
  )
}
