import { auditInput } from '@/app/_lib/audit-input'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { AuditTable } from '@/app/(console)/_components/audit-table'
import { TenantFrame } from '@/app/(console)/admin/tenants/[id]/_components/tenant-frame'

export const metadata = pageMetadata('(console)/admin/tenants/[id]/audit')

export default definePage('(console)/admin/tenants/[id]/audit', async ({ api, op, paths, params, query }) => {
  const tenantId = params.id ?? ''
  const [tenant, list] = await Promise.all([
    api.tenants.get({ id: tenantId }),
    api.audit.ofTenant({ tenantId, ...auditInput(query) }),
  ])
  return (
    <TenantFrame op={op} paths={paths} tenant={tenant}>
      <AuditTable {...list} />
    </TenantFrame>
  )
})
