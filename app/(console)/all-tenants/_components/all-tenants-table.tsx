'use client'

import { Layers } from 'lucide-react'
import { useMemo } from 'react'
import { api } from '@/app/_lib/api-client'
import { ALL_TENANTS_FACETS } from '@/app/(console)/all-tenants/_components/all-tenants-input'
import { columnsOf } from '@/app/(console)/all-tenants/_components/all-tenants-columns'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { KindView } from '@/lib/resource-kinds/kind'
import type { AllTenantsList, AllTenantsRow } from '@/server/features/all-tenants/all-tenants.schema'
import { DataTable } from '@/ui/data-table'
import { EmptyState } from '@/ui/empty-state'
import { Picker } from '@/ui/picker'
import { TenantMark } from '@/ui/tenant-mark'
import { useTableUrlState } from '@/ui/use-table-url-state'

interface Props {
  list: AllTenantsList
  kind: KindView
  prefix: TenantPrefix
  /** The tenant that the page itself is in. */
  currentId: string
}

const EVERY = { value: '', label: 'All of them', icon: <Layers aria-hidden className="size-4 shrink-0" /> }
const THERE = consolePaths('')

/** Things of one kind over all tenants of the person: to look at only; what is opened opens in its own tenant. */
export function AllTenantsTable({ list, kind, prefix, currentId }: Props) {
  const table = useTableUrlState({ facets: ALL_TENANTS_FACETS })
  const columns = useMemo(() => columnsOf(kind), [kind])
  const paths = consolePaths(prefix)
  const hrefOf = ({ tenant, id }: AllTenantsRow) =>
    tenant.id === currentId ? paths.resource(kind, id) : paths.switchTo(tenant.id, THERE.resource(kind, id))
  const plural = kind.plural.toLowerCase()
  return (
    <DataTable
      label={kind.plural}
      columns={columns}
      rows={list.rows}
      rowId={(row) => `${row.tenant.id} ${row.id}`}
      rowName={(row) => `${row.name} in ${row.tenant.name}`}
      rowHref={hrefOf}
      search={{ value: table.q, onChange: table.setQ, placeholder: `Search ${plural}` }}
      filtered={table.filtered}
      onClearFilters={table.clearFilters}
      loading={table.pending}
      storageKey={`all-tenants:${kind.kind}`}
      toolbar={<TenantFilter only={list.only} onChange={(id) => table.setFilter('tenant', id ? [id] : [])} />}
      page={table.pageOf(list)}
      empty={
        <EmptyState bare icon={<Layers aria-hidden />} title={`No ${plural} in your tenants`}>
          None of the tenants in which your roles let you look at {plural} has any.
        </EmptyState>
      }
    />
  )
}

function TenantFilter({ only, onChange }: { only: AllTenantsList['only']; onChange: (id: string) => void }) {
  const optionOf = ({ id, name, icon, slug }: NonNullable<AllTenantsList['only']>) => ({
    value: id,
    label: name,
    hint: slug,
    icon: <TenantMark name={name} icon={icon} seed={id} size="sm" />,
  })
  return (
    <div className="w-52 max-w-full">
      <Picker
        label="Tenant"
        value={only?.id ?? ''}
        selected={only ? optionOf(only) : { ...EVERY, label: 'All tenants' }}
        onChange={({ value }) => onChange(value)}
        search={async (q) => {
          const { rows } = await api().switching.list.query({ search: q, limit: 20 })
          return q === '' ? [EVERY, ...rows.map(optionOf)] : rows.map(optionOf)
        }}
      />
    </div>
  )
}
