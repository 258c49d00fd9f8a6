'use client'

import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import type { SyncView } from '@/server/features/connections/connections.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { RelativeTime } from '@/ui/relative-time'

interface Props {
  cloud: { id: string; name: string }
  sync: SyncView
  manage: { allowed: boolean; reason?: string }
}

/** What is wrong with the looks into a cloud, and what to do about it. */
export function SyncAlerts({ cloud, sync, manage }: Props) {
  const { pending, error, run } = useChange(() => undefined)
  return (
    <>
      {sync.code !== '' && (
        <Alert tone="danger" title={sync.error}>
          {sync.remedy} {sync.okAt !== null && <StaleSince okAt={sync.okAt} />}
        </Alert>
      )}
      {sync.code === '' && sync.stale && sync.okAt !== null && (
        <Alert tone="warning">
          <StaleSince okAt={sync.okAt} />
        </Alert>
      )}
      {sync.status === 'shrunk' && (
        <Alert
          tone="warning"
          title="The cloud told of much less than is known"
          action={
            <Button
              size="sm"
              loading={pending}
              disabledReason={!manage.allowed && manage.reason}
              onClick={() =>
                void run(
                  () => api().connections.accept.mutate({ id: cloud.id }),
                  'It is read again. What is told twice in a row to be gone is then missing.',
                )
              }
            >
              That is right
            </Button>
          }
        >
          Nothing was taken away. If the connection may see all as before, look again later; if so much is
          really gone, say so. {error}
        </Alert>
      )}
      {sync.note !== '' && (
        <Alert tone="warning" title="Its tasks or backups are not up to date">
          {sync.note}
        </Alert>
      )}
      {sync.leftOut > 0 && (
        <Alert>
          {sync.leftOut.toLocaleString('en')} left out: hosts beyond the limit of the licence, or what the
          cloud told in a form that cannot be shown.
        </Alert>
      )}
    </>
  )
}

const StaleSince = ({ okAt }: { okAt: string }) => (
  <>
    What is shown is from <RelativeTime date={okAt} />.
  </>
)
