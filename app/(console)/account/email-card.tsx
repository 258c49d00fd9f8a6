'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { Alert } from '@/ui/alert'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Input } from '@/ui/input'
import { PasswordInput } from '@/ui/password-input'
import { toast } from '@/ui/toast'

interface Props {
  email: string
  verified: boolean
  /** Why it cannot be changed here. */
  elsewhere?: string
}

/** My e-mail address: whether it is confirmed, and the way to another. */
export function EmailCard({ email, verified, elsewhere }: Props) {
  const router = useRouter()
  const [changing, setChanging] = useState(false)
  const [sentTo, setSentTo] = useState<string>()
  const [sending, setSending] = useState(false)

  const send = async () => {
    setSending(true)
    try {
      setSentTo((await api().account.sendVerification.mutate()).sentTo)
    } catch (error) {
      toast.error(problemOf(error).message)
    }
    setSending(false)
  }
  const asked = (to: string) => {
    setSentTo(to)
    setChanging(false)
    router.refresh()
  }

  return (
    <Card title="E-mail address" description="Links to set a forgotten password, and notices, go there.">
      <div className="grid gap-4">
        <p className="flex flex-wrap items-center gap-2 text-sm">
          <span className="font-medium wrap-anywhere">{email}</span>
          <Badge tone={verified ? 'success' : 'warning'}>{verified ? 'Confirmed' : 'Not confirmed'}</Badge>
        </p>
        {sentTo && (
          <Alert tone="info" title="Look into your mail">
            A link was sent to {sentTo}. It works for 24 hours
            {sentTo === email ? '.' : '; until it is opened, your address stays as it is.'}
          </Alert>
        )}
        {changing ? (
          <ChangeForm onDone={asked} onCancel={() => setChanging(false)} />
        ) : (
          <div className="flex flex-wrap gap-2">
            {!verified && (
              <Button loading={sending} disabledReason={elsewhere} onClick={() => void send()}>
                Send a link to confirm it
              </Button>
            )}
            <Button disabledReason={elsewhere} onClick={() => setChanging(true)}>
              Change
            </Button>
          </div>
        )}
      </div>
    </Card>
  )
}

function ChangeForm({ onDone, onCancel }: { onDone: (sentTo: string) => void; onCancel: () => void }) {
  const form = useSubmit('email')
  const [values, setValues] = useState({ email: '', current: '' })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    await form.submit(async () => onDone((await api().account.changeEmail.mutate(values)).sentTo))
  }
  return (
    <form method="post" onSubmit={(event) => void submit(event)} noValidate className="grid max-w-md gap-4">
      <FormErrorSummary errors={form.errors} title="The address is not changed" />
      <Field {...form.field('email')} label="New address" required>
        <Input
          type="email"
          autoComplete="email"
          autoFocus
          maxLength={254}
          value={values.email}
          onChange={(event) => setValues({ ...values, email: event.target.value })}
        />
      </Field>
      <Field {...form.field('current')} label="Your password" required>
        <PasswordInput
          autoComplete="current-password"
          maxLength={1000}
          value={values.current}
          onChange={(event) => setValues({ ...values, current: event.target.value })}
        />
      </Field>
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" loading={form.pending}>
          Send a link there
        </Button>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </form>
  )
}
