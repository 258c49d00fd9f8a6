'use client'

import { Field } from '@/ui/field'
import { PasswordInput } from '@/ui/password-input'
import { RadioCards } from '@/ui/radio-cards'

export interface PasswordValues {
  mode: 'generate' | 'type'
  password: string
  passwordConfirm: string
}
export const NO_PASSWORD: PasswordValues = { mode: 'generate', password: '', passwordConfirm: '' }

/** What the server takes: without a password it makes one. */
export const passwordInput = ({ mode, password, passwordConfirm }: PasswordValues) =>
  mode === 'type' ? { password, passwordConfirm } : {}

const OPTIONS = [
  { value: 'generate', label: 'Make one', description: 'Shown once, to be handed over.' },
  { value: 'type', label: 'Type one', description: 'At least 12 characters.' },
]

interface Props {
  values: PasswordValues
  change: (values: PasswordValues) => void
  field: (name: string) => { id: string; error?: string }
}

/** A temporary password: made by the server, or typed twice. */
export function PasswordFields({ values, change, field }: Props) {
  return (
    <div className="grid gap-4">
      <RadioCards
        legend="Temporary password"
        name="password-mode"
        columns={2}
        value={values.mode}
        options={OPTIONS}
        onChange={(mode) => change({ ...values, mode: mode === 'type' ? 'type' : 'generate' })}
      />
      {values.mode === 'type' && (
        <div className="grid gap-4 sm:grid-cols-2">
          <Field {...field('password')} label="Password" required>
            <PasswordInput
              autoComplete="new-password"
              maxLength={200}
              value={values.password}
              onChange={(event) => change({ ...values, password: event.target.value })}
            />
          </Field>
          <Field {...field('passwordConfirm')} label="Password, once more" required>
            <PasswordInput
              autoComplete="new-password"
              maxLength={200}
              value={values.passwordConfirm}
              onChange={(event) => change({ ...values, passwordConfirm: event.target.value })}
            />
          </Field>
        </div>
      )}
      <p className="text-xs text-muted">It must be changed at the first sign-in, within 24 hours.</p>
    </div>
  )
}
