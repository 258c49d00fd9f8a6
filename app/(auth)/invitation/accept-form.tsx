'use client'

import { useState } from 'react'
import { suggestUsername } from '@/app/(auth)/_lib/suggest-username'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { Button } from '@/ui/button'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Input } from '@/ui/input'
import { PasswordInput } from '@/ui/password-input'

/** Accepts with a new account. */
export function AcceptForm({ token, email, back }: { token: string; email: string; back: () => void }) {
  const [values, setValues] = useState({
    username: suggestUsername(email),
    firstName: '',
    lastName: '',
    password: '',
    confirm: '',
  })
  const form = useSubmit('accept')
  const bind = (name: keyof typeof values) => ({
    name,
    value: values[name],
    onChange: (event: { target: { value: string } }) => setValues({ ...values, [name]: event.target.value }),
  })
  const accept = () =>
    form.submit(async () => {
      const { next } = await api().invitations.accept.mutate({ token, ...values })
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
      <div className="grid gap-4 sm:grid-cols-2">
        <Field {...form.field('firstName')} label="First name">
          <Input {...bind('firstName')} autoComplete="given-name" maxLength={100} autoFocus />
        </Field>
        <Field {...form.field('lastName')} label="Last name">
          <Input {...bind('lastName')} autoComplete="family-name" maxLength={100} />
        </Field>
      </div>
      <Field {...form.field('username')} label="Username" required>
        <Input
          {...bind('username')}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={64}
        />
      </Field>
      <Field
        {...form.field('password')}
        label="Password"
        hint="At least 12 characters. A few unrelated words are good."
        required
      >
        <PasswordInput {...bind('password')} autoComplete="new-password" maxLength={200} />
      </Field>
      <Field {...form.field('confirm')} label="Password, once more" required>
        <PasswordInput {...bind('confirm')} autoComplete="new-password" maxLength={200} />
      </Field>
      <Button type="submit" variant="primary" size="lg" block loading={form.pending}>
        Accept and sign in
      </Button>
      <Button variant="ghost" block onClick={back}>
        Back
      </Button>
    </form>
  )
}
