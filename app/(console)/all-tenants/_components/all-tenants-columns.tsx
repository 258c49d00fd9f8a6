import { fieldColumns } from '@/app/(console)/_components/resources/resources-columns'
import type { KindView } from '@/lib/resource-kinds/kind'
import type { AllTenantsRow } from '@/server/features/all-tenants/all-tenants.schema'
import { Badge } from '@/ui/badge'
import type { Column } from '@/ui/data-table-types'
import { RelativeTime } from '@/ui/relative-time'
import { StatusDot } from '@/ui/status-dot'
import { TenantMark } from '@/ui/tenant-mark'

const STATUS = { online: 'live', offline: 'offline', pending: 'pending' } as const
const STATUS_WORDS = { online: 'Online', offline: 'Offline', pending: 'No report yet' } as const

/** How its tenant comes to have it. */
function Relation({ row }: { row: AllTenantsRow }) {
  if (row.usedBy !== null) return <Badge>{row.usedBy ? `Assigned to ${row.usedBy}` : 'Assigned away'}</Badge>
  switch (row.relation) {
    case 'owner':
      return <Badge>Own</Badge>
    case 'assigned':
      return <Badge tone="accent">Assigned</Badge>
    case 'granted':
      return <Badge tone="info">Shared</Badge>
    case 'public':
      return <Badge tone="info">Public</Badge>
  }
}

/** Columns of a kind's list over all tenants: which one, the kind's own fields, and how that tenant has it. */
export function columnsOf(kind: KindView): Column<AllTenantsRow>[] {
  const all: (Column<AllTenantsRow> | false)[] = [
    { id: 'name', header: 'Name', className: 'min-w-36', cell: (row) => row.name },
    {
      id: 'tenant',
      header: 'Tenant',
      className: 'min-w-32',
      hideable: false,
      cell: ({ tenant }) => (
        <span className="flex items-center gap-2">
          <TenantMark name={tenant.name} icon={tenant.icon} seed={tenant.id} size="sm" />
          <span className="max-w-40 truncate" title={tenant.name}>
            {tenant.name}
          </span>
        </span>
      ),
    },
    kind.kind === 'host' && {
      id: 'status',
      header: 'Status',
      className: 'w-32',
      cell: ({ status }) => status && <StatusDot status={STATUS[status]} label={STATUS_WORDS[status]} />,
    },
    ...fieldColumns<AllTenantsRow>(kind),
    { id: 'relation', header: 'Access', cell: (row) => <Relation row={row} /> },
    {
      id: 'created',
      header: 'Created',
      className: 'w-32',
      cell: (row) => <RelativeTime date={row.createdAt} />,
    },
  ]
  return all.filter((column) => column !== false)
}
