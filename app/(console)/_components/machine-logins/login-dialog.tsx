'use client'

import { type FormEvent, useState } from 'react'
import { loginsApi } from '@/app/(console)/_components/machine-logins/logins-api'
import { useSubmit } from '@/app/_lib/use-submit'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Input } from '@/ui/input'
import { PasswordInput } from '@/ui/password-input'
import { Select } from '@/ui/select'
import { Textarea } from '@/ui/textarea'

interface Props {
  system: 'windows' | 'linux'
  label: string
  userId: string | null
  onDone: () => void
  onClose: () => void
}

/** Username with a password, or for Linux a private key. Mount it to open it. */
export function LoginDialog({ system, label, userId, onDone, onClose }: Props) {
  const form = useSubmit('login')
  const [kind, setKind] = useState<'password' | 'key'>('password')
  const [values, setValues] = useState({ username: '', secret: '' })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const login = { system, username: values.username, [kind]: values.secret }
    if (await form.submit(() => loginsApi(userId).set(login))) onDone()
  }
  const bind = (name: keyof typeof values) => ({
    value: values[name],
    onChange: (event: { target: { value: string } }) => setValues({ ...values, [name]: event.target.value }),
  })
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Default login to ${label} machines`}
      description="It takes the place of one that is set. It cannot be read afterwards."
      onSubmit={(event) => void submit(event)}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" loading={form.pending}>
            Set
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <FormErrorSummary errors={form.errors} title="The login is not set" />
        <Field {...form.field('username')} label="Username on the machines" required>
          <Input
            data-autofocus
            autoComplete="off"
            autoCapitalize="none"
            maxLength={100}
            {...bind('username')}
          />
        </Field>
        {system === 'linux' && (
          <Field label="Signs in with">
            <Select
              options={[
                { value: 'password', label: 'A password' },
                { value: 'key', label: 'An SSH key' },
              ]}
              value={kind}
              onChange={(event) => {
                setKind(event.target.value as 'password' | 'key')
                setValues({ ...values, secret: '' })
              }}
            />
          </Field>
        )}
        {kind === 'password' ? (
          <Field {...form.field('password')} label="Password" required>
            <PasswordInput autoComplete="off" maxLength={1000} {...bind('secret')} />
          </Field>
        ) : (
          <Field
            {...form.field('key')}
            label="Private key"
            hint="From -----BEGIN to END-----, without a passphrase."
            required
          >
            <Textarea rows={6} spellCheck={false} maxLength={20_000} {...bind('secret')} />
          </Field>
        )}
      </div>
    </Dialog>
  )
}
