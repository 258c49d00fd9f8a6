import type { Metadata } from 'next'
import { definePage } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { ConnectForm } from '@/app/(console)/infrastructure/clouds/_components/connect/connect-form'
import { CLOUD } from '@/lib/resource-kinds/cloud'
import { ButtonLink } from '@/ui/button'
import { ErrorState } from '@/ui/error-state'
import { PageHeader } from '@/ui/page-header'

export const metadata: Metadata = { title: 'Connection' }

export default definePage(
  '(console)/infrastructure/clouds/[id]/connection',
  async ({ op, api, paths, params }) => {
    const cloud = await api.resources.get({ kind: 'cloud', id: params.id ?? '' })
    const { connection, can } = await api.connections.get({ id: cloud.id })
    const back = paths.resource(CLOUD, cloud.id)
    if (!can.manage.allowed)
      return (
        <ErrorState kind="forbidden" action={<ButtonLink href={back}>Back to {cloud.name}</ButtonLink>}>
          {can.manage.reason}
        </ErrorState>
      )
    const { rows } = await api.connections.connectors()
    return (
      <>
        <PageHeader
          title={connection ? `Connection of ${cloud.name}` : `Connect ${cloud.name}`}
          description={
            connection
              ? 'Whatever is changed, the credentials are asked for anew: they are never sent to a server that they were not entered for.'
              : 'What stands in it is found and kept up to date.'
          }
          breadcrumbs={[
            { label: 'Clouds', href: paths.kind(CLOUD) },
            { label: cloud.name, href: back },
            { label: 'Connection' },
          ]}
        />
        <ConnectForm
          connectors={rows}
          forTenants={false}
          existing={{
            id: cloud.id,
            name: cloud.name,
            ...(connection && { connector: connection.connector, endpoint: connection.endpoint }),
          }}
          prefix={prefixOf(op)}
        />
      </>
    )
  },
)
