import { ConnectionMenu } from '@/app/(console)/infrastructure/clouds/_components/connection-menu'
import { SyncAlerts } from '@/app/(console)/infrastructure/clouds/_components/sync-alerts'
import { SyncStatus } from '@/app/(console)/infrastructure/clouds/_components/sync-status'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { ConnectionView, SyncView } from '@/server/features/connections/connections.schema'
import { ButtonLink } from '@/ui/button'
import { Card } from '@/ui/card'
import { DescriptionList, type Fact } from '@/ui/description-list'
import { RelativeTime } from '@/ui/relative-time'

interface Props {
  cloud: { id: string; name: string }
  view: ConnectionView
  prefix: TenantPrefix
}

const time = (iso: string | null) => (iso === null ? null : <RelativeTime date={iso} />)

/** On a cloud's page: how it is reached and how the looks into it go, as far as it is the tenant's to know. */
export function ConnectionCard({ cloud, view, prefix }: Props) {
  const { connection, sync, can } = view
  const editHref = consolePaths(prefix).connection(cloud.id)
  if (!sync)
    return can.manage.allowed ? (
      <Card title="Connection">
        <div className="flex flex-wrap items-center justify-between gap-3 text-sm">
          <p className="text-muted">It is not connected: what stands in it is entered by hand or imported.</p>
          <ButtonLink href={editHref}>Connect</ButtonLink>
        </div>
      </Card>
    ) : null
  const where: Fact[] = connection
    ? [
        { label: 'Type', value: connection.label },
        { label: 'Address', value: connection.endpoint, copy: connection.endpoint, mono: true },
        { label: 'Known by', value: knownBy(connection) },
      ]
    : []
  return (
    <Card
      title="Connection"
      actions={<ConnectionMenu cloud={cloud} view={{ ...view, sync }} editHref={editHref} />}
    >
      <div className="grid gap-3">
        <SyncAlerts cloud={cloud} sync={sync} manage={can.manage} />
        <DescriptionList
          items={[
            { label: 'Status', value: <SyncStatus sync={sync} /> },
            ...where,
            { label: 'Seen whole', value: time(sync.okAt) },
            {
              label: 'Next look',
              value: sync.paused ? 'Paused' : sync.status === 'running' ? null : time(sync.nextAt),
            },
            ...(sync.listening
              ? [{ label: 'Changes', value: 'The cloud tells of them as they happen' }]
              : []),
            { label: 'Last look', value: lastLook(sync) },
          ]}
        />
      </div>
    </Card>
  )
}

function knownBy({ fingerprint, ca }: NonNullable<ConnectionView['connection']>): string {
  if (fingerprint !== null) return `Its certificate, SHA-256 ${fingerprint.slice(0, 16)}…`
  return ca ? 'Certificates of your own authority' : 'A public authority'
}

function lastLook({ seen, added, changed, missing, gone, leftOut }: SyncView): string {
  const parts = [
    [added, 'new'],
    [changed, 'changed'],
    [missing, 'missing'],
    [gone, 'gone'],
    [leftOut, 'left out'],
  ] as const
  const told = parts.filter(([n]) => n > 0).map(([n, what]) => `${n.toLocaleString('en')} ${what}`)
  return [`${seen.toLocaleString('en')} seen`, ...told].join(', ')
}
