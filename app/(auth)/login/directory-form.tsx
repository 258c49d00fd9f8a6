'use client'

import { type FormEvent, useEffect, useRef, useState } from 'react'
import { signInByDirectory } from '@/app/(auth)/_lib/sign-in'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { PasswordInput } from '@/ui/password-input'
import { TextLink } from '@/ui/text-link'

interface Props {
  sourceId: string
  /** Where all ways to sign in are. */
  signInPage: string
  next?: string
}

/** Name and password of the tenant's directory. The password has no `name`: a form sent without JavaScript never carries it. */
export function DirectoryForm({ sourceId, signInPage, next }: Props) {
  const [message, setMessage] = useState<string>()
  const [pending, setPending] = useState(false)
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const [failures, setFailures] = useState(0)
  const loginRef = useRef<HTMLInputElement>(null)
  const passwordRef = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (failures > 0) passwordRef.current?.focus()
  }, [failures])

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    // From the fields: what a password manager filled in before React took over is in no state yet.
    const typed = {
      login: loginRef.current?.value ?? login,
      password: passwordRef.current?.value ?? password,
    }
    setLogin(typed.login)
    setPassword(typed.password)
    setPending(true)
    setMessage(undefined)
    const answer = await signInByDirectory(sourceId, typed.login, typed.password, next)
    if (answer.ok) return window.location.assign(answer.next) // a full load: nothing of before is left
    setPending(false)
    setMessage(answer.message)
    setPassword('')
    setFailures((n) => n + 1)
  }

  return (
    <form method="get" action={signInPage} onSubmit={(event) => void submit(event)} className="grid gap-4">
      {message && <Alert tone="danger">{message}</Alert>}
      <Field label="Username">
        <Input
          ref={loginRef}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus
          maxLength={256}
          value={login}
          onChange={(event) => setLogin(event.target.value)}
        />
      </Field>
      <Field label="Password">
        <PasswordInput
          ref={passwordRef}
          autoComplete="current-password"
          required
          maxLength={1000}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
      <Button type="submit" variant="primary" size="lg" block loading={pending}>
        Sign in
      </Button>
      <p className="text-sm">
        <TextLink href={next === undefined ? signInPage : `${signInPage}?next=${encodeURIComponent(next)}`}>
          Sign in another way
        </TextLink>
      </p>
      <noscript>
        <p className="text-sm text-muted">
          Signing in needs JavaScript. Turn it on and load this page again.
        </p>
      </noscript>
    </form>
  )
}
