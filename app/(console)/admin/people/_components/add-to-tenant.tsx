'use client'

import { useState } from 'react'
import { AddGuestDialog } from '@/app/(console)/_components/users/add-guest-dialog'
import { searchTenants } from '@/app/(console)/admin/people/_components/tenant-search'
import { useRoles } from '@/app/(console)/admin/people/_components/use-roles'
import type { PersonDetail } from '@/server/features/people/people.schema'
import { Field } from '@/ui/field'
import { Picker } from '@/ui/picker'

interface Props {
  person: PersonDetail
  onClose: () => void
  onDone: () => void
}

/** Makes somebody a member of another subtenant. */
export function AddToTenant({ person, onClose, onDone }: Props) {
  const [tenant, setTenant] = useState({ id: '', name: '' })
  const roles = useRoles(tenant.id)
  return (
    <AddGuestDialog
      tenantId={tenant.id}
      tenantName={tenant.name}
      title={`Add ${person.name} to a tenant`}
      person={person}
      roles={roles}
      onClose={onClose}
      onDone={onDone}
    >
      <Field id="guest-tenantId" label="Tenant" required>
        <Picker
          label="Tenant"
          value={tenant.id}
          selected={tenant.id === '' ? null : { value: tenant.id, label: tenant.name }}
          search={async (query, signal) =>
            (await searchTenants(query, signal)).filter(
              ({ value }) => !person.memberships.some((one) => one.tenant.id === value),
            )
          }
          placeholder="Choose a tenant…"
          onChange={({ value, label }) => setTenant({ id: value, name: label })}
        />
      </Field>
    </AddGuestDialog>
  )
}
