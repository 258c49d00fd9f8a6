'use client'

import { type ReactNode, useState } from 'react'
import { problemOf } from '@/app/_lib/api-client'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { Field } from '@/ui/field'
import { PasswordInput } from '@/ui/password-input'

interface Props {
  title: string
  consequences?: readonly ReactNode[]
  confirmLabel: string
  tone?: 'default' | 'danger'
  /** @throws what the server says */
  work: (current: string) => Promise<unknown>
  onClose: () => void
}

/** Asks for the password once more before what lets one in is changed. Mount it to open it. */
export function PasswordConfirm({
  title,
  consequences,
  confirmLabel,
  tone = 'danger',
  work,
  onClose,
}: Props) {
  const [current, setCurrent] = useState('')
  const [error, setError] = useState<string>()
  const [pending, setPending] = useState(false)
  const confirm = async () => {
    setPending(true)
    setError(undefined)
    try {
      await work(current)
    } catch (problem) {
      const { message, fields } = problemOf(problem)
      setError(fields?.current ?? message)
      setPending(false)
    }
  }
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={title}
      consequences={consequences}
      confirmLabel={confirmLabel}
      tone={tone}
      pending={pending}
      error={error}
      disabledReason={current === '' && 'Enter your password first'}
      onConfirm={() => void confirm()}
    >
      <Field label="Your password" required>
        <PasswordInput
          data-autofocus
          autoComplete="current-password"
          maxLength={1000}
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
      </Field>
    </ConfirmDialog>
  )
}
