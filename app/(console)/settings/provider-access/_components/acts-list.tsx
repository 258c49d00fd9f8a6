'use client'

import { eventWords } from '@/lib/audit-words'
import type { AuditRow } from '@/server/features/audit/audit.schema'
import { Badge } from '@/ui/badge'
import { RelativeTime } from '@/ui/relative-time'

/** Audit rows as lines: what, to what, and when. @param who shows whose doing each was */
export function ActsList({ rows, who = false }: { rows: readonly AuditRow[]; who?: boolean }) {
  return (
    <ul className="divide-y divide-line">
      {rows.map((row) => (
        <li key={row.id} className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 py-2 text-sm">
          <span className="min-w-0 flex-1 basis-56">
            {who && <span className="font-medium">{row.actor.name}: </span>}
            {eventWords(row.event)}
            {row.target.name !== '' && <span className="text-muted"> {row.target.name}</span>}
          </span>
          {row.result !== 'ok' && (
            <Badge tone="warning">{row.result === 'denied' ? 'Refused' : 'Failed'}</Badge>
          )}
          <RelativeTime date={row.at} className="text-xs whitespace-nowrap text-muted" />
        </li>
      ))}
    </ul>
  )
}
