'use client'

import { type FormEvent, useState } from 'react'
import { post } from '@/app/(auth)/_lib/post'
import { RecoveryCodes } from '@/app/_components/recovery-codes'
import { TotpSecret } from '@/app/_components/totp-secret'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'

interface Props {
  secret: string
  qr: string
  ticket: string
}

/** For whoever has to have a second factor and has none: sets an app up, shows the recovery codes, goes on. */
export function SetUpForm({ secret, qr, ticket }: Props) {
  const [code, setCode] = useState('')
  const [message, setMessage] = useState<string>()
  const [pending, setPending] = useState(false)
  const [done, setDone] = useState<{ next: string; recoveryCodes: string[] }>()

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setPending(true)
    setMessage(undefined)
    const answer = await post<{ next: string; recoveryCodes: string[] }>('/api/sign-in/step/set-up', {
      ticket,
      code,
    })
    setPending(false)
    if (answer.ok) return setDone(answer.data)
    setCode('')
    setMessage(answer.message)
  }

  if (done)
    return (
      <div className="grid gap-4">
        <RecoveryCodes codes={done.recoveryCodes} />
        <Button variant="primary" size="lg" block onClick={() => window.location.assign(done.next)}>
          I have kept them: go on
        </Button>
      </div>
    )
  return (
    <form method="post" onSubmit={(event) => void submit(event)} className="grid gap-4">
      <Alert tone="info" title="Your tenant asks for a second factor">
        Scan this with an app of one-time codes, such as the one of your password manager, and enter the code
        that it shows.
      </Alert>
      {message && <Alert tone="danger">{message}</Alert>}
      <TotpSecret qr={qr} secret={secret} />
      <Field label="Code from the app" required>
        <Input
          mono
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          maxLength={20}
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
      </Field>
      <Button type="submit" variant="primary" size="lg" block loading={pending}>
        Set up and sign in
      </Button>
    </form>
  )
}
