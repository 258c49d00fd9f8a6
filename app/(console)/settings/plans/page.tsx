import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { ActivateCard } from '@/app/(console)/settings/plans/activate-card'
import { BackFromPayment } from '@/app/(console)/settings/plans/back-from-payment'
import { CurrentCard } from '@/app/(console)/settings/plans/current-card'
import { InvoicesCard } from '@/app/(console)/settings/plans/invoices-card'
import { LicencesCard } from '@/app/(console)/settings/plans/licences-card'
import { PlanCards } from '@/app/(console)/settings/plans/plan-cards'
import { StripeAlerts } from '@/app/(console)/settings/plans/stripe-alerts'
import { SubscriptionCard } from '@/app/(console)/settings/plans/subscription-card'
import { ButtonLink } from '@/ui/button'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/settings/plans')

export default definePage('(console)/settings/plans', async ({ api, paths, search }) => {
  const [state, billing] = await Promise.all([api.licence.list(), api.billing.get()])
  const { subscription } = billing
  const { session } = search
  return (
    <div className="mx-auto max-w-3xl">
      <PageHeader
        title="Plans & Activation"
        description="What this installation may do, and how to get more. What is there stays readable, whatever ends."
        actions={<ButtonLink href={paths.settingsTenants}>Multi-tenancy</ButtonLink>}
      />
      <div className="grid gap-5">
        {session && billing.can.buy && (
          <BackFromPayment session={session} here={paths.settingsPlans} known={subscription?.id} />
        )}
        <StripeAlerts billing={billing} />
        <CurrentCard state={state} />
        {subscription && <SubscriptionCard billing={billing} subscription={subscription} />}
        <PlanCards state={state} billing={billing} />
        {billing.configured && billing.customer && (
          <InvoicesCard
            key={subscription && `${subscription.id} ${subscription.hosts} ${subscription.status}`}
          />
        )}
        <ActivateCard state={state} />
        <LicencesCard state={state} />
      </div>
    </div>
  )
})
