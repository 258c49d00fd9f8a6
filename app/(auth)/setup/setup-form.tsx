'use client'

import { type FormEvent, useState } from 'react'
import { signIn } from '@/app/(auth)/_lib/sign-in'
import { api, problemOf } from '@/app/_lib/api-client'
import { Button } from '@/ui/button'
import { Field } from '@/ui/field'
import { type FormError, FormErrorSummary } from '@/ui/form-error-summary'
import { Input } from '@/ui/input'
import { PasswordInput } from '@/ui/password-input'

const EMPTY = {
  code: '',
  organisation: '',
  firstName: '',
  lastName: '',
  username: '',
  email: '',
  password: '',
  confirm: '',
}
type Name = keyof typeof EMPTY

/** Makes the master tenant and its first administrator, who is then signed in. */
export function SetupForm({ home, signInPage }: { home: string; signInPage: string }) {
  const [values, setValues] = useState(EMPTY)
  const [fields, setFields] = useState<Record<string, string>>({})
  const [errors, setErrors] = useState<FormError[]>([])
  const [pending, setPending] = useState(false)

  const bind = (name: Name) => ({
    name,
    value: values[name],
    onChange: (event: { target: { value: string } }) => setValues({ ...values, [name]: event.target.value }),
  })
  const field = (name: Name, label: string, hint?: string) => ({
    id: `setup-${name}`,
    label,
    hint,
    error: fields[name],
    required: true,
  })

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setPending(true)
    try {
      const { username } = await api().setup.finish.mutate(values)
      const answer = await signIn(username, values.password, { isMain: true, next: home })
      window.location.assign(answer.ok ? answer.next : signInPage)
    } catch (error) {
      const problem = problemOf(error)
      const wrong = problem.fields ?? {}
      setFields(wrong)
      const named = Object.entries(wrong).map(([name, message]) => ({ field: `setup-${name}`, message }))
      setErrors(named.length > 0 ? named : [{ message: problem.message }])
      setPending(false)
    }
  }

  return (
    <form method="post" onSubmit={(event) => void submit(event)} noValidate className="grid gap-4">
      <FormErrorSummary errors={errors} title="Set-up is not complete yet" />
      <Field {...field('code', 'One-time code', 'Freehold printed it in the terminal where it was started.')}>
        <Input
          {...bind('code')}
          mono
          autoFocus
          autoComplete="one-time-code"
          autoCapitalize="characters"
          spellCheck={false}
          placeholder="XXXX-XXXX-XXXX-XXXX"
        />
      </Field>
      <Field
        {...field(
          'organisation',
          'Organisation',
          'The master tenant: it owns the infrastructure and looks after the others.',
        )}
      >
        <Input {...bind('organisation')} autoComplete="organization" maxLength={100} />
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field {...field('firstName', 'First name')}>
          <Input {...bind('firstName')} autoComplete="given-name" maxLength={100} />
        </Field>
        <Field {...field('lastName', 'Last name')}>
          <Input {...bind('lastName')} autoComplete="family-name" maxLength={100} />
        </Field>
      </div>
      <Field {...field('username', 'Username')}>
        <Input
          {...bind('username')}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={64}
        />
      </Field>
      <Field {...field('email', 'E-mail address')}>
        <Input {...bind('email')} type="email" autoComplete="email" maxLength={254} />
      </Field>
      <Field {...field('password', 'Password', 'At least 12 characters. A few unrelated words are good.')}>
        <PasswordInput {...bind('password')} autoComplete="new-password" maxLength={200} />
      </Field>
      <Field {...field('confirm', 'Password, once more')}>
        <PasswordInput {...bind('confirm')} autoComplete="new-password" maxLength={200} />
      </Field>
      <Button type="submit" variant="primary" size="lg" block loading={pending}>
        Finish set-up
      </Button>
    </form>
  )
}
