import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { TenantFrame } from '@/app/(console)/admin/tenants/[id]/_components/tenant-frame'
import { ResourcesTable } from '@/app/(console)/admin/tenants/[id]/resources/resources-table'
import { Alert } from '@/ui/alert'
import { parseTableParams } from '@/ui/table-url'

export const metadata = pageMetadata('(console)/admin/tenants/[id]/resources')

export default definePage(
  '(console)/admin/tenants/[id]/resources',
  async ({ op, api, paths, params, query }) => {
    const tenantId = params.id ?? ''
    const tenant = await api.tenants.get({ id: tenantId })
    const { q, cursor } = parseTableParams(query)
    // Said before anything is shown: what cannot be recorded is not looked at.
    await api.tenantResources.open({ tenantId })
    const list = await api.tenantResources.list({ tenantId, search: q, cursor: cursor ?? undefined })
    return (
      <TenantFrame op={op} paths={paths} tenant={tenant}>
        <div className="grid gap-4">
          <Alert title={`You are looking at what ${tenant.name} sees`}>
            You can change nothing here. That you looked stands in the log of {tenant.name} and in yours.
          </Alert>
          <ResourcesTable list={list} />
        </div>
      </TenantFrame>
    )
  },
)
