'use client'

import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import type { SignUpRow } from '@/server/features/sign-up/sign-up.schema'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'

/** Approves or declines somebody who waits; either way they get a mail. */
export function AnswerDialog({
  row,
  approve,
  close,
}: {
  row: SignUpRow
  approve: boolean
  close: () => void
}) {
  const [reason, setReason] = useState('')
  const { pending, error, run } = useChange(close)
  const answer = () =>
    approve
      ? run(
          () => api().signUp.approve.mutate({ id: row.id }),
          `A mail to ${row.email} says that it is approved.`,
        )
      : run(
          () => api().signUp.decline.mutate({ id: row.id, reason }),
          `A mail to ${row.email} says that it is declined.`,
        )
  return (
    <ConfirmDialog
      open
      onOpenChange={close}
      title={approve ? `Approve “${row.name}”?` : `Decline “${row.name}”?`}
      description={
        approve
          ? `${row.email} gets a link that makes the tenant at the address “${row.slug}”. It works for 7 days.`
          : `${row.email} gets a mail that says so. They may ask again.`
      }
      tone={approve ? 'default' : 'danger'}
      confirmLabel={approve ? 'Approve' : 'Decline'}
      pending={pending}
      error={error ?? undefined}
      onConfirm={() => void answer()}
    >
      {!approve && (
        <Field label="Why" hint="Stands in the mail. May be left empty.">
          <Input value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />
        </Field>
      )}
    </ConfirmDialog>
  )
}
