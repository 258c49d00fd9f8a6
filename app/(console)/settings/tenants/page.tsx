import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { LicenceCard } from '@/app/(console)/settings/tenants/licence-card'
import { MultiTenancyCard } from '@/app/(console)/settings/tenants/multi-tenancy-card'
import { SharingCard } from '@/app/(console)/settings/tenants/sharing-card'
import { can } from '@/server/context/op'
import { ButtonLink } from '@/ui/button'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/settings/tenants')

export default definePage('(console)/settings/tenants', async ({ op, api, paths }) => {
  const [state, sharing] = await Promise.all([api.settings.multiTenancy.get(), api.settings.sharing.get()])
  return (
    <div className="mx-auto max-w-3xl">
      <PageHeader
        title="Multi-tenancy"
        description="One master tenant, and as many subtenants as you have customers, departments or sites."
        actions={
          state.enabled &&
          can(op, 'tenants', 'read') && <ButtonLink href={paths.tenants}>Open tenants</ButtonLink>
        }
      />
      <div className="grid gap-5">
        <MultiTenancyCard state={state} />
        <SharingCard state={sharing} />
        <LicenceCard state={state} href={paths.settingsPlans} />
      </div>
    </div>
  )
})
