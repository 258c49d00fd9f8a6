'use client'

import { Plus, X } from 'lucide-react'
import { searchTenants } from '@/app/(console)/admin/people/_components/tenant-search'
import { Button } from '@/ui/button'
import { Picker } from '@/ui/picker'

export interface ChosenTenant {
  id: string
  name: string
}

/** As many as one call takes. */
const MOST = 50

interface Props {
  id: string
  error?: string
  value: readonly ChosenTenant[]
  onChange: (tenants: ChosenTenant[]) => void
}

/** Several tenants as chips, each found by its name. */
export function TenantsField({ id, error, value, onChange }: Props) {
  return (
    <fieldset id={id} tabIndex={-1} className="min-w-0" aria-describedby={error ? `${id}-error` : undefined}>
      <legend className="mb-1.5 text-sm font-medium">Tenants</legend>
      <ul className="flex flex-wrap items-center gap-2" aria-label="Chosen tenants">
        {value.map((tenant) => (
          <li
            key={tenant.id}
            className="inline-flex h-8 max-w-full items-center rounded-md border border-line-strong bg-subtle pl-2.5 text-sm pointer-coarse:h-10"
          >
            <span className="truncate">{tenant.name}</span>
            <Button
              size="icon-sm"
              variant="ghost"
              aria-label={`Remove ${tenant.name}`}
              icon={<X aria-hidden />}
              onClick={() => onChange(value.filter((one) => one.id !== tenant.id))}
            />
          </li>
        ))}
        <li>
          <Picker
            label="Tenant"
            value={null}
            search={async (query, signal) =>
              (await searchTenants(query, signal)).filter(
                (found) => !value.some((one) => one.id === found.value),
              )
            }
            trigger={
              <Button
                size="sm"
                icon={<Plus aria-hidden />}
                disabledReason={value.length >= MOST && `At most ${MOST} at once`}
              >
                Add tenant
              </Button>
            }
            onChange={({ value: added, label }) => onChange([...value, { id: added, name: label }])}
          />
        </li>
      </ul>
      {error && (
        <p id={`${id}-error`} className="mt-1.5 text-xs text-danger-ink">
          {error}
        </p>
      )}
    </fieldset>
  )
}
