'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { PasswordInput } from '@/ui/password-input'
import { Picker } from '@/ui/picker'
import { toast } from '@/ui/toast'

/** Hands the organization over to a member, with the owner's password. */
export function TransferDialog({ onClose }: { onClose: () => void }) {
  const router = useRouter()
  const [to, setTo] = useState<{ value: string; label: string } | null>(null)
  const [password, setPassword] = useState('')
  const form = useSubmit('transfer')
  const send = async () => {
    const done = await form.submit(() =>
      api().organization.transfer.mutate({ userId: to?.value ?? '', password }),
    )
    if (!done) return
    toast.success(`${to?.label ?? 'They'} owns the organization now. You are Admin.`)
    onClose()
    router.refresh()
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Transfer ownership"
      description="They become Owner, you become Admin. Only they can give it back."
      onSubmit={() => void send()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="danger"
            loading={form.pending}
            disabledReason={!to && 'Choose the new owner first'}
          >
            Transfer
          </Button>
        </>
      }
    >
      <FormErrorSummary errors={form.errors} title="It was not handed over" />
      <Field {...form.field('userId')} label="New owner" required>
        <Picker
          label="New owner"
          value={to?.value ?? null}
          selected={to ?? undefined}
          onChange={(option) => setTo({ value: option.value, label: option.label })}
          search={async (search) =>
            (await api().organization.candidates.query({ search })).map(({ id, name, username }) => ({
              value: id,
              label: name,
              hint: username,
            }))
          }
        />
      </Field>
      <Field {...form.field('password')} label="Your password" required>
        <PasswordInput
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          autoComplete="current-password"
          maxLength={1000}
        />
      </Field>
    </Dialog>
  )
}
