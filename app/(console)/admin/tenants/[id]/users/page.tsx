import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { PendingInvitations } from '@/app/(console)/_components/invitations/pending-invitations'
import { usersInput } from '@/app/(console)/_components/users/users-input'
import { UsersTabs } from '@/app/(console)/_components/users/users-tabs'
import { UsersTable } from '@/app/(console)/_components/users/users-table'
import { TenantFrame } from '@/app/(console)/admin/tenants/[id]/_components/tenant-frame'

export const metadata = pageMetadata('(console)/admin/tenants/[id]/users')

export default definePage('(console)/admin/tenants/[id]/users', async ({ op, api, paths, params, query }) => {
  const tenantId = params.id ?? ''
  const [page, roles, tenant, pending] = await Promise.all([
    api.tenantUsers.list({ tenantId, ...usersInput(query) }),
    api.rolesIn.assignable({ tenantId }),
    api.tenants.get({ id: tenantId }),
    api.tenantInvitations.list({ tenantId, status: ['pending'], limit: 1 }),
  ])
  const { name, slug, address, master } = tenant
  return (
    <TenantFrame op={op} paths={paths} tenant={tenant}>
      <div className="mb-4">
        <UsersTabs users={paths.tenantUsers(tenantId)} invitations={paths.tenantInvitations(tenantId)} />
      </div>
      <PendingInvitations page={pending} href={paths.tenantInvitations(tenantId)} />
      <UsersTable page={page} roles={roles} tenant={{ name, slug, address, master }} tenantId={tenantId} />
    </TenantFrame>
  )
})
