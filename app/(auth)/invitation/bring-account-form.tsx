'use client'

import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { Button } from '@/ui/button'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Input } from '@/ui/input'
import { PasswordInput } from '@/ui/password-input'

/** Accepts with an account that the person has, here or in another tenant; its address is the invited one. */
export function BringAccountForm({ token, back }: { token: string; back: () => void }) {
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const form = useSubmit('bring')
  const accept = () =>
    form.submit(async () => {
      const { next } = await api().invitations.acceptWithAccount.mutate({ token, login, password })
      window.location.assign(next)
    })
  return (
    <form
      method="post"
      noValidate
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        void accept()
      }}
    >
      <FormErrorSummary errors={form.errors} title="That did not work yet" />
      <Field
        {...form.field('login')}
        label="Username"
        hint="Of another tenant: tenant\name, such as bolt\lea"
        required
      >
        <Input
          value={login}
          onChange={(event) => setLogin(event.target.value)}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={256}
          autoFocus
        />
      </Field>
      <Field {...form.field('password')} label="Password" required>
        <PasswordInput
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          autoComplete="current-password"
          maxLength={1000}
        />
      </Field>
      <Button type="submit" variant="primary" size="lg" block loading={form.pending}>
        Accept
      </Button>
      <Button variant="ghost" block onClick={back}>
        Back
      </Button>
    </form>
  )
}
