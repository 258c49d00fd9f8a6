'use client'

import { type FormEvent, useState } from 'react'
import { post } from '@/app/(auth)/_lib/post'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { TextLink } from '@/ui/text-link'

interface Props {
  isMain: boolean
  signInPage: string
}

/** Asks for a link. Says the same whether there is such an account or not. */
export function ForgotForm({ isMain, signInPage }: Props) {
  const [login, setLogin] = useState('')
  const [state, setState] = useState<'asking' | 'pending' | 'sent'>('asking')
  const [message, setMessage] = useState<string>()

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setState('pending')
    setMessage(undefined)
    const answer = await post('/api/sign-in/forgot', { login })
    setState(answer.ok ? 'sent' : 'asking')
    if (!answer.ok) setMessage(answer.message)
  }

  if (state === 'sent')
    return (
      <div className="grid gap-4">
        <Alert tone="success" title="Look into your mail">
          If there is an account for “{login}”, a link is on its way to its e-mail address. It works for 30
          minutes.
        </Alert>
        <p className="text-sm text-muted">
          Nothing there? Look into the spam folder, or ask an administrator to set a password for you.
        </p>
        <p className="text-sm">
          <TextLink href={signInPage}>Back to sign in</TextLink>
        </p>
      </div>
    )
  return (
    <form method="post" onSubmit={(event) => void submit(event)} className="grid gap-4">
      {message && <Alert tone="danger">{message}</Alert>}
      <Field
        label="Username or e-mail address"
        hint={isMain ? 'Customers: tenant\\user, such as acme\\tom' : undefined}
      >
        <Input
          name="login"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus
          maxLength={320}
          value={login}
          onChange={(event) => setLogin(event.target.value)}
        />
      </Field>
      <Button type="submit" variant="primary" size="lg" block loading={state === 'pending'}>
        Send the link
      </Button>
      <p className="text-sm">
        <TextLink href={signInPage}>Back to sign in</TextLink>
      </p>
    </form>
  )
}
