import { fieldValue } from '@/app/(console)/_components/resources/field-value'
import type { KindView } from '@/lib/resource-kinds/kind'
import { formatBytes } from '@/lib/units'
import type { CloudFigures } from '@/server/features/connections/connections.schema'
import type { ResourceListRow } from '@/server/features/resources/resources.schema'
import { Badge } from '@/ui/badge'
import type { Column } from '@/ui/data-table-types'
import { RelativeTime } from '@/ui/relative-time'

type Figures = CloudFigures['rows'][number]
const dash = <span className="text-faint">–</span>
const MANY = 10_000

function Amount({
  amount,
  of,
}: {
  amount: { used: number; total: number } | null
  of: 'hosts' | 'machines'
}) {
  if (amount === null) return dash
  const title = of === 'hosts' ? 'Of its hosts and data stores' : 'Of what your machines were given'
  return (
    <span title={title} className="whitespace-nowrap tabular-nums">
      {amount.used > 0 ? `${formatBytes(amount.used)} of ` : ''}
      {formatBytes(amount.total)}
    </span>
  )
}

function Seen({ okAt, stale }: Figures) {
  if (okAt === null) return dash
  return (
    <span className="inline-flex items-center gap-2">
      <RelativeTime date={okAt} />
      {stale && (
        <Badge tone="warning" title="What is shown of it may be out of date">
          Old
        </Badge>
      )}
    </span>
  )
}

/** What a list of clouds shows of each beside its fields: by which API it is connected, machines, capacity as far as the tenant has it, the last whole look. */
export function cloudColumns({ rows }: CloudFigures, { fields }: KindView): Column<ResourceListRow>[] {
  const { provider } = fields
  const of = new Map(rows.map((row) => [row.id, row]))
  return [
    {
      id: 'field.provider',
      header: 'Type',
      cell: ({ id, spec }) =>
        of.get(id)?.connector ?? (provider && fieldValue(provider, spec.provider)) ?? dash,
    },
    {
      id: 'machines',
      header: 'Machines',
      align: 'end',
      cell: ({ id }) => {
        const n = of.get(id)?.machines ?? 0
        return n > MANY ? '10,000+' : n.toLocaleString('en')
      },
    },
    {
      id: 'memory',
      header: 'Memory',
      align: 'end',
      cell: ({ id }) => (
        <Amount amount={of.get(id)?.capacity?.memory ?? null} of={of.get(id)?.capacity?.of ?? 'hosts'} />
      ),
    },
    {
      id: 'disk',
      header: 'Disk',
      align: 'end',
      cell: ({ id }) => (
        <Amount amount={of.get(id)?.capacity?.disk ?? null} of={of.get(id)?.capacity?.of ?? 'hosts'} />
      ),
    },
    {
      id: 'seen',
      header: 'Seen whole',
      className: 'w-36',
      cell: ({ id }) => {
        const figures = of.get(id)
        return figures ? <Seen {...figures} /> : dash
      },
    },
  ]
}
