import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import { VIRTUAL_MACHINE } from '@/lib/resource-kinds/virtual-machine'
import type { CreationView } from '@/server/features/machines/creations.schema'
import { Card } from '@/ui/card'
import { RelativeTime } from '@/ui/relative-time'
import { type Status, StatusDot } from '@/ui/status-dot'
import { TextLink } from '@/ui/text-link'

const DOT: Record<CreationView['status'], { status: Status; label: string }> = {
  queued: { status: 'pending', label: 'Waiting' },
  asking: { status: 'pending', label: 'Being asked for' },
  running: { status: 'pending', label: 'Being made' },
  ok: { status: 'live', label: 'Made' },
  failed: { status: 'offline', label: 'Not made' },
}

interface Props {
  creations: readonly CreationView[]
  prefix: TenantPrefix
}

/** The machines that were asked for last, and what came of each. */
export function Creations({ creations, prefix }: Props) {
  const paths = consolePaths(prefix)
  return (
    <Card title="Asked for last">
      {creations.length === 0 && <p className="text-sm text-muted">Nothing yet.</p>}
      <ul aria-label="Asked for last">
        {creations.map(({ id, name, resourceId, status, message, createdAt }) => (
          <li key={id} className="grid gap-0.5 border-b border-line py-1.5 text-sm last:border-b-0">
            <span className="flex flex-wrap items-center justify-between gap-x-3">
              {resourceId === null ? (
                <span className="wrap-anywhere">{name}</span>
              ) : (
                <TextLink href={paths.resource(VIRTUAL_MACHINE, resourceId)}>{name}</TextLink>
              )}
              <StatusDot {...DOT[status]} />
            </span>
            {message !== '' && <span className="text-xs wrap-anywhere text-muted">{message}</span>}
            <span className="text-xs text-muted">
              <RelativeTime date={createdAt} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}
