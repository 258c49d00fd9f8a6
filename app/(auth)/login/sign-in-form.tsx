'use client'

import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { PasskeyButton } from '@/app/(auth)/_components/passkey-button'
import { signIn } from '@/app/(auth)/_lib/sign-in'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { PasswordInput } from '@/ui/password-input'
import { TextLink } from '@/ui/text-link'

interface Props {
  /** Address of this page: without JavaScript the form comes back here, and `acme\tom` is sent on to Acme's page. */
  action: string
  forgotPage: string
  isMain: boolean
  hint?: string
  next?: string
  /** What went wrong before this page. */
  problem?: string
}

/** Username and password. The password has no `name`: a form sent without JavaScript never carries it. */
export function SignInForm({ action, forgotPage, isMain, hint, next, problem }: Props) {
  const [message, setMessage] = useState(problem)
  const [pending, setPending] = useState(false)
  const [capsLock, setCapsLock] = useState(false)
  const [login, setLogin] = useState(hint ?? '')
  const [password, setPassword] = useState('')
  const loginRef = useRef<HTMLInputElement>(null)
  const passwordRef = useRef<HTMLInputElement>(null)
  const [failures, setFailures] = useState(0)
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
    const answer = await signIn(typed.login, typed.password, { isMain, next })
    if (answer.ok) return window.location.assign(answer.next) // a full load: nothing of before is left
    setPending(false)
    setMessage(answer.message)
    setPassword('')
    setFailures((n) => n + 1)
  }
  const watchCapsLock = (event: KeyboardEvent) => setCapsLock(event.getModifierState('CapsLock'))

  return (
    <form method="get" action={action} onSubmit={(event) => void submit(event)} className="grid gap-4">
      {message && <Alert tone="danger">{message}</Alert>}
      <Field label="Username" hint={isMain ? 'Customers: tenant\\user, such as acme\\tom' : undefined}>
        <Input
          ref={loginRef}
          name="login"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus={!hint}
          maxLength={256}
          value={login}
          onChange={(event) => setLogin(event.target.value)}
        />
      </Field>
      <Field label="Password" hint={capsLock ? 'Caps Lock is on.' : undefined}>
        <PasswordInput
          ref={passwordRef}
          autoComplete="current-password"
          required
          autoFocus={Boolean(hint)}
          maxLength={1000}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          onKeyUp={watchCapsLock}
          onKeyDown={watchCapsLock}
        />
      </Field>
      <Button type="submit" variant="primary" size="lg" block loading={pending}>
        Sign in
      </Button>
      <PasskeyButton path="" next={next} onProblem={setMessage} />
      <p className="text-sm">
        <TextLink href={forgotPage}>Forgot your password?</TextLink>
      </p>
      <noscript>
        <p className="text-sm text-muted">
          Signing in needs JavaScript. Turn it on and load this page again.
        </p>
      </noscript>
    </form>
  )
}
