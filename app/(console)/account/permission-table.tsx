import type { PermissionRow } from '@/server/features/account/account.schema'
import { Badge } from '@/ui/badge'

const LEVEL = { none: 'None', read: 'Read', user: 'Own', group: 'Groups', full: 'Full' } as const
const TONE = { none: 'neutral', read: 'info', user: 'info', group: 'info', full: 'success' } as const

/** Each permission with its level and where that comes from. */
export function PermissionTable({ rows }: { rows: readonly PermissionRow[] }) {
  return (
    <div
      className="overflow-x-auto rounded-lg border border-line bg-surface shadow-card"
      tabIndex={0}
      role="region"
      aria-label="Your permissions"
    >
      <table className="w-full min-w-[36rem] text-sm">
        <thead>
          <tr className="border-b border-line text-left text-xs text-muted">
            <th scope="col" className="px-4 py-2 font-medium">
              Permission
            </th>
            <th scope="col" className="px-4 py-2 font-medium">
              Level
            </th>
            <th scope="col" className="px-4 py-2 font-medium">
              Why
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.permission} className="border-b border-line align-top last:border-b-0">
              <th scope="row" className="px-4 py-2.5 text-left font-medium">
                {row.label}
                <span className="block text-xs font-normal text-muted">{row.description}</span>
              </th>
              <td className="px-4 py-2.5">
                <Badge tone={TONE[row.level]}>{LEVEL[row.level]}</Badge>
              </td>
              <td className="px-4 py-2.5 text-muted">{row.reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
