import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { invitationsInput } from '@/app/(console)/_components/invitations/invitations-input'
import { AllInvitationsTable } from '@/app/(console)/admin/people/_components/all-invitations-table'
import { InvitePeople } from '@/app/(console)/admin/people/_components/invite-people'
import { PeopleTabs } from '@/app/(console)/admin/people/_components/people-tabs'
import { PageHeader } from '@/ui/page-header'
import { parseTableParams } from '@/ui/table-url'

export const metadata = pageMetadata('(console)/admin/people/invitations')

const LEVELS = ['parent', 'tenant'] as const
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export default definePage('(console)/admin/people/invitations', async ({ api, paths, query }) => {
  const { filters } = parseTableParams(query, ['level', 'tenant'])
  const tenantId = filters.tenant?.find((id) => UUID.test(id))
  const levels = LEVELS.filter((level) => filters.level?.includes(level))
  const [page, options, tenant] = await Promise.all([
    api.allInvitations.list({ ...invitationsInput(query), levels, tenantId }),
    api.allInvitations.options(),
    tenantId === undefined ? null : api.people.tenant({ id: tenantId }),
  ])
  return (
    <>
      <PageHeader
        title="People"
        description="Everybody of all tenants: where they are homed, and what they reach."
        actions={<InvitePeople options={options} />}
        tabs={<PeopleTabs paths={paths} />}
      />
      <AllInvitationsTable page={page} options={options} tenant={tenant} />
    </>
  )
})
