import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { KindOfRole } from '@/app/(console)/settings/roles/new/kind-of-role'
import { RoleEditor } from '@/app/(console)/_components/roles/role-editor'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/settings/roles/new')

export default definePage('(console)/settings/roles/new', async ({ op, api, paths, search }) => {
  const base = search.from === undefined ? null : await api.roles.get({ id: search.from })
  const multiTenant = op.tenant.isMaster && search.kind === 'multi'
  const limits = await api.roles.limits({ multiTenant })
  return (
    <>
      <PageHeader
        breadcrumbs={[{ label: 'Roles', href: paths.settingsRoles }, { label: 'Create role' }]}
        title={base ? `Copy ${base.name}` : 'Create role'}
        description={
          multiTenant ? 'A template: every subtenant has it, and follows it until it edits it.' : undefined
        }
      />
      {op.tenant.isMaster && <KindOfRole multiTenant={multiTenant} />}
      <RoleEditor
        key={String(multiTenant)}
        from={base && { ...base, name: `${base.name} copy`.slice(0, 60) }}
        limits={limits}
        multiTenant={multiTenant}
        inMaster={op.tenant.isMaster}
      />
    </>
  )
})
