'use client'

import { Field } from '@/ui/field'
import { Input } from '@/ui/input'

interface Props {
  value: string
  onChange: (value: string) => void
  /** What stands before and after the subdomain. */
  address: { before: string; after: string }
  field: { id: string; error?: string }
  hint: string
  autoFocus?: boolean
}

/** The subdomain of a new organization, within the address that it makes. */
export function AddressField({ value, onChange, address, field, hint, autoFocus }: Props) {
  return (
    <Field {...field} label="Address" hint={hint} required>
      <Input
        mono
        name="slug"
        value={value}
        maxLength={63}
        prefix={<span className="text-xs max-sm:hidden">{address.before}</span>}
        suffix={<span className="text-xs">{address.after}</span>}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        autoFocus={autoFocus}
        onChange={(event) => onChange(event.target.value.toLowerCase())}
      />
    </Field>
  )
}
