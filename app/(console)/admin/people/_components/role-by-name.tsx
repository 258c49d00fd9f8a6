'use client'

import type { InviteOptions } from '@/server/features/invitations/invitations.all.schema'
import { Field } from '@/ui/field'
import { Select } from '@/ui/select'

interface Props {
  field: { id: string; error?: string }
  roles: InviteOptions['roles']
  value: string
  onChange: (name: string) => void
  hint?: string
}

/** A role that every tenant has one of, by its name: where a tenant edited it, its own is meant. */
export const RoleByName = ({ field, roles, value, onChange, hint }: Props) => (
  <Field {...field} label="Role in each tenant" hint={hint}>
    <Select
      value={value}
      onChange={(event) => onChange(event.target.value)}
      options={[
        { value: '', label: 'Each tenant’s default role' },
        ...roles.map(({ name, can }) => ({
          value: name,
          label: can.grant ? name : `${name} (more than you may give)`,
          disabled: !can.grant,
        })),
      ]}
    />
  </Field>
)
