'use client'

import { MailPlus, MailX, Send, UserCog } from 'lucide-react'
import { useState } from 'react'
import { useRouter } from 'next/navigation'
import { DefaultRole } from '@/app/(console)/_components/invitations/default-role'
import {
  InvitationDialogs,
  type InvitationDialog,
} from '@/app/(console)/_components/invitations/invitation-dialogs'
import {
  INVITATION_STATUS,
  overReason,
  STATUS_OPTIONS,
} from '@/app/(console)/_components/invitations/invitation-status'
import { InviteDialog } from '@/app/(console)/_components/invitations/invite-dialog'
import type { InvitationPage, InvitationRow } from '@/server/features/invitations/invitations.schema'
import type { AssignableRole } from '@/server/features/roles/roles.schema'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { DataTable } from '@/ui/data-table'
import type { Column } from '@/ui/data-table-types'
import { EmptyState } from '@/ui/empty-state'
import { MenuItem } from '@/ui/menu-items'
import { RelativeTime } from '@/ui/relative-time'
import { useTableUrlState } from '@/ui/use-table-url-state'

const FACETS = ['status'] as const
const columns = (defaultRole: string): Column<InvitationRow>[] => [
  { id: 'email', header: 'E-mail address', className: 'min-w-56', cell: (row) => row.email },
  {
    id: 'status',
    header: 'Status',
    className: 'w-28',
    cell: (row) => (
      <Badge tone={INVITATION_STATUS[row.status].tone}>{INVITATION_STATUS[row.status].label}</Badge>
    ),
  },
  {
    id: 'role',
    header: 'Role',
    cell: (row) =>
      row.role.id === null ? (
        <span className="text-muted">Default: {defaultRole}</span>
      ) : (
        (row.role.name ?? <span className="text-danger-ink">Role deleted: does not work</span>)
      ),
  },
  { id: 'by', header: 'Invited by', cell: (row) => row.by },
  { id: 'created', header: 'Sent', className: 'w-32', cell: (row) => <RelativeTime date={row.createdAt} /> },
  {
    id: 'expires',
    header: 'Until',
    className: 'w-32',
    cell: (row) =>
      row.status === 'pending' ? (
        <RelativeTime date={row.expiresAt} />
      ) : (
        <span className="text-faint">—</span>
      ),
  },
]
const COLUMNS = new Map<string, Column<InvitationRow>[]>()
/** The same array for the same role: new columns would draw each row anew. */
function columnsOf(defaultRole: string): Column<InvitationRow>[] {
  const known = COLUMNS.get(defaultRole) ?? columns(defaultRole)
  COLUMNS.set(defaultRole, known)
  return known
}
const idOf = (row: InvitationRow) => row.id
const nameOf = (row: InvitationRow) => `invitation of ${row.email}`

interface Props {
  page: InvitationPage
  roles: readonly AssignableRole[]
  tenant: { name: string; master: boolean }
  tenantId?: string
}

/** Who is asked into a tenant and what became of it: the same for one's own and, for the provider, a subtenant's. */
export function InvitationsTable({ page, roles, tenant, tenantId }: Props) {
  const router = useRouter()
  const table = useTableUrlState({ facets: FACETS, defaultSort: null })
  const [inviting, setInviting] = useState(false)
  const [dialog, setDialog] = useState<InvitationDialog | null>(null)
  const close = (done: boolean) => {
    setInviting(false)
    setDialog(null)
    if (done) router.refresh()
  }
  const invite = (
    <Button
      variant="primary"
      icon={<MailPlus aria-hidden />}
      disabledReason={page.why.manage}
      onClick={() => setInviting(true)}
    >
      Invite
    </Button>
  )
  return (
    <>
      <DefaultRole page={page} roles={roles} tenantId={tenantId} master={tenant.master} />
      <DataTable
        label="Invitations"
        columns={columnsOf(page.defaultRole.name)}
        rows={page.rows}
        rowId={idOf}
        rowName={nameOf}
        rowActions={(row) => (
          <Actions row={row} why={page.why.manage} open={(kind) => setDialog({ kind, row })} />
        )}
        search={{ value: table.q, onChange: table.setQ, placeholder: 'Search address' }}
        facets={[
          {
            id: 'status',
            label: 'Status',
            options: STATUS_OPTIONS,
            value: table.filters.status ?? [],
            onChange: (value) => table.setFilter('status', value),
          },
        ]}
        filtered={table.filtered}
        onClearFilters={table.clearFilters}
        loading={table.pending}
        toolbar={invite}
        page={table.pageOf(page)}
        empty={
          <EmptyState bare icon={<MailPlus />} title="Nobody is invited" action={invite}>
            Invite people by e-mail: they choose their own username and password. Whoever has an account
            elsewhere can bring it along.
          </EmptyState>
        }
      />
      {inviting && (
        <InviteDialog
          tenant={tenant}
          roles={roles}
          defaultRole={page.defaultRole.name}
          tenantId={tenantId}
          onClose={close}
        />
      )}
      {dialog && (
        <InvitationDialogs
          dialog={dialog}
          roles={roles}
          defaultRole={page.defaultRole.name}
          tenantId={tenantId}
          onClose={close}
        />
      )}
    </>
  )
}

function Actions({
  row,
  why,
  open,
}: {
  row: InvitationRow
  why?: string
  open: (kind: InvitationDialog['kind']) => void
}) {
  const refused = why ?? overReason(row)
  return (
    <>
      <MenuItem icon={<Send aria-hidden />} disabledReason={refused} onSelect={() => open('resend')}>
        Send again
      </MenuItem>
      <MenuItem icon={<UserCog aria-hidden />} disabledReason={refused} onSelect={() => open('role')}>
        Change role
      </MenuItem>
      <MenuItem
        tone="danger"
        icon={<MailX aria-hidden />}
        disabledReason={refused}
        onSelect={() => open('revoke')}
      >
        Take back
      </MenuItem>
    </>
  )
}
