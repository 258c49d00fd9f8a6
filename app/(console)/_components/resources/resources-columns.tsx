import { fieldValue, isMono } from '@/app/(console)/_components/resources/field-value'
import { HAS_STATE, StateDot } from '@/app/(console)/_components/resources/state-dot'
import { VisibilityBadge } from '@/app/(console)/_components/resources/visibility-badge'
import type { Field, KindView, Spec } from '@/lib/resource-kinds/kind'
import type { ResourceListRow } from '@/server/features/resources/resources.schema'
import type { Column } from '@/ui/data-table-types'
import { RelativeTime } from '@/ui/relative-time'
import { TenantMark } from '@/ui/tenant-mark'

const dash = <span className="text-faint">–</span>

function columnOf<Row extends { spec: Spec }>(name: string, field: Field): Column<Row> {
  const isNumber = field.type === 'number'
  return {
    id: `field.${name}`,
    header: field.label,
    align: isNumber ? 'end' : undefined,
    mono: isMono(field),
    className: isNumber ? 'whitespace-nowrap' : 'max-w-56 truncate',
    cell: (row) => fieldValue(field, row.spec[name]) ?? dash,
  }
}

/** The columns that a kind's own fields have in its lists. */
export const fieldColumns = <Row extends { spec: Spec }>(kind: KindView): Column<Row>[] =>
  kind.columns.flatMap((name) => {
    const field = kind.fields[name]
    return field ? [columnOf<Row>(name, field)] : []
  })

/** Columns of a kind's list: its own fields, and what every kind has. `tenant` is for the master, which alone knows tenants. @param extra of this kind alone, in place of a field's of the same id */
export function columnsOf(
  kind: KindView,
  isMaster: boolean,
  extra: readonly Column<ResourceListRow>[] = [],
): Column<ResourceListRow>[] {
  const own = fieldColumns<ResourceListRow>(kind).filter(({ id }) => !extra.some((one) => one.id === id))
  const all: (Column<ResourceListRow> | false)[] = [
    { id: 'name', header: 'Name', sortable: true, className: 'min-w-36', cell: (row) => row.name },
    isMaster && {
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
    HAS_STATE.has(kind.kind) && {
      id: 'state',
      header: 'Status',
      className: 'w-32',
      cell: (row) => <StateDot kind={kind.kind} state={row.state} />,
    },
    ...extra,
    ...own,
    kind.inCloud && {
      id: 'cloud',
      header: 'Cloud',
      className: 'max-w-40 truncate',
      cell: (row) => row.cloud?.name ?? dash,
    },
    { id: 'visibility', header: 'Visibility', cell: (row) => <VisibilityBadge row={row} /> },
    {
      id: 'created',
      header: 'Created',
      sortable: true,
      className: 'w-32',
      cell: (row) => <RelativeTime date={row.createdAt} />,
    },
  ]
  return all.filter((column) => column !== false)
}
