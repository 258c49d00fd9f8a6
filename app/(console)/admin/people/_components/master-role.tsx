'use client'

import { useRoles } from '@/app/(console)/admin/people/_components/use-roles'
import { Field } from '@/ui/field'
import { Select } from '@/ui/select'

interface Props {
  field: { id: string; error?: string }
  value: string
  onChange: (roleId: string) => void
}

/** A role of the master, which a parent-level user has in every tenant. */
export function MasterRole({ field, value, onChange }: Props) {
  const roles = useRoles('master')
  return (
    <Field
      {...field}
      label="Role in every tenant"
      hint="A role of the master tenant; each tenant’s cap cuts it."
    >
      <Select
        value={value}
        disabled={roles === undefined}
        onChange={(event) => onChange(event.target.value)}
        options={[
          { value: '', label: 'The master tenant’s default role' },
          ...(roles ?? []).map(({ id, name, can }) => ({
            value: id,
            label: can.grant ? name : `${name} (more than you may give)`,
            disabled: !can.grant,
          })),
        ]}
      />
    </Field>
  )
}
