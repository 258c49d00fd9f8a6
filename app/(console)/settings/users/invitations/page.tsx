import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { invitationsInput } from '@/app/(console)/_components/invitations/invitations-input'
import { InvitationsTable } from '@/app/(console)/_components/invitations/invitations-table'
import { UsersTabs } from '@/app/(console)/_components/users/users-tabs'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/settings/users/invitations')

export default definePage('(console)/settings/users/invitations', async ({ op, api, paths, query }) => {
  const [page, roles] = await Promise.all([
    api.invitations.list(invitationsInput(query)),
    api.roles.assignable(),
  ])
  const { name, isMaster } = op.tenant
  return (
    <>
      <PageHeader
        title="Users"
        description={`Who can sign in to ${name}, and what they may do there.`}
        tabs={<UsersTabs users={paths.settingsUsers} invitations={paths.invitations} />}
      />
      <InvitationsTable page={page} roles={roles} tenant={{ name, master: isMaster }} />
    </>
  )
})
