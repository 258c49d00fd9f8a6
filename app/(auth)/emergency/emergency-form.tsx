'use client'

import { type FormEvent, useRef, useState } from 'react'
import { post } from '@/app/(auth)/_lib/post'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { PasswordInput } from '@/ui/password-input'

/** Username and password of an account for emergency access. The password has no `name`: a form sent without JavaScript never carries it. */
export function EmergencyForm() {
  const [message, setMessage] = useState<string>()
  const [pending, setPending] = useState(false)
  const login = useRef<HTMLInputElement>(null)
  const password = useRef<HTMLInputElement>(null)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setPending(true)
    setMessage(undefined)
    const answer = await post<{ next: string }>('/api/emergency', {
      login: login.current?.value ?? '',
      password: password.current?.value ?? '',
    })
    if (answer.ok) return window.location.assign(answer.data.next)
    setPending(false)
    setMessage(answer.message)
    if (password.current) password.current.value = ''
    password.current?.focus()
  }

  return (
    <form method="post" onSubmit={(event) => void submit(event)} className="grid gap-4">
      {message && <Alert tone="danger">{message}</Alert>}
      <Field label="Username">
        <Input
          ref={login}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus
          maxLength={256}
        />
      </Field>
      <Field label="Password" hint="A second factor is asked for next.">
        <PasswordInput ref={password} autoComplete="current-password" required maxLength={1000} />
      </Field>
      <Button type="submit" variant="primary" size="lg" block loading={pending}>
        Go on
      </Button>
    </form>
  )
}
