'use client'

import { X } from 'lucide-react'
import { searchTenants } from '@/app/(console)/admin/people/_components/tenant-search'
import { IconButton } from '@/ui/icon-button'
import { Picker } from '@/ui/picker'

interface Props {
  /** To which the list is narrowed. */
  tenant: { id: string; name: string } | null
  onChange: (tenantIds: string[]) => void
}

/** Narrows a list to one tenant, of which there may be thousands. */
export function TenantFilter({ tenant, onChange }: Props) {
  return (
    <span className="flex items-center gap-1">
      <Picker
        label="Tenant"
        value={tenant?.id ?? null}
        selected={tenant && { value: tenant.id, label: tenant.name }}
        search={searchTenants}
        placeholder="All tenants"
        className="w-48"
        onChange={({ value }) => onChange([value])}
      />
      {tenant && (
        <IconButton label="Show all tenants" icon={<X aria-hidden />} onClick={() => onChange([])} />
      )}
    </span>
  )
}
