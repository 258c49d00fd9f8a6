'use client'

import { type FormEvent, useState } from 'react'
import { Checking } from '@/app/(auth)/_components/checking'
import { DeadLink } from '@/app/(auth)/_components/dead-link'
import { post } from '@/app/(auth)/_lib/post'
import { useLink } from '@/app/(auth)/_lib/use-link'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Field } from '@/ui/field'
import { PasswordInput } from '@/ui/password-input'

import { TextLink } from '@/ui/text-link'

interface Props {
  forgotPage: string
  signInPage: string
}

/** The new password, twice, for whoever came by a link. */
export function ResetForm({ forgotPage, signInPage }: Props) {
  const link = useLink<{ username: string; passwordMin: number }>('/api/sign-in/reset/check')
  const [done, setDone] = useState(false)
  if (done)
    return (
      <div className="grid gap-4">
        <Alert tone="success" title="Your new password is set">
          You were signed out everywhere.
        </Alert>
        <p className="text-sm">
          <TextLink href={signInPage}>Sign in</TextLink>
        </p>
      </div>
    )
  if (link.at === 'checking') return <Checking what="Looking at the link" />
  if (link.at === 'dead')
    return <DeadLink message={link.message} href={forgotPage} label="Ask for a new link" />
  return (
    <NewPassword
      token={link.token}
      username={link.data.username}
      min={link.data.passwordMin}
      onDone={() => setDone(true)}
    />
  )
}

interface NewProps {
  token: string
  username: string
  min: number
  onDone: () => void
}

function NewPassword({ token, username, min, onDone }: NewProps) {
  const [values, setValues] = useState({ password: '', confirm: '' })
  const [fields, setFields] = useState<Record<string, string>>({})
  const [message, setMessage] = useState<string>()
  const [pending, setPending] = useState(false)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setPending(true)
    setFields({})
    setMessage(undefined)
    const answer = await post('/api/sign-in/reset', { token, ...values })
    setPending(false)
    if (answer.ok) return onDone()
    setFields(answer.fields)
    if (Object.keys(answer.fields).length === 0) setMessage(answer.message)
  }
  const bind = (name: keyof typeof values) => ({
    value: values[name],
    maxLength: 200,
    autoComplete: 'new-password',
    onChange: (event: { target: { value: string } }) => setValues({ ...values, [name]: event.target.value }),
  })

  return (
    <form method="post" onSubmit={(event) => void submit(event)} noValidate className="grid gap-4">
      {message && <Alert tone="danger">{message}</Alert>}
      {/* For password managers: whose password this is. */}
      <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
      <Field
        id="reset-password"
        label={`New password for ${username}`}
        hint={`At least ${min} characters. A few unrelated words are good.`}
        error={fields.password}
        required
      >
        <PasswordInput {...bind('password')} autoFocus />
      </Field>
      <Field id="reset-confirm" label="New password, once more" error={fields.confirm} required>
        <PasswordInput {...bind('confirm')} />
      </Field>
      <Button type="submit" variant="primary" size="lg" block loading={pending}>
        Set the password
      </Button>
    </form>
  )
}
