import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { RoleActions } from '@/app/(console)/_components/roles/role-actions'
import { RoleView } from '@/app/(console)/_components/roles/role-page'
import { RoleMarks } from '@/app/(console)/_components/roles/roles-table'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/admin/tenants/[id]/roles/[roleId]')

export default definePage('(console)/admin/tenants/[id]/roles/[roleId]', async ({ api, paths, params }) => {
  const tenantId = params.id ?? ''
  const [tenant, role] = await Promise.all([
    api.tenants.get({ id: tenantId }),
    api.rolesIn.get({ tenantId, id: params.roleId ?? '' }),
  ])
  return (
    <>
      <PageHeader
        breadcrumbs={[
          { label: 'Tenants', href: paths.tenants },
          { label: tenant.name, href: paths.tenant(tenantId) },
          { label: 'Roles', href: paths.tenantRoles(tenantId) },
          { label: role.name },
        ]}
        title={role.name}
        description={role.description}
        meta={<RoleMarks row={role} />}
        actions={<RoleActions role={role} tenantId={tenantId} />}
      />
      <RoleView role={role} tenantId={tenantId} inMaster={false} />
    </>
  )
})
