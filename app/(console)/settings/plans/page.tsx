import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { ActivateCard } from '@/app/(console)/settings/plans/activate-card'
import { CurrentCard } from '@/app/(console)/settings/plans/current-card'
import { LicencesCard } from '@/app/(console)/settings/plans/licences-card'
import { PlanCards } from '@/app/(console)/settings/plans/plan-cards'
import { ButtonLink } from '@/ui/button'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/settings/plans')

export default definePage('(console)/settings/plans', async ({ api, paths }) => {
  const state = await api.licence.list()
  return (
    <div className="mx-auto max-w-3xl">
      <PageHeader
        title="Plans & Activation"
        description="What this installation may do, and how to get more. What is there stays readable, whatever ends."
        actions={<ButtonLink href={paths.settingsTenants}>Multi-tenancy</ButtonLink>}
      />
      <div className="grid gap-5">
        <CurrentCard state={state} />
        <PlanCards state={state} />
        <ActivateCard state={state} />
        <LicencesCard state={state} />
      </div>
    </div>
  )
})
