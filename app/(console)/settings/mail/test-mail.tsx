'use client'

import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'

/** Sends a mail that says nothing but that it arrived. */
export function TestMail({ open, close, kept }: { open: boolean; close: () => void; kept: boolean }) {
  const [to, setTo] = useState('')
  const { pending, error, run } = useChange(close)
  return (
    <Dialog
      open={open}
      onOpenChange={close}
      title="Send a test mail"
      description={
        kept
          ? 'There is no mail server: it will be kept in this list.'
          : 'It says only that it arrived. If the mail server refuses it, the list says why.'
      }
      onSubmit={() =>
        void run(() => api().mail.test.mutate({ to: to.trim() }), 'The test mail is on its way.')
      }
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" variant="primary" loading={pending}>
            Send
          </Button>
        </>
      }
    >
      {error && <Alert tone="danger">{error}</Alert>}
      <Field label="To" required>
        <Input
          type="email"
          value={to}
          onChange={(event) => setTo(event.target.value)}
          maxLength={254}
          autoComplete="email"
          data-autofocus
        />
      </Field>
    </Dialog>
  )
}
