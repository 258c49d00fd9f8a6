import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { invitationsInput } from '@/app/(console)/_components/invitations/invitations-input'
import { InvitationsTable } from '@/app/(console)/_components/invitations/invitations-table'
import { UsersTabs } from '@/app/(console)/_components/users/users-tabs'
import { TenantFrame } from '@/app/(console)/admin/tenants/[id]/_components/tenant-frame'

export const metadata = pageMetadata('(console)/admin/tenants/[id]/users/invitations')

export default definePage(
  '(console)/admin/tenants/[id]/users/invitations',
  async ({ op, api, paths, params, query }) => {
    const tenantId = params.id ?? ''
    const [page, roles, tenant] = await Promise.all([
      api.tenantInvitations.list({ tenantId, ...invitationsInput(query) }),
      api.rolesIn.assignable({ tenantId }),
      api.tenants.get({ id: tenantId }),
    ])
    const { name, master } = tenant
    return (
      <TenantFrame op={op} paths={paths} tenant={tenant}>
        <div className="mb-4">
          <UsersTabs users={paths.tenantUsers(tenantId)} invitations={paths.tenantInvitations(tenantId)} />
        </div>
        <InvitationsTable page={page} roles={roles} tenant={{ name, master }} tenantId={tenantId} />
      </TenantFrame>
    )
  },
)
