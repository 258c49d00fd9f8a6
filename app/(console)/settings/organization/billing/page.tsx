import { LiveRefresh } from '@/app/_components/live-refresh'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { MonthsCard } from '@/app/(console)/_components/usage/months-card'
import { HoldingsCards, PlanAlerts, PlanCard } from '@/app/(console)/settings/organization/billing/plan-card'
import { OrganizationTabs } from '@/app/(console)/settings/organization/organization-tabs'
import { can } from '@/server/context/op'
import { lastMonths } from '@/server/features/usage/usage.words'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/settings/organization/billing')

export default definePage('(console)/settings/organization/billing', async ({ op, api, paths }) => {
  const usage = await api.usage.own()
  const seesPlans = op.tenant.isMaster && can(op, 'settings', 'read')
  return (
    <div className="mx-auto max-w-3xl">
      <LiveRefresh />
      <PageHeader
        title="Billing & Plan"
        description="The plan of this tenant, what it uses, and how it was month by month."
        tabs={<OrganizationTabs op={op} paths={paths} />}
      />
      <div className="grid gap-5">
        <PlanAlerts usage={usage} plansHref={seesPlans ? paths.settingsPlans : undefined} />
        <PlanCard usage={usage} paths={paths} mayManage={seesPlans} />
        <HoldingsCards usage={usage} />
        <MonthsCard
          title="Usage by month"
          months={usage.months}
          shown={lastMonths(12).toReversed()}
          limit={usage.slice}
          limitLabel="You may have"
          csv={`${prefixOf(op)}/api/usage/own.csv`}
        />
      </div>
    </div>
  )
})
