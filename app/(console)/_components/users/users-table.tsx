'use client'

import { Globe, UserPlus, Users, UsersRound } from 'lucide-react'
import { useState } from 'react'
import { UserDialogs, type UserDialog } from '@/app/(console)/_components/users/user-dialogs'
import { UserMenu } from '@/app/(console)/_components/users/user-row-menu'
import type { AssignableRole } from '@/server/features/roles/roles.schema'
import type { UserPage, UserRow } from '@/server/features/users/users.schema'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { DataTable } from '@/ui/data-table'
import type { Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { RelativeTime } from '@/ui/relative-time'
import { StatusDot } from '@/ui/status-dot'
import { Avatar } from '@/ui/tenant-mark'
import { useTableUrlState } from '@/ui/use-table-url-state'

const FACETS = ['status', 'kind'] as const
const SORT = { id: 'name', desc: false }
const STATUSES = [
  { value: 'active', label: 'Active' },
  { value: 'disabled', label: 'Disabled' },
]

const KINDS = [
  { value: 'home', label: 'Homed here' },
  { value: 'guest', label: 'Guests' },
  { value: 'provider', label: 'Provider' },
]

interface Props {
  page: UserPage
  roles: readonly AssignableRole[]
  /** Whose people these are. */
  tenant: { name: string; slug: string; address: string; master: boolean }
  /** Of the subtenant, where the provider looks at its people. */
  tenantId?: string
}

/** The people of a tenant: the same table for one's own and, for the provider, a subtenant's. */
export function UsersTable({ page, roles, tenant, tenantId }: Props) {
  const table = useTableUrlState({ facets: FACETS, defaultSort: SORT })
  const [dialog, setDialog] = useState<UserDialog | null>(null)
  const create = (
    <Button
      variant="primary"
      icon={<UserPlus aria-hidden />}
      disabledReason={page.why.create}
      onClick={() => setDialog({ kind: 'create' })}
    >
      Create user
    </Button>
  )
  return (
    <>
      <DataTable
        label="Users"
        columns={COLUMNS}
        rows={page.rows}
        rowId={idOf}
        rowName={nameOf}
        rowActions={(row) => (
          <UserMenu
            provider={tenantId !== undefined}
            row={row}
            open={(kind) => setDialog({ kind, user: row })}
          />
        )}
        sort={table.sort}
        onSort={table.setSort}
        search={{ value: table.q, onChange: table.setQ, placeholder: 'Search name, username, e-mail' }}
        facets={[
          {
            id: 'status',
            label: 'Status',
            options: STATUSES,
            value: table.filters.status ?? [],
            onChange: (value) => table.setFilter('status', value),
          },
          // Nobody comes to the master from elsewhere.
          ...(tenant.master
            ? []
            : [
                {
                  id: 'kind',
                  label: 'Kind',
                  options: KINDS,
                  value: table.filters.kind ?? [],
                  onChange: (value: string[]) => table.setFilter('kind', value),
                },
              ]),
        ]}
        filtered={table.filtered}
        onClearFilters={table.clearFilters}
        loading={table.pending}
        storageKey="users"
        toolbar={
          <>
            {page.elsewhere && (
              <Button
                icon={<UsersRound aria-hidden />}
                disabledReason={page.why.create}
                onClick={() => setDialog({ kind: 'addGuest' })}
              >
                Add existing user
              </Button>
            )}
            {create}
          </>
        }
        page={table.pageOf(page)}
        empty={
          <EmptyState bare icon={<Users />} title="No users yet" action={create}>
            Nobody can sign in to {tenant.name}. The first user is best its owner, who then lets others in.
          </EmptyState>
        }
      />
      <UserDialogs
        dialog={dialog}
        roles={roles}
        tenant={tenant}
        tenantId={tenantId}
        onClose={() => setDialog(null)}
      />
    </>
  )
}

const idOf = (row: UserRow) => row.id
const nameOf = (row: UserRow) => row.name

const COLUMNS: Column<UserRow>[] = [
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
        <KindBadge row={row} />
      </span>
    ),
  },
  {
    id: 'username',
    header: 'Username',
    sortable: true,
    mono: true,
    // A guest signs in with their home in front; a tenant is not told which that is.
    cell: (row) => (row.homeTenant ? `${row.homeTenant.slug}\\${row.username}` : row.username),
  },
  { id: 'email', header: 'Email', sortable: true, hideable: true, cell: (row) => row.email },
  {
    id: 'roles',
    header: 'Role',
    hideable: true,
    cell: (row) =>
      row.kind === 'provider' ? (
        <span className="text-muted">{row.providerRoles.join(', ') || 'None'}</span>
      ) : row.assignments.length === 0 ? (
        <span className="text-muted">None</span>
      ) : (
        <span className="flex flex-wrap gap-x-2 gap-y-0.5">
          {row.assignments.map((one) => (
            <span
              key={`${one.roleId} ${one.scope}`}
              className={one.ended ? 'text-muted line-through' : undefined}
            >
              {one.name}
              {one.scopeWords !== '' && <span className="text-muted"> {one.scopeWords}</span>}
              {one.expiresAt !== null && (
                <span className="text-muted">
                  {one.ended ? ', ended ' : ', until '}
                  {one.expiresAt.slice(0, 10)}
                </span>
              )}
            </span>
          ))}
        </span>
      ),
  },
  { id: 'status', header: 'Status', sortable: true, hideable: true, cell: (row) => <UserStatus row={row} /> },
  {
    id: 'lastSignIn',
    header: 'Last sign-in',
    sortable: true,
    hideable: true,
    cell: (row) =>
      row.lastSignInAt ? <RelativeTime date={row.lastSignInAt} /> : <span className="text-muted">Never</span>,
  },
]

/** Where somebody is from, if not from here. */
function KindBadge({ row: { kind, parentLevel, homeTenant } }: { row: UserRow }) {
  if (kind === 'guest')
    return <Badge title={homeTenant ? `Homed in ${homeTenant.name}` : 'Homed in another tenant'}>Guest</Badge>
  if (!parentLevel) return null
  return (
    <Badge
      tone="info"
      icon={<Globe aria-hidden />}
      title="Parent-level user: reaches every tenant with the same role in each"
    >
      {kind === 'provider' ? 'Provider' : 'Parent level'}
    </Badge>
  )
}

function UserStatus({ row }: { row: UserRow }) {
  return (
    <span className="inline-flex items-center gap-2">
      <StatusDot
        status={row.status === 'active' ? 'live' : 'disabled'}
        label={row.status === 'active' ? 'Active' : 'Disabled'}
      />
      {row.source !== null && (
        <Badge title={`Signs in by ${row.source}, which says who they are`}>{row.source}</Badge>
      )}
      {row.provisionedBy !== null && (
        <Badge
          title={`Provisioned by ${row.provisionedBy}: names, address and whether they are active come from your directory`}
        >
          Provisioned
        </Badge>
      )}
      {row.password === 'temporary' && (
        <Badge tone="info" title="Must be changed at the first sign-in">
          Temporary password
        </Badge>
      )}
      {row.password === 'expired' && (
        <Badge tone="warning" title="Set a new one: it was not used within 24 hours">
          Password expired
        </Badge>
      )}
    </span>
  )
}
