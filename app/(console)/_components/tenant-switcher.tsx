'use client'

import { ChevronsUpDown, Plus } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { api, clientPrefix } from '@/app/_lib/api-client'
import { consolePaths } from '@/lib/paths'
import type { TenantPrefix } from '@/lib/host'
import { ButtonLink } from '@/ui/button'
import { Picker } from '@/ui/picker'
import { TenantMark } from '@/ui/tenant-mark'

interface Props {
  tenant: { id: string; name: string; icon: string }
  /** May open the pages of subtenants. */
  manages: boolean
  mayCreate: boolean
}

/** Whose console this is; for who manages tenants, the way to each of them and to a new one. */
export function TenantSwitcher({ tenant, manages, mayCreate }: Props) {
  const router = useRouter()
  const name = (
    <>
      <TenantMark name={tenant.name} icon={tenant.icon} seed={tenant.id} size="sm" />
      <span className="max-w-40 truncate text-sm font-medium sm:max-w-64">{tenant.name}</span>
    </>
  )
  if (!manages) return <span className="flex min-w-0 items-center gap-2 px-1">{name}</span>
  const paths = () => consolePaths(clientPrefix() as TenantPrefix)
  return (
    <Picker
      label="Tenant"
      search={async (q) => {
        const { rows } = await api().tenants.list.query({ search: q, limit: 20 })
        return rows.map((row) => ({
          value: row.id,
          label: row.name,
          hint: row.slug,
          icon: <TenantMark name={row.name} icon={row.icon} seed={row.id} size="sm" />,
        }))
      }}
      onChange={(option) => router.push(paths().tenant(option.value))}
      trigger={
        <button
          type="button"
          className="flex h-8 min-w-0 items-center gap-2 rounded-md px-1.5 hover:bg-hover pointer-coarse:h-10"
        >
          {name}
          <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-muted" />
        </button>
      }
      footer={
        mayCreate && (
          <ButtonLink href="/admin/tenants/new" variant="ghost" size="sm">
            <Plus aria-hidden className="size-4" /> Create tenant
          </ButtonLink>
        )
      }
    />
  )
}
