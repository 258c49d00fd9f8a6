'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { Field } from '@/ui/field'
import { type FormError, FormErrorSummary } from '@/ui/form-error-summary'
import { PasswordInput } from '@/ui/password-input'
import { toast } from '@/ui/toast'

const EMPTY = { current: '', password: '', confirm: '' }

interface Props {
  username: string
  /** Characters that the tenant asks for. */
  min: number
  /** Where to go on to afterwards, when the change was due; else one stays. */
  home?: string
}

/** The current password, and twice the new one. Signs out everywhere else. */
export function PasswordForm({ username, min, home }: Props) {
  const router = useRouter()
  const [values, setValues] = useState(EMPTY)
  const [fields, setFields] = useState<Record<string, string>>({})
  const [errors, setErrors] = useState<FormError[]>([])
  const [pending, setPending] = useState(false)

  const bind = (name: keyof typeof EMPTY) => ({
    value: values[name],
    maxLength: name === 'current' ? 1000 : 200,
    onChange: (event: { target: { value: string } }) => setValues({ ...values, [name]: event.target.value }),
  })
  const field = (name: keyof typeof EMPTY) => ({
    id: `password-${name}`,
    error: fields[name],
    required: true,
  })

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setPending(true)
    setFields({})
    setErrors([])
    try {
      const { otherSessionsEnded } = await api().account.changePassword.mutate(values)
      setValues(EMPTY)
      if (home !== undefined) return window.location.assign(home)
      toast.success('Your password is changed.', {
        description:
          otherSessionsEnded > 0
            ? `You were signed out in ${otherSessionsEnded} other ${otherSessionsEnded === 1 ? 'place' : 'places'}.`
            : undefined,
      })
      router.refresh()
    } catch (error) {
      const problem = problemOf(error)
      const wrong = problem.fields ?? {}
      setFields(wrong)
      const named = Object.entries(wrong).map(([name, message]) => ({ field: `password-${name}`, message }))
      setErrors(named.length > 0 ? named : [{ message: problem.message }])
    }
    setPending(false)
  }

  return (
    <Card title="Change password" description="You stay signed in here and are signed out everywhere else.">
      <form method="post" onSubmit={(event) => void submit(event)} noValidate className="grid gap-4">
        <FormErrorSummary errors={errors} title="The password is not changed" />
        {/* For password managers: whose password this is. */}
        <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
        <Field {...field('current')} label="Current password">
          <PasswordInput {...bind('current')} autoComplete="current-password" />
        </Field>
        <Field
          {...field('password')}
          label="New password"
          hint={`At least ${min} characters. A few unrelated words are good.`}
        >
          <PasswordInput {...bind('password')} autoComplete="new-password" />
        </Field>
        <Field {...field('confirm')} label="New password, once more">
          <PasswordInput {...bind('confirm')} autoComplete="new-password" />
        </Field>
        <Button type="submit" variant="primary" loading={pending} className="justify-self-start">
          Change password
        </Button>
      </form>
    </Card>
  )
}
