'use client'

import { Contact } from 'lucide-react'
import { LevelBadge, LEVEL_LABELS } from '@/app/(console)/admin/people/_components/level-badge'
import { TenantFilter } from '@/app/(console)/admin/people/_components/tenant-filter'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { PeoplePage, PersonRow } from '@/server/features/people/people.schema'
import { Badge } from '@/ui/badge'
import { DataTable } from '@/ui/data-table'
import type { Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { RelativeTime } from '@/ui/relative-time'
import { StatusDot } from '@/ui/status-dot'
import { Avatar } from '@/ui/tenant-mark'
import { useTableUrlState } from '@/ui/use-table-url-state'

const FACETS = ['level', 'status', 'tenant'] as const
const SORT = { id: 'name', desc: false }
const LEVELS = (['parent', 'master', 'tenant'] as const).map((value) => ({
  value,
  label: LEVEL_LABELS[value],
}))
const STATUSES = [
  { value: 'active', label: 'Active' },
  { value: 'disabled', label: 'Disabled' },
]

interface Props {
  page: PeoplePage
  prefix: TenantPrefix
  /** To which the list is narrowed. */
  tenant: { id: string; name: string } | null
}

/** Everybody of all tenants: searched, narrowed, sorted and paged by the server. */
export function PeopleTable({ page, prefix, tenant }: Props) {
  const table = useTableUrlState({ facets: FACETS, defaultSort: SORT })
  const paths = consolePaths(prefix)
  const facet = (id: 'level' | 'status', label: string, options: typeof STATUSES) => ({
    id,
    label,
    options,
    value: table.filters[id] ?? [],
    onChange: (value: string[]) => table.setFilter(id, value),
  })
  return (
    <DataTable
      label="People"
      columns={COLUMNS}
      rows={page.rows}
      rowId={idOf}
      rowName={nameOf}
      rowHref={(row) => paths.person(row.id)}
      sort={table.sort}
      onSort={table.setSort}
      search={{ value: table.q, onChange: table.setQ, placeholder: 'Search name, username, e-mail' }}
      facets={[facet('level', 'Level', LEVELS), facet('status', 'Status', STATUSES)]}
      filtered={table.filtered}
      onClearFilters={table.clearFilters}
      loading={table.pending}
      storageKey="people"
      toolbar={<TenantFilter tenant={tenant} onChange={(ids) => table.setFilter('tenant', ids)} />}
      page={table.pageOf(page)}
      empty={
        <EmptyState bare icon={<Contact />} title="Nobody yet">
          Invite people with the button above, or create them in Settings &gt; Users and on the Users tab of a
          tenant.
        </EmptyState>
      }
    />
  )
}

const idOf = (row: PersonRow) => row.id
const nameOf = (row: PersonRow) => row.name

const COLUMNS: Column<PersonRow>[] = [
  {
    id: 'name',
    header: 'Name',
    sortable: true,
    className: 'min-w-52',
    cell: (row) => (
      <span className="inline-flex max-w-full items-center gap-2">
        <Avatar name={row.name} seed={row.id} size="sm" />
        <span className="truncate font-medium">{row.name}</span>
        {row.you && <Badge tone="accent">You</Badge>}
      </span>
    ),
  },
  { id: 'username', header: 'Username', sortable: true, mono: true, cell: (row) => row.username },
  { id: 'email', header: 'Email', sortable: true, hideable: true, cell: (row) => row.email },
  {
    id: 'tenant',
    header: 'Home',
    sortable: true,
    hideable: true,
    cell: (row) => (
      <span className="inline-flex items-center gap-2">
        {row.home.name}
        {row.home.status === 'disabled' && <Badge tone="warning">Disabled</Badge>}
      </span>
    ),
  },
  { id: 'level', header: 'Level', hideable: true, cell: (row) => <LevelBadge level={row.level} /> },
  {
    id: 'tenants',
    header: 'Tenants',
    align: 'end',
    hideable: true,
    cell: (row) => (row.level === 'parent' ? 'All' : row.tenants.toLocaleString('en')),
  },
  {
    id: 'status',
    header: 'Status',
    hideable: true,
    cell: (row) => (
      <StatusDot
        status={row.status === 'active' ? 'live' : 'disabled'}
        label={row.status === 'active' ? 'Active' : 'Disabled'}
      />
    ),
  },
  {
    id: 'lastSignIn',
    header: 'Last sign-in',
    sortable: true,
    hideable: true,
    cell: (row) =>
      row.lastSignInAt ? <RelativeTime date={row.lastSignInAt} /> : <span className="text-muted">Never</span>,
  },
]
