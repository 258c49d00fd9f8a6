import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { RoleActions } from '@/app/(console)/_components/roles/role-actions'
import { RoleView } from '@/app/(console)/_components/roles/role-page'
import { RoleMarks } from '@/app/(console)/_components/roles/roles-table'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/settings/roles/[id]')

export default definePage('(console)/settings/roles/[id]', async ({ op, api, paths, params }) => {
  const role = await api.roles.get({ id: params.id ?? '' })
  return (
    <>
      <PageHeader
        breadcrumbs={[{ label: 'Roles', href: paths.settingsRoles }, { label: role.name }]}
        title={role.name}
        description={role.description}
        meta={<RoleMarks row={role} />}
        actions={<RoleActions role={role} />}
      />
      <RoleView role={role} inMaster={op.tenant.isMaster} />
    </>
  )
})
