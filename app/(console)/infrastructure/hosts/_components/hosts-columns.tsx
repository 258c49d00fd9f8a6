import { HostStatus } from '@/app/(console)/infrastructure/hosts/_components/host-status'
import { formatBytes } from '@/lib/units'
import type { HostRow } from '@/server/features/hosts/hosts.schema'
import { Badge } from '@/ui/badge'
import type { Column } from '@/ui/data-table-types'
import { Meter } from '@/ui/progress'
import { RelativeTime } from '@/ui/relative-time'
import { TenantMark } from '@/ui/tenant-mark'

const dash = <span className="text-faint">–</span>

/** How the acting tenant comes to have it, where that is not plain ownership. */
export function Visibility({
  host,
}: {
  host: Pick<HostRow, 'visibility' | 'owned' | 'assignedHere' | 'grantRole'>
}) {
  if (host.visibility === 'public') return <Badge tone="info">Public</Badge>
  if (host.owned) return <Badge>Private</Badge>
  if (host.assignedHere) return <Badge tone="accent">Assigned to you</Badge>
  return <Badge tone="info">{host.grantRole ? `Shared: ${host.grantRole}` : 'Private'}</Badge>
}

/** Columns of the list of hosts; `tenant` is for the master, which alone knows tenants. */
export const HOST_COLUMNS: Column<HostRow>[] = [
  { id: 'name', header: 'Name', sortable: true, className: 'min-w-32', cell: (row) => row.name },
  {
    id: 'status',
    header: 'Status',
    sortable: true,
    className: 'w-32',
    cell: (row) => <HostStatus host={row} />,
  },
  {
    id: 'tenant',
    header: 'Tenant',
    className: 'min-w-32',
    cell: ({ assignedTenant: tenant }) =>
      tenant && (
        <span className="flex items-center gap-2">
          <TenantMark name={tenant.name} icon={tenant.icon} seed={tenant.id} size="sm" />
          <span className="max-w-32 truncate" title={tenant.name}>
            {tenant.name}
          </span>
        </span>
      ),
  },
  { id: 'os', header: 'Operating system', className: 'max-w-44 truncate', cell: (row) => row.os ?? dash },
  { id: 'address', header: 'Address', mono: true, cell: (row) => row.address ?? dash },
  { id: 'cpus', header: 'CPUs', align: 'end', className: 'w-16', cell: (row) => row.cpus ?? dash },
  {
    id: 'memory',
    header: 'Memory',
    className: 'min-w-36',
    cell: (row) =>
      row.memoryTotal === null || row.memoryUsed === null ? (
        dash
      ) : (
        <Meter
          label={<span className="sr-only">Memory used</span>}
          value={row.memoryUsed}
          max={row.memoryTotal}
          text={`${formatBytes(row.memoryUsed)} of ${formatBytes(row.memoryTotal)}`}
        />
      ),
  },
  {
    id: 'load',
    header: 'Load',
    align: 'end',
    defaultHidden: true,
    className: 'w-16',
    cell: (row) => row.load1?.toFixed(2) ?? dash,
  },
  { id: 'visibility', header: 'Visibility', cell: (row) => <Visibility host={row} /> },
  {
    id: 'lastSeen',
    header: 'Last seen',
    sortable: true,
    className: 'w-32',
    cell: (row) => (row.lastSeenAt ? <RelativeTime date={row.lastSeenAt} /> : 'never'),
  },
  {
    id: 'created',
    header: 'Enrolled',
    sortable: true,
    defaultHidden: true,
    className: 'w-32',
    cell: (row) => <RelativeTime date={row.createdAt} />,
  },
]
