import { BackupBadges } from '@/app/(console)/_components/streams/backups-table'
import { ActivityStatus } from '@/app/(console)/_components/streams/activity-table'
import type { ConsolePaths } from '@/lib/paths'
import { formatBytes } from '@/lib/units'
import type { ActivityList, BackupList } from '@/server/features/streams/streams.schema'
import { ButtonLink } from '@/ui/button'
import { Card } from '@/ui/card'
import { RelativeTime } from '@/ui/relative-time'

interface Props {
  machineId: string
  tasks: ActivityList
  backups: BackupList
  paths: ConsolePaths
}

const LINE =
  'flex min-h-9 items-center justify-between gap-3 border-b border-line px-4 py-1.5 text-sm last:border-b-0'

/** On the page of a machine that was found in a cloud: its last backups, and what was done with it there by whomever. */
export function StreamsCards({ machineId, tasks, backups, paths }: Props) {
  const all = (href: string) => (
    <ButtonLink href={href} size="sm">
      All
    </ButtonLink>
  )
  return (
    <>
      <Card
        title="Backups"
        padded={backups.rows.length === 0}
        actions={backups.rows.length > 0 && all(paths.backupsOf(machineId))}
      >
        {backups.rows.length === 0 ? (
          <p className="text-sm text-muted">Its cloud tells of no backup of it.</p>
        ) : (
          <ul>
            {backups.rows.map((row) => (
              <li key={row.id} className={LINE}>
                <RelativeTime date={row.takenAt} />
                <span className="flex items-center gap-2">
                  {(row.protected || row.verified !== '' || row.goneAt !== null) && (
                    <BackupBadges row={row} />
                  )}
                  {row.size !== null && (
                    <span className="text-muted tabular-nums">{formatBytes(row.size)}</span>
                  )}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Card>
      {tasks.rows.length > 0 && (
        <Card title="Tasks of its cloud" padded={false} actions={all(paths.cloudTasksOf(machineId))}>
          <ul>
            {tasks.rows.map((row) => (
              <li key={row.id} className={LINE}>
                <span className="grid min-w-0">
                  <span className="truncate">{row.title}</span>
                  {row.message !== '' && <span className="truncate text-2xs text-muted">{row.message}</span>}
                </span>
                <span className="flex shrink-0 items-center gap-3">
                  <ActivityStatus row={row} />
                  <RelativeTime date={row.startedAt} className="text-muted tabular-nums whitespace-nowrap" />
                </span>
              </li>
            ))}
          </ul>
        </Card>
      )}
    </>
  )
}
