import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { AccessLines } from '@/app/(console)/account/access-lines'
import { PermissionTable } from '@/app/(console)/account/permission-table'
import { Badge } from '@/ui/badge'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/settings/users/[id]/rights')

export default definePage('(console)/settings/users/[id]/rights', async ({ api, paths, params }) => {
  const { user, roles, cap, permissions, access } = await api.account.rightsOf({ id: params.id ?? '' })
  const description =
    cap === null
      ? 'The highest level that one of the roles gives.'
      : `The highest level that one of the roles gives, up to what the tenant's base role (${cap}) allows.`
  return (
    <>
      <PageHeader
        breadcrumbs={[{ label: 'Users', href: paths.settingsUsers }, { label: user.name }]}
        title={`What ${user.name} may do`}
        description={description}
        meta={roles.map((role) => (
          <Badge key={role.title}>{role.title}</Badge>
        ))}
      />
      <div className="grid gap-5">
        <PermissionTable rows={permissions} />
        <AccessLines lines={access} />
      </div>
    </>
  )
})
