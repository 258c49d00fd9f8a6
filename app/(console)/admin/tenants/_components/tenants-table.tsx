'use client'

import { Ban, Building2, CirclePlay, ListChecks, Pencil, RotateCcw, Trash2, Users } from 'lucide-react'
import { useState } from 'react'
import { TenantDialogs, type TenantDialog } from '@/app/(console)/admin/tenants/_components/tenant-dialogs'
import { STATUS_WORDS, TenantStatus } from '@/app/(console)/admin/tenants/_components/tenant-status'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { TenantPage, TenantRow } from '@/server/features/tenants/tenants.schema'
import { Badge } from '@/ui/badge'
import { ButtonLink } from '@/ui/button'
import { DataTable } from '@/ui/data-table'
import type { BulkAction, Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { MenuItem, MenuSeparator } from '@/ui/menu-items'
import { RelativeTime } from '@/ui/relative-time'
import { TenantMark } from '@/ui/tenant-mark'
import { useTableUrlState } from '@/ui/use-table-url-state'

const FACETS = ['status'] as const
const SORT = { id: 'name', desc: false }
const STATUSES = (['active', 'disabled', 'deleted'] as const).map((value) => ({
  value,
  label: STATUS_WORDS[value],
}))

interface Props {
  page: TenantPage
  prefix: TenantPrefix
  exportHref: string
  mayManage: boolean
}

/** All tenants: sorted, filtered and paged by the server; one or many at a time can be disabled and enabled. */
export function TenantsTable({ page, prefix, exportHref, mayManage }: Props) {
  const table = useTableUrlState({ facets: FACETS, defaultSort: SORT })
  const [dialog, setDialog] = useState<TenantDialog | null>(null)
  const paths = consolePaths(prefix)
  return (
    <>
      <DataTable
        label="Tenants"
        columns={COLUMNS}
        rows={page.rows}
        rowId={idOf}
        rowName={nameOf}
        rowHref={(row) => paths.tenant(row.id)}
        rowActions={(row) => (
          <RowMenu row={row} prefix={prefix} open={(kind) => setDialog({ kind, tenants: [row] })} />
        )}
        sort={table.sort}
        onSort={table.setSort}
        search={{ value: table.q, onChange: table.setQ, placeholder: 'Search name or subdomain' }}
        facets={[
          {
            id: 'status',
            label: 'Status',
            options: STATUSES,
            value: table.filters.status ?? [],
            onChange: (value) => table.setFilter('status', value),
          },
        ]}
        filtered={table.filtered}
        onClearFilters={table.clearFilters}
        loading={table.pending}
        storageKey="tenants"
        exportHref={exportHref}
        bulkActions={mayManage ? bulkActions(page.rows, setDialog) : undefined}
        page={table.pageOf(page)}
        empty={
          <EmptyState
            bare
            icon={<Building2 />}
            title="No tenants yet"
            action={
              <ButtonLink href={paths.newTenant} variant="primary" disabledReason={page.why.create}>
                Create tenant
              </ButtonLink>
            }
          >
            A tenant is a customer, department or site that works in this console on a subdomain of its own.
          </EmptyState>
        }
      />
      <TenantDialogs dialog={dialog} prefix={prefix} onClose={() => setDialog(null)} />
    </>
  )
}

const idOf = (row: TenantRow) => row.id
const nameOf = (row: TenantRow) => row.name

const COLUMNS: Column<TenantRow>[] = [
  {
    id: 'name',
    header: 'Name',
    sortable: true,
    className: 'min-w-56',
    cell: (row) => (
      <span className="inline-flex max-w-full items-center gap-2">
        <TenantMark name={row.name} icon={row.icon} seed={row.id} size="sm" />
        <span className="truncate">{row.name}</span>
        {row.master && <Badge tone="accent">Master</Badge>}
      </span>
    ),
  },
  {
    id: 'slug',
    header: 'Subdomain',
    mono: true,
    hideable: true,
    cell: (row) => (row.master ? '–' : row.slug),
  },
  { id: 'role', header: 'Role', hideable: true, cell: (row) => row.role?.name ?? '–' },
  {
    id: 'totalInstances',
    header: 'Total instances',
    align: 'end',
    hideable: true,
    cell: (row) => row.totalInstances.toLocaleString('en'),
  },
  {
    id: 'totalUsers',
    header: 'Total users',
    align: 'end',
    hideable: true,
    cell: (row) => row.totalUsers.toLocaleString('en'),
  },
  {
    id: 'status',
    header: 'Status',
    sortable: true,
    cell: (row) => (
      <span title={row.statusReason || undefined}>
        <TenantStatus status={row.status} />
      </span>
    ),
  },
  {
    id: 'createdAt',
    header: 'Created',
    sortable: true,
    cell: (row) => <RelativeTime date={row.createdAt} />,
  },
]

function bulkActions(rows: readonly TenantRow[], open: (dialog: TenantDialog) => void): BulkAction[] {
  const chosen = (ids: readonly string[]) => rows.filter(({ id }) => ids.includes(id))
  const action = (kind: 'disable' | 'enable', label: string, icon: BulkAction['icon']): BulkAction => ({
    label,
    icon,
    // One that cannot is enough to know why none can; else those that cannot are named in the answer.
    disabledReason: (ids) =>
      chosen(ids).some((row) => row.can[kind]) ? null : (chosen(ids)[0]?.why[kind] ?? null),
    onSelect: (ids, done) => open({ kind, tenants: chosen(ids), done }),
  })
  return [
    { ...action('disable', 'Disable', <Ban aria-hidden />), tone: 'danger' },
    action('enable', 'Enable', <CirclePlay aria-hidden />),
  ]
}

interface RowMenuProps {
  row: TenantRow
  prefix: TenantPrefix
  open: (kind: TenantDialog['kind']) => void
}

function RowMenu({ row: { id, can, why, status, master }, prefix, open }: RowMenuProps) {
  const paths = consolePaths(prefix)
  if (status === 'deleted') {
    return (
      <MenuItem
        icon={<RotateCcw aria-hidden />}
        disabledReason={!can.restore && why.restore}
        onSelect={() => open('restore')}
      >
        Restore
      </MenuItem>
    )
  }
  return (
    <>
      <MenuItem
        icon={<Pencil aria-hidden />}
        disabledReason={!can.edit && why.edit}
        onSelect={() => open('edit')}
      >
        Edit
      </MenuItem>
      <MenuItem icon={<Users aria-hidden />} href={master ? paths.settingsUsers : paths.tenantUsers(id)}>
        Users
      </MenuItem>
      {can.setUp && (
        <MenuItem icon={<ListChecks aria-hidden />} href={paths.tenantSetup(id)}>
          Guided set-up
        </MenuItem>
      )}
      {!master && (
        <>
          <MenuSeparator />
          {status === 'disabled' ? (
            <MenuItem
              icon={<CirclePlay aria-hidden />}
              disabledReason={!can.enable && why.enable}
              onSelect={() => open('enable')}
            >
              Enable
            </MenuItem>
          ) : (
            <MenuItem
              icon={<Ban aria-hidden />}
              disabledReason={!can.disable && why.disable}
              onSelect={() => open('disable')}
            >
              Disable
            </MenuItem>
          )}
          <MenuItem
            tone="danger"
            icon={<Trash2 aria-hidden />}
            disabledReason={!can.delete && why.delete}
            onSelect={() => open('delete')}
          >
            Delete
          </MenuItem>
        </>
      )}
    </>
  )
}
