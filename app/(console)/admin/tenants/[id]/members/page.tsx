import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { TenantFrame } from '@/app/(console)/admin/tenants/[id]/_components/tenant-frame'
import { MembersEditor } from '@/app/(console)/admin/tenants/[id]/members/members-editor'
import { MembersList } from '@/app/(console)/admin/tenants/[id]/members/members-list'

export const metadata = pageMetadata('(console)/admin/tenants/[id]/members')

export default definePage('(console)/admin/tenants/[id]/members', async ({ op, api, paths, params }) => {
  const tenantId = params.id ?? ''
  const [tenant, state] = await Promise.all([
    api.tenants.get({ id: tenantId }),
    api.membersMap.get({ tenantId }),
  ])
  return (
    <TenantFrame op={op} paths={paths} tenant={tenant}>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <MembersEditor key={state.version} tenantId={tenantId} state={state} />
        <MembersList rows={state.rows} paths={paths} />
      </div>
    </TenantFrame>
  )
})
