'use client'

import { Pencil, UserMinus } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { type UserDialog, UserDialogs } from '@/app/(console)/_components/users/user-dialogs'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { Membership, PersonDetail } from '@/server/features/people/people.schema'
import type { AssignableRole } from '@/server/features/roles/roles.schema'
import { Badge } from '@/ui/badge'
import { DataTable } from '@/ui/data-table'
import type { Column } from '@/ui/data-table-types'
import { MenuItem } from '@/ui/menu-items'
import { toast } from '@/ui/toast'

interface Open {
  dialog: UserDialog
  roles: AssignableRole[]
  membership: Membership
}

/** Where somebody is a member and what they hold there; changed with the dialogs of the users' pages. */
export function MembershipsTable({ person, prefix }: { person: PersonDetail; prefix: TenantPrefix }) {
  const router = useRouter()
  const [open, setOpen] = useState<Open | null>(null)
  const paths = consolePaths(prefix)
  const show = async (kind: 'edit' | 'remove', membership: Membership) => {
    try {
      setOpen({ membership, ...(await loaded(kind, person.id, membership)) })
    } catch (error) {
      toast.error(problemOf(error).message)
    }
  }
  return (
    <>
      <DataTable
        label="Memberships"
        columns={COLUMNS}
        rows={person.memberships}
        rowId={idOf}
        rowName={nameOf}
        rowHref={({ tenant }) => (tenant.master ? paths.settingsUsers : paths.tenantUsers(tenant.id))}
        rowActions={(row) => (
          <>
            <MenuItem
              icon={<Pencil aria-hidden />}
              disabledReason={person.why.change}
              onSelect={() => void show('edit', row)}
            >
              {row.home ? 'Edit account and roles' : 'Change roles'}
            </MenuItem>
            <MenuItem
              tone="danger"
              icon={<UserMinus aria-hidden />}
              disabledReason={
                person.why.change ??
                (row.home && 'The person is homed there. Disable or delete the account instead')
              }
              onSelect={() => void show('remove', row)}
            >
              Remove from this tenant
            </MenuItem>
          </>
        )}
      />
      <UserDialogs
        dialog={open?.dialog ?? null}
        roles={open?.roles ?? []}
        tenant={{
          name: open?.membership.tenant.name ?? '',
          slug: open?.membership.tenant.slug ?? '',
          address: '',
          master: open?.membership.tenant.master ?? false,
        }}
        tenantId={open && !open.membership.tenant.master ? open.membership.tenant.id : undefined}
        onClose={() => {
          setOpen(null)
          router.refresh()
        }}
      />
    </>
  )
}

/** What the dialog needs of the tenant: the person as its users' page has them, and the roles that can be given. */
async function loaded(kind: 'edit' | 'remove', id: string, { tenant }: Membership) {
  const tenantId = tenant.id
  const [user, roles] = tenant.master
    ? await Promise.all([api().users.get.query({ id }), api().roles.assignable.query()])
    : await Promise.all([
        api().tenantUsers.get.query({ tenantId, id }),
        api().rolesIn.assignable.query({ tenantId }),
      ])
  return { dialog: { kind, user }, roles }
}

const idOf = ({ tenant }: Membership) => tenant.id
const nameOf = ({ tenant }: Membership) => tenant.name

const COLUMNS: Column<Membership>[] = [
  {
    id: 'tenant',
    header: 'Member of',
    className: 'min-w-48',
    cell: ({ tenant, home }) => (
      <span className="inline-flex max-w-full items-center gap-2">
        <span className="truncate font-medium">{tenant.name}</span>
        {home ? <Badge tone="accent">Home</Badge> : <Badge>Guest</Badge>}
        {tenant.status === 'disabled' && <Badge tone="warning">Disabled</Badge>}
      </span>
    ),
  },
  {
    id: 'roles',
    header: 'Roles',
    cell: ({ assignments }) =>
      assignments.length === 0 ? (
        <span className="text-muted">None</span>
      ) : (
        <span className="flex flex-wrap gap-x-2 gap-y-0.5">
          {assignments.map((one) => (
            <span
              key={`${one.roleId} ${one.scope}`}
              className={one.ended ? 'text-muted line-through' : undefined}
            >
              {one.name}
              {one.scope !== '' && <span className="text-muted"> in a part of it</span>}
              {one.expiresAt !== null && (
                <span className="text-muted">, until {one.expiresAt.slice(0, 10)}</span>
              )}
            </span>
          ))}
        </span>
      ),
  },
  { id: 'since', header: 'Since', cell: ({ since }) => since.slice(0, 10) },
]
