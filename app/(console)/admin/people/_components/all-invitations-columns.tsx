import { INVITATION_STATUS } from '@/app/(console)/_components/invitations/invitation-status'
import { LevelBadge } from '@/app/(console)/admin/people/_components/level-badge'
import type { AllInvitationsRow } from '@/server/features/invitations/invitations.all.schema'
import { Badge } from '@/ui/badge'
import type { Column } from '@/ui/data-table-types'
import { RelativeTime } from '@/ui/relative-time'

function Role({ row: { role, givesRole } }: { row: AllInvitationsRow }) {
  if (givesRole === null) return <span className="text-danger-ink">Role deleted: does not work</span>
  return role.id === null ? <span className="text-muted">Default: {givesRole}</span> : givesRole
}

export const ALL_INVITATIONS_COLUMNS: Column<AllInvitationsRow>[] = [
  { id: 'email', header: 'E-mail address', className: 'min-w-56', cell: (row) => row.email },
  {
    id: 'status',
    header: 'Status',
    className: 'w-28',
    hideable: true,
    cell: ({ status }) => (
      <Badge tone={INVITATION_STATUS[status].tone}>{INVITATION_STATUS[status].label}</Badge>
    ),
  },
  { id: 'level', header: 'Level', hideable: true, cell: (row) => <LevelBadge level={row.level} /> },
  {
    id: 'tenant',
    header: 'Tenant',
    hideable: true,
    cell: ({ tenant }) => (
      <span className="inline-flex items-center gap-2">
        {tenant.master ? <span className="text-muted">All</span> : tenant.name}
        {tenant.status === 'disabled' && <Badge tone="warning">Disabled</Badge>}
      </span>
    ),
  },
  { id: 'role', header: 'Role', hideable: true, cell: (row) => <Role row={row} /> },
  { id: 'by', header: 'Invited by', hideable: true, cell: (row) => row.by },
  {
    id: 'created',
    header: 'Sent',
    className: 'w-32',
    hideable: true,
    cell: (row) => <RelativeTime date={row.createdAt} />,
  },
  {
    id: 'expires',
    header: 'Until',
    className: 'w-32',
    hideable: true,
    cell: (row) =>
      row.status === 'pending' ? (
        <RelativeTime date={row.expiresAt} />
      ) : (
        <span className="text-faint">—</span>
      ),
  },
]
