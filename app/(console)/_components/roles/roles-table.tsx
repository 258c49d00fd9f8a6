'use client'

import { FileUp, Plus, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { RoleDialogs, type RoleDialog } from '@/app/(console)/_components/roles/role-dialogs'
import { RoleMenu } from '@/app/(console)/_components/roles/role-menu'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { RoleList, RoleRow } from '@/server/features/roles/roles.schema'
import { Badge } from '@/ui/badge'
import { ButtonLink } from '@/ui/button'
import { DataTable } from '@/ui/data-table'
import type { Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { RelativeTime } from '@/ui/relative-time'

interface Props {
  list: RoleList
  /** Of the subtenant, where the provider looks at its roles. */
  tenantId?: string
  inMaster?: boolean
  prefix: TenantPrefix
}

/** The roles of a tenant: the same table for one's own and, for the provider, a subtenant's. */
export function RolesTable({ list, tenantId, inMaster = false, prefix }: Props) {
  const [dialog, setDialog] = useState<RoleDialog | null>(null)
  const [search, setSearch] = useState('')
  const paths = consolePaths(prefix)
  const rows = list.rows.filter(({ name }) => name.toLowerCase().includes(search.trim().toLowerCase()))
  const href = (row: RoleRow) =>
    tenantId === undefined ? paths.role(row.id) : paths.tenantRole(tenantId, row.id)
  const create = (
    <ButtonLink
      variant="primary"
      icon={<Plus aria-hidden />}
      href={tenantId === undefined ? paths.newRole : paths.tenantNewRole(tenantId)}
    >
      Create role
    </ButtonLink>
  )
  return (
    <>
      <DataTable
        label="Roles"
        columns={inMaster ? MASTER_COLUMNS : COLUMNS}
        rows={rows}
        rowId={idOf}
        rowName={nameOf}
        rowHref={href}
        rowActions={(row) => (
          <RoleMenu row={row} tenantId={tenantId} open={(kind) => setDialog({ kind, role: row })} />
        )}
        search={{ value: search, onChange: setSearch, placeholder: 'Search name' }}
        exportHref={tenantId === undefined ? `${prefix}/api/roles/export.json` : undefined}
        filtered={search !== ''}
        onClearFilters={() => setSearch('')}
        toolbar={
          <span className="flex flex-wrap items-center gap-2">
            {tenantId === undefined && list.can.create && (
              <ButtonLink href={paths.importRoles} icon={<FileUp aria-hidden />}>
                Import
              </ButtonLink>
            )}
            {list.can.create && create}
          </span>
        }
        empty={
          <EmptyState
            bare
            icon={<ShieldCheck />}
            title="No role fits"
            action={list.can.create ? create : undefined}
          >
            A role says what people may do. Make one, or copy one that is built in.
          </EmptyState>
        }
      />
      <RoleDialogs dialog={dialog} tenantId={tenantId} onClose={() => setDialog(null)} />
    </>
  )
}

const idOf = (row: RoleRow) => row.id
const nameOf = (row: RoleRow) => row.name

/** Where a role comes from, and whether it was changed here. */
export function RoleMarks({ row }: { row: Pick<RoleRow, 'origin' | 'builtIn' | 'locked' | 'multiTenant'> }) {
  return (
    <>
      {row.builtIn && <Badge>Built in</Badge>}
      {row.multiTenant && row.origin === 'own' && <Badge tone="accent">Multi-tenant</Badge>}
      {row.origin === 'provider' && (
        <Badge tone="info" title="Follows the provider until it is edited here">
          Provider’s
        </Badge>
      )}
      {row.origin === 'diverged' && (
        <Badge tone="warning" title="The provider’s role, edited here">
          Edited here
        </Badge>
      )}
      {row.locked && <Badge title="Only the provider changes it">Locked</Badge>}
    </>
  )
}

const NAME: Column<RoleRow> = {
  id: 'name',
  header: 'Name',
  className: 'min-w-64',
  cell: (row) => (
    <span className="inline-flex max-w-full flex-wrap items-center gap-2">
      <span className="font-medium">{row.name}</span>
      <RoleMarks row={row} />
    </span>
  ),
}
const DESCRIPTION: Column<RoleRow> = {
  id: 'description',
  header: 'Description',
  hideable: true,
  cell: (row) => <span className="text-muted">{row.description}</span>,
}
const CHANGED: Column<RoleRow> = {
  id: 'updatedAt',
  header: 'Changed',
  hideable: true,
  cell: (row) => <RelativeTime date={row.updatedAt} />,
}
const people = (n: number) =>
  n === 0 ? <span className="text-muted">Nobody</span> : n === 1 ? '1 person' : `${n} people`
const COLUMNS: Column<RoleRow>[] = [
  NAME,
  DESCRIPTION,
  { id: 'users', header: 'Held by', cell: (row) => people(row.users) },
  CHANGED,
]
const MASTER_COLUMNS: Column<RoleRow>[] = [
  NAME,
  DESCRIPTION,
  {
    id: 'users',
    header: 'Held by',
    cell: (row) => (
      <>
        {people(row.users)}
        {row.tenants !== null && row.tenants > 0 && (
          <span className="text-muted"> in {row.tenants === 1 ? '1 tenant' : `${row.tenants} tenants`}</span>
        )}
      </>
    ),
  },
  {
    id: 'diverged',
    header: 'Edited in',
    hideable: true,
    cell: (row) =>
      row.diverged === null ? (
        ''
      ) : row.diverged === 0 ? (
        <span className="text-muted">None</span>
      ) : (
        row.diverged
      ),
  },
  CHANGED,
]
