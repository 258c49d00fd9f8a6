import { Link } from '@/ui/link'
import type { ConsolePaths } from '@/lib/paths'
import { KINDS } from '@/lib/resource-kinds/registry'
import type { MembersMapView } from '@/server/features/members-map/members-map.schema'
import { Badge } from '@/ui/badge'
import { Card } from '@/ui/card'
import { EmptyState } from '@/ui/empty-state'

type Row = MembersMapView['rows'][number]

/** The same map to read: each type with what of it the tenant is given. */
export function MembersList({ rows, paths }: { rows: readonly Row[]; paths: ConsolePaths }) {
  const types = [...new Set(rows.map(({ label }) => label))]
  if (types.length === 0)
    return (
      <EmptyState title="Nothing is given to this tenant">
        It sees what is assigned to it, what is public in its clouds, and its own.
      </EmptyState>
    )
  return (
    <Card title="What it is given" padded={false}>
      <dl className="divide-y divide-line">
        {types.map((label) => (
          <div key={label} className="grid gap-x-4 gap-y-1 px-4 py-2.5 text-sm sm:grid-cols-[9rem_1fr]">
            <dt className="text-muted">{label}</dt>
            <dd>
              <ul className="grid gap-1">
                {rows
                  .filter((row) => row.label === label)
                  .map((row) => (
                    <li key={row.id ?? '*'} className="flex min-w-0 flex-wrap items-center gap-2">
                      <Name row={row} paths={paths} />
                      {row.role !== 'viewer' && <Badge>{row.role}</Badge>}
                      {row.status !== 'live' && (
                        <Badge tone="warning">{row.status === 'pending' ? 'Waiting' : 'Paused'}</Badge>
                      )}
                    </li>
                  ))}
              </ul>
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}

function Name({ row, paths }: { row: Row; paths: ConsolePaths }) {
  const kind = KINDS.find(({ member }) => member === row.type)
  if (!kind || row.id === null) return <span className="font-medium">{row.name}</span>
  return (
    <Link className="truncate text-accent-ink hover:underline" href={paths.resource(kind, row.id)}>
      {row.name}
    </Link>
  )
}
