import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { PendingInvitations } from '@/app/(console)/_components/invitations/pending-invitations'
import { usersInput } from '@/app/(console)/_components/users/users-input'
import { UsersTabs } from '@/app/(console)/_components/users/users-tabs'
import { UsersTable } from '@/app/(console)/_components/users/users-table'
import { tenantOrigin } from '@/lib/paths'
import { siteConfig } from '@/server/context/site'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/settings/users')

export default definePage('(console)/settings/users', async ({ op, api, paths, query }) => {
  const [page, roles, pending] = await Promise.all([
    api.users.list(usersInput(query)),
    api.roles.assignable(),
    api.invitations.list({ status: ['pending'], limit: 1 }),
  ])
  const { name, slug, isMaster } = op.tenant
  const address = tenantOrigin(isMaster ? null : slug, siteConfig())
  return (
    <>
      <PageHeader
        title="Users"
        description={`Who can sign in to ${name}, and what they may do there.`}
        tabs={<UsersTabs users={paths.settingsUsers} invitations={paths.invitations} />}
      />
      <PendingInvitations page={pending} href={paths.invitations} />
      <UsersTable page={page} roles={roles} tenant={{ name, slug, address, master: isMaster }} />
    </>
  )
})
