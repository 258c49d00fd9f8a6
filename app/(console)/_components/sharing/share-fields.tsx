'use client'

import { SHARE_ROLES } from '@/app/(console)/_components/sharing/share-words'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { RadioCards } from '@/ui/radio-cards'

export type ShareRole = 'viewer' | 'editor' | 'admin'

/** Role and end of a share. */
export interface Worth {
  role: ShareRole
  /** yyyy-mm-dd; empty: it does not end. */
  until: string
}

/** The last moment of that day where the person is. */
export const endOf = (until: string): string | undefined =>
  until === '' ? undefined : new Date(`${until}T23:59:59`).toISOString()

/** The day of an end, as the field has it. */
export function dayOf(end: string | null): string {
  if (end === null) return ''
  const date = new Date(end)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

interface Props {
  value: Worth
  onChange: (value: Worth) => void
  field: (name: string) => { id: string; error?: string }
}

export function ShareFields({ value, onChange, field }: Props) {
  return (
    <>
      <RadioCards
        legend="Role"
        name="role"
        columns={3}
        options={SHARE_ROLES}
        value={value.role}
        onChange={(role) => onChange({ ...value, role: role as ShareRole })}
      />
      <Field
        {...field('expiresAt')}
        label="Last day"
        hint="Both tenants are reminded 7 days and 1 day before. Leave it empty for no end."
      >
        <Input
          type="date"
          value={value.until}
          onChange={(event) => onChange({ ...value, until: event.target.value })}
        />
      </Field>
    </>
  )
}
