import { eventWords, whoOf } from '@/lib/audit-words'
import type { AuditRow } from '@/server/features/audit/audit.schema'
import { Badge } from '@/ui/badge'
import { ButtonLink } from '@/ui/button'
import { Card } from '@/ui/card'
import { RelativeTime } from '@/ui/relative-time'

/** The newest events of the tenant's log. */
export function RecentActivity({ rows, href }: { rows: AuditRow[]; href: string }) {
  return (
    <Card
      title="Recent activity"
      padded={false}
      actions={
        <ButtonLink size="sm" variant="ghost" href={href}>
          Open the audit log
        </ButtonLink>
      }
    >
      <ul className="divide-y divide-line">
        {rows.map((row) => (
          <li key={row.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-sm">
            <span className="min-w-0 flex-1 truncate">
              <span className="font-medium">{whoOf(row)}</span>{' '}
              <span className="text-muted">{inSentence(eventWords(row.event))}</span>
              {row.target.name && <> · {row.target.name}</>}
            </span>
            {row.result !== 'ok' && (
              <Badge tone={row.result === 'denied' ? 'warning' : 'danger'}>
                {row.result === 'denied' ? 'Refused' : 'Failed'}
              </Badge>
            )}
            {row.actor.fromProvider && <Badge tone="info">Provider</Badge>}
            <span className="text-xs text-muted">
              <RelativeTime date={row.at} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}

/** "Signed in" after a name: "signed in". */
const inSentence = (words: string) => words.charAt(0).toLowerCase() + words.slice(1)
