import type { Metadata } from 'next'
import { definePage } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { ConnectForm } from '@/app/(console)/infrastructure/clouds/_components/connect/connect-form'
import { CLOUD } from '@/lib/resource-kinds/cloud'
import { ButtonLink } from '@/ui/button'
import { ErrorState } from '@/ui/error-state'
import { PageHeader } from '@/ui/page-header'

export const metadata: Metadata = { title: 'Connect a cloud' }

export default definePage('(console)/infrastructure/clouds/connect', async ({ op, api, paths }) => {
  const { rows, can } = await api.connections.connectors()
  if (!can.connect.allowed)
    return (
      <ErrorState kind="forbidden" action={<ButtonLink href={paths.kind(CLOUD)}>Back to clouds</ButtonLink>}>
        {can.connect.reason}
      </ErrorState>
    )
  return (
    <>
      <PageHeader
        title="Connect a cloud"
        description="What stands in it is found and kept up to date, and belongs to whoever has the cloud."
        breadcrumbs={[{ label: 'Clouds', href: paths.kind(CLOUD) }, { label: 'Connect' }]}
      />
      <ConnectForm
        connectors={rows}
        forTenants={op.tenant.isMaster && op.gate.state === 'on'}
        prefix={prefixOf(op)}
      />
    </>
  )
})
