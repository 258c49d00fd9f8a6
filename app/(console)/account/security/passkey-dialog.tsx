'use client'

import { type FormEvent, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { makePasskey, PasskeyError, passkeysWork } from '@/app/_lib/passkey'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { PasswordInput } from '@/ui/password-input'

interface Props {
  /** With the recovery codes that are new, if any. */
  onDone: (recoveryCodes: string[]) => void
  onClose: () => void
}

/** A name and the password; then the browser asks for the finger, face or key. Mount it to open it. */
export function PasskeyDialog({ onDone, onClose }: Props) {
  const [values, setValues] = useState({ name: '', current: '' })
  const [fields, setFields] = useState<Record<string, string>>({})
  const [message, setMessage] = useState<string>()
  const [pending, setPending] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setPending(true)
    setFields({})
    setMessage(undefined)
    try {
      const { options } = await api().secondFactor.passkeyOptions.query()
      const made = await makePasskey(options)
      onDone((await api().secondFactor.addPasskey.mutate({ ...values, ...made })).recoveryCodes)
    } catch (error) {
      const problem = error instanceof PasskeyError ? { message: error.message } : problemOf(error)
      const wrong = 'fields' in problem ? (problem.fields ?? {}) : {}
      setFields(wrong)
      setMessage(Object.keys(wrong).length === 0 ? problem.message : undefined)
      setPending(false)
    }
  }
  const bind = (name: keyof typeof values) => ({
    value: values[name],
    onChange: (event: { target: { value: string } }) => setValues({ ...values, [name]: event.target.value }),
  })
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size="sm"
      title="Add a passkey"
      description="Your browser then asks for your finger, face, PIN or key."
      onSubmit={(event) => void submit(event)}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            loading={pending}
            disabledReason={!passkeysWork() && 'This browser has no passkeys'}
          >
            Add
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        {message && <Alert tone="danger">{message}</Alert>}
        <Field
          label="Name"
          hint="To know it by, such as “Laptop” or “Blue key”."
          error={fields.name}
          required
        >
          <Input data-autofocus maxLength={60} {...bind('name')} />
        </Field>
        <Field label="Your password" error={fields.current} required>
          <PasswordInput autoComplete="current-password" maxLength={1000} {...bind('current')} />
        </Field>
      </div>
    </Dialog>
  )
}
