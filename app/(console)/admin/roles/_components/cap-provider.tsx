'use client'

import type { CapDetail } from '@/server/features/roles/tenant-roles.schema'
import { Card } from '@/ui/card'
import { Field } from '@/ui/field'
import { Select } from '@/ui/select'

const OPTIONS = [
  { value: 'free', label: 'As each tenant says (always, until it says otherwise)' },
  { value: 'always', label: 'Always' },
  { value: 'ask', label: 'After asking the tenant' },
  { value: 'never', label: 'Never' },
]

interface Props {
  value: CapDetail['providerAccess']
  /** Why it cannot be changed. */
  locked?: string
  onChange: (value: CapDetail['providerAccess']) => void
}

/** Whether the tenants of a role choose how the provider's people get in as one of their users. */
export function CapProvider({ value, locked, onChange }: Props) {
  return (
    <Card title="Impersonation">
      <Field
        label="Your people act as users of these tenants"
        hint="Anything but the first is settled for every tenant with this role; they see it under Settings > Provider access."
      >
        <Select
          value={value}
          options={OPTIONS}
          disabled={locked !== undefined}
          onChange={(event) => onChange(event.target.value as CapDetail['providerAccess'])}
        />
      </Field>
    </Card>
  )
}
