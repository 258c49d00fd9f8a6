import { MachineLoginsCard } from '@/app/(console)/_components/machine-logins/machine-logins-card'
import { FactorsCard } from '@/app/(console)/settings/users/[id]/sessions/factors-card'
import { UserSessions } from '@/app/(console)/settings/users/[id]/sessions/user-sessions'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/settings/users/[id]/sessions')

export default definePage('(console)/settings/users/[id]/sessions', async ({ op, api, paths, params }) => {
  const state = await api.users.signIn({ id: params.id ?? '' })
  const logins = await api.machineLogins.ofUser({ id: state.user.id })
  return (
    <>
      <PageHeader
        breadcrumbs={[{ label: 'Users', href: paths.settingsUsers }, { label: state.user.name }]}
        title={`How ${state.user.name} signs in`}
        description="Second factors, and where they are signed in at this moment."
      />
      <div className="grid max-w-3xl gap-6">
        <FactorsCard state={state} />
        <UserSessions state={state} tenant={op.tenant.name} />
        {state.user.home && <MachineLoginsCard state={logins} userId={state.user.id} />}
      </div>
    </>
  )
})
