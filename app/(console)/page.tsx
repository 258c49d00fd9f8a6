import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { NextSteps } from '@/app/(console)/_components/next-steps'
import { RecentActivity } from '@/app/(console)/_components/recent-activity'
import { can } from '@/server/context/op'
import { Alert } from '@/ui/alert'
import { ButtonLink } from '@/ui/button'
import { Stat } from '@/ui/card'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)')

const RECENT = 8
const one = { limit: 1 }

export default definePage('(console)', async ({ op, api, paths }) => {
  const seesHosts = can(op, 'hosts', 'read')
  const seesTenants =
    op.tenant.isMaster &&
    can(op, 'tenants', 'read') &&
    op.gate.state !== 'off' &&
    op.gate.state !== 'unlicensed'
  const [hosts, online, offline, tenants, people, signUps, recent] = await Promise.all([
    seesHosts ? api.hosts.list(one) : null,
    seesHosts ? api.hosts.list({ ...one, status: ['online'] }) : null,
    seesHosts ? api.hosts.list({ ...one, status: ['offline'] }) : null,
    seesTenants ? api.tenants.list(one) : null,
    !op.tenant.isMaster && can(op, 'users', 'full')
      ? api.users.list({ ...one, kind: ['home', 'guest'] })
      : null,
    seesTenants && can(op, 'tenants', 'full') ? api.signUp.policy() : null,
    can(op, 'audit', 'read') ? api.audit.list({ limit: RECENT }) : null,
  ])
  return (
    <>
      <PageHeader
        title={`Welcome, ${op.actor.displayName.split(' ')[0]}`}
        description={
          op.tenant.isMaster
            ? 'The master tenant: what you own, and the tenants you look after.'
            : `What ${op.tenant.name} has, and what happened lately.`
        }
      />
      <div className="grid gap-6">
        {signUps && signUps.waiting > 0 && (
          <Alert
            title={signUps.waiting === 1 ? '1 sign-up waits' : `${signUps.waiting} sign-ups wait`}
            action={<ButtonLink href={`${paths.settingsSignUp}?status=waiting`}>See who</ButtonLink>}
          >
            Somebody wants an organization of their own. Approve or decline it.
          </Alert>
        )}
        {(hosts ?? tenants) && (
          <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
            {hosts && <Stat label="Hosts" value={count(hosts)} />}
            {online && <Stat label="Online" value={count(online)} />}
            {offline && (
              <Stat
                label="Offline"
                value={count(offline)}
                detail={offline.total > 0 ? 'No report for over 95 seconds' : undefined}
              />
            )}
            {tenants && <Stat label="Tenants" value={count(tenants)} />}
          </div>
        )}
        <NextSteps
          op={op}
          paths={paths}
          hosts={hosts?.total ?? null}
          tenants={tenants?.total ?? null}
          people={people?.total ?? null}
        />
        {recent && <RecentActivity rows={recent.rows} href={paths.audit} />}
      </div>
    </>
  )
})

const count = ({ total, totalCapped }: { total: number; totalCapped: boolean }) =>
  `${total.toLocaleString('en')}${totalCapped ? '+' : ''}`
