import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { RolesTable } from '@/app/(console)/_components/roles/roles-table'
import { TenantFrame } from '@/app/(console)/admin/tenants/[id]/_components/tenant-frame'

export const metadata = pageMetadata('(console)/admin/tenants/[id]/roles')

export default definePage('(console)/admin/tenants/[id]/roles', async ({ op, api, paths, params }) => {
  const tenantId = params.id ?? ''
  const [list, tenant] = await Promise.all([
    api.rolesIn.list({ tenantId }),
    api.tenants.get({ id: tenantId }),
  ])
  return (
    <TenantFrame op={op} paths={paths} tenant={tenant}>
      <RolesTable list={list} tenantId={tenantId} prefix={prefixOf(op)} />
    </TenantFrame>
  )
})
