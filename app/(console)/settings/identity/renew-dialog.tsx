'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { daysOf, TOKEN_DAYS } from '@/app/(console)/settings/identity/connection-form'
import type { Made } from '@/app/(console)/settings/identity/token-reveal'
import type { ConnectionRow } from '@/server/features/provisioning/provisioning.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Select } from '@/ui/select'

interface Props {
  connection: ConnectionRow
  onClose: () => void
  onToken: (made: Made) => void
}

/** Asks how long the next token is to hold, and makes it. */
export function RenewDialog({ connection, onClose, onToken }: Props) {
  const router = useRouter()
  const form = useSubmit('renew')
  const [tokenDays, setTokenDays] = useState('')
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const done = await form.submit(async () => {
      const input = { id: connection.id, tokenDays: daysOf(tokenDays) }
      onToken(await api().provisioning.rotate.mutate(input))
    })
    if (!done) return
    onClose()
    router.refresh()
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Renew the token of ${connection.name}`}
      dismissible={!form.pending}
      onSubmit={(event) => void submit(event)}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" loading={form.pending}>
            Renew token
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <FormErrorSummary errors={form.errors} />
        <Alert tone="warning">
          The token of now ends at once. Your directory provisions nothing until you enter the new one there.
        </Alert>
        <Field {...form.field('tokenDays')} label="The new token holds">
          <Select
            value={tokenDays}
            placeholder="Until it is renewed"
            options={TOKEN_DAYS}
            onChange={(event) => setTokenDays(event.target.value)}
          />
        </Field>
      </div>
    </Dialog>
  )
}
