'use client'

import { type FormEvent, useEffect, useRef, useState } from 'react'
import { TotpSecret } from '@/app/_components/totp-secret'
import { api, problemOf } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Input } from '@/ui/input'
import { PasswordInput } from '@/ui/password-input'

interface Props {
  /** With the recovery codes that are new, if any. */
  onDone: (recoveryCodes: string[]) => void
  onClose: () => void
}

/** Scan, enter the first code and the password. Mount it to open it. */
export function SetUpDialog({ onDone, onClose }: Props) {
  const form = useSubmit('totp')
  const [setUp, setSetUp] = useState<{ secret: string; qr: string; ticket: string }>()
  const [problem, setProblem] = useState<string>()
  const [values, setValues] = useState({ code: '', current: '' })
  const begun = useRef(false)
  useEffect(() => {
    if (begun.current) return
    begun.current = true
    api()
      .secondFactor.begin.query()
      .then(setSetUp, (error: unknown) => setProblem(problemOf(error).message))
  }, [])
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!setUp) return
    await form.submit(async () => {
      const { recoveryCodes } = await api().secondFactor.enable.mutate({ ticket: setUp.ticket, ...values })
      onDone(recoveryCodes)
    })
  }
  const bind = (name: keyof typeof values) => ({
    value: values[name],
    onChange: (event: { target: { value: string } }) => setValues({ ...values, [name]: event.target.value }),
  })
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Set up codes from an app"
      description="Scan this with the app, then enter the code that it shows."
      onSubmit={(event) => void submit(event)}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            loading={form.pending}
            disabledReason={!setUp && 'One moment'}
          >
            Turn on
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <FormErrorSummary errors={form.errors} title="The codes are not turned on" />
        {problem && <Alert tone="danger">{problem}</Alert>}
        {setUp && <TotpSecret qr={setUp.qr} secret={setUp.secret} />}
        <Field {...form.field('code')} label="Code from the app" required>
          <Input mono inputMode="numeric" autoComplete="one-time-code" maxLength={20} {...bind('code')} />
        </Field>
        <Field {...form.field('current')} label="Your password" required>
          <PasswordInput autoComplete="current-password" maxLength={1000} {...bind('current')} />
        </Field>
      </div>
    </Dialog>
  )
}
