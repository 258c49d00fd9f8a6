'use client'

import { api } from '@/app/_lib/api-client'
import { Field } from '@/ui/field'
import { Picker } from '@/ui/picker'
import type { PickerOption } from '@/ui/picker-panel'
import { TenantMark } from '@/ui/tenant-mark'

interface Props {
  kind: string
  value: PickerOption | null
  onChange: (tenant: PickerOption) => void
  hint?: string
  id?: string
  error?: string
}

/** A tenant as the picker shows it. */
export const tenantOption = ({
  id,
  name,
  icon,
}: {
  id: string
  name: string
  icon: string
}): PickerOption => ({
  value: id,
  label: name,
  icon: <TenantMark name={name} icon={icon} seed={id} size="sm" />,
})

/** Chooses whom something is assigned to, the master tenant among them. */
export function TenantPicker({ kind, value, onChange, hint, id, error }: Props) {
  return (
    <Field label="Tenant" hint={hint} id={id} error={error}>
      <Picker
        label="Tenant"
        value={value?.value ?? null}
        selected={value}
        onChange={onChange}
        search={async (search, signal) =>
          (await api().resources.assignable.query({ kind, search }, { signal })).rows.map(tenantOption)
        }
      />
    </Field>
  )
}
