'use client'

import { Building2, SlidersHorizontal } from 'lucide-react'
import { useState } from 'react'
import { SliceDialog } from '@/app/(console)/_components/usage/slice-dialog'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { PoolView, UsagePage, UsageRow } from '@/server/features/usage/usage.schema'
import { Badge } from '@/ui/badge'
import { DataTable } from '@/ui/data-table'
import type { Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { MenuItem } from '@/ui/menu-items'
import { monthLabel } from '@/ui/month-chart'
import { TenantMark } from '@/ui/tenant-mark'
import { useTableUrlState } from '@/ui/use-table-url-state'

const FACETS = ['month'] as const
const SORT = { id: 'name', desc: false }
const n = (value: number | null) => value?.toLocaleString('en') ?? '–'

interface Props {
  page: UsagePage
  pool: Pick<PoolView, 'can' | 'why'>
  /** That may be chosen, the newest first. */
  months: readonly string[]
  prefix: TenantPrefix
  exportHref: string
}

/** All tenants with their hosts now, their slices and a month; sorted, searched and paged by the server. */
export function UsageTable({ page, pool, months, prefix, exportHref }: Props) {
  const table = useTableUrlState({ facets: FACETS, defaultSort: SORT })
  const [editing, setEditing] = useState<UsageRow | null>(null)
  const paths = consolePaths(prefix)
  return (
    <>
      <DataTable
        label="Usage by tenant"
        columns={columnsOf(page.month)}
        rows={page.rows}
        rowId={idOf}
        rowName={nameOf}
        rowHref={(row) => paths.tenant(row.id)}
        rowActions={(row) => (
          <MenuItem
            icon={<SlidersHorizontal aria-hidden />}
            disabledReason={row.status === 'deleted' ? 'This tenant is deleted' : pool.why.slice}
            onSelect={() => setEditing(row)}
          >
            Change slice
          </MenuItem>
        )}
        sort={table.sort}
        onSort={table.setSort}
        search={{ value: table.q, onChange: table.setQ, placeholder: 'Search name or subdomain' }}
        facets={[
          {
            id: 'month',
            label: 'Month',
            single: true,
            options: months.map((value) => ({ value, label: monthLabel(value) })),
            value: table.filters.month ?? [],
            onChange: (value) => table.setFilter('month', value),
          },
        ]}
        filtered={table.filtered}
        onClearFilters={table.clearFilters}
        loading={table.pending}
        storageKey="usage"
        exportHref={exportHref}
        page={table.pageOf(page)}
        empty={
          <EmptyState bare icon={<Building2 />} title="No tenants">
            Every tenant is listed here with the hosts that it uses.
          </EmptyState>
        }
      />
      {editing && <SliceDialog row={editing} onClose={() => setEditing(null)} />}
    </>
  )
}

const idOf = (row: UsageRow) => row.id
const nameOf = (row: UsageRow) => row.name

const columnsOf = (month: string): Column<UsageRow>[] => [
  {
    id: 'name',
    header: 'Tenant',
    sortable: true,
    className: 'min-w-48',
    cell: (row) => (
      <span className="inline-flex max-w-full items-center gap-2">
        <TenantMark name={row.name} icon={row.icon} seed={row.id} size="sm" />
        <span className="truncate">{row.name}</span>
        {row.master && <Badge tone="accent">Master</Badge>}
        {row.status === 'deleted' && <Badge>Deleted</Badge>}
      </span>
    ),
  },
  { id: 'hosts', header: 'Hosts now', sortable: true, align: 'end', cell: (row) => n(row.hosts) },
  { id: 'slice', header: 'Slice', sortable: true, align: 'end', cell: (row) => <SliceCell row={row} /> },
  {
    id: 'peak',
    header: `Peak ${monthLabel(month)}`,
    sortable: true,
    align: 'end',
    cell: (row) => n(row.peak),
  },
  { id: 'average', header: 'Average', align: 'end', hideable: true, cell: (row) => n(row.average) },
  { id: 'users', header: 'Users', align: 'end', hideable: true, cell: (row) => n(row.users) },
  {
    id: 'machines',
    header: 'Virtual machines',
    align: 'end',
    hideable: true,
    cell: (row) => n(row.machines),
  },
]

function SliceCell({ row: { slice, level, hosts } }: { row: UsageRow }) {
  if (slice === null) return <span className="text-muted">None</span>
  return (
    <span className="inline-flex items-center justify-end gap-2">
      {level > 0 && (
        <Badge tone={level === 100 ? 'danger' : 'warning'}>
          {hosts > slice ? 'Over' : level === 100 ? 'Full' : '80 %'}
        </Badge>
      )}
      {n(slice)}
    </span>
  )
}
