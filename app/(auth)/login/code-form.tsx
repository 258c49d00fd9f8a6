'use client'

import { type FormEvent, useState } from 'react'
import { PasskeyButton } from '@/app/(auth)/_components/passkey-button'
import type { SignInBase } from '@/app/(auth)/_lib/passkey-sign-in'
import { post } from '@/app/(auth)/_lib/post'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { TextLink } from '@/ui/text-link'

export interface Methods {
  app: boolean
  passkey: boolean
  recovery: boolean
}

interface Props {
  methods: Methods
  username: string
  signInPage: string
  base: SignInBase
}

/** The second factor of somebody who gave their password. */
export function CodeForm({ methods, username, signInPage, base }: Props) {
  const [way, setWay] = useState<'app' | 'recovery'>(methods.app ? 'app' : 'recovery')
  const [code, setCode] = useState('')
  const [message, setMessage] = useState<string>()
  const [pending, setPending] = useState(false)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setPending(true)
    setMessage(undefined)
    const answer = await post<{ next: string }>(
      `${base}/step`,
      way === 'app' ? { code } : { recoveryCode: code },
    )
    if (answer.ok) return window.location.assign(answer.data.next)
    setPending(false)
    setCode('')
    setMessage(answer.message)
  }
  const change = () => {
    setWay(way === 'app' ? 'recovery' : 'app')
    setCode('')
    setMessage(undefined)
  }

  return (
    <form method="post" onSubmit={(event) => void submit(event)} className="grid gap-4">
      {message && <Alert tone="danger">{message}</Alert>}
      {methods.passkey && <PasskeyButton path="/step" base={base} onProblem={setMessage} />}
      {(methods.app || methods.recovery) && (
        <>
          <Field
            label={way === 'app' ? 'Code from your app' : 'Recovery code'}
            hint={
              way === 'app'
                ? `Six digits, for “${username}”. They change every half minute.`
                : 'One of the ten that were shown when the second factor was set up. It works once.'
            }
          >
            <Input
              key={way}
              mono
              name="code"
              inputMode={way === 'app' ? 'numeric' : 'text'}
              autoComplete={way === 'app' ? 'one-time-code' : 'off'}
              autoCapitalize="none"
              spellCheck={false}
              required
              autoFocus
              maxLength={40}
              value={code}
              onChange={(event) => setCode(event.target.value)}
            />
          </Field>
          <Button type="submit" variant="primary" size="lg" block loading={pending}>
            Sign in
          </Button>
        </>
      )}
      {methods.app && methods.recovery && (
        <Button variant="ghost" onClick={change}>
          {way === 'app' ? 'Use a recovery code' : 'Use the app'}
        </Button>
      )}
      <p className="text-sm text-muted">
        Lost it all? An administrator can remove the second factor.{' '}
        <TextLink href={signInPage}>Back to sign in</TextLink>
      </p>
    </form>
  )
}
