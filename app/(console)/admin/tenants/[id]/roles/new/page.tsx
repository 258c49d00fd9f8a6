import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { RoleEditor } from '@/app/(console)/_components/roles/role-editor'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/admin/tenants/[id]/roles/new')

export default definePage(
  '(console)/admin/tenants/[id]/roles/new',
  async ({ api, paths, params, search }) => {
    const tenantId = params.id ?? ''
    const [tenant, limits] = await Promise.all([
      api.tenants.get({ id: tenantId }),
      api.rolesIn.limits({ tenantId }),
    ])
    const base = search.from === undefined ? null : await api.rolesIn.get({ tenantId, id: search.from })
    return (
      <>
        <PageHeader
          breadcrumbs={[
            { label: 'Tenants', href: paths.tenants },
            { label: tenant.name, href: paths.tenant(tenantId) },
            { label: 'Roles', href: paths.tenantRoles(tenantId) },
            { label: 'Create role' },
          ]}
          title={base ? `Copy ${base.name}` : `Create a role in ${tenant.name}`}
        />
        <RoleEditor
          from={base && { ...base, name: `${base.name} copy`.slice(0, 60) }}
          limits={limits}
          tenantId={tenantId}
          inMaster={false}
        />
      </>
    )
  },
)
