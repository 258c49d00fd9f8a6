import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { EndCard } from '@/app/(console)/settings/organization/end-card'
import { OverviewCard } from '@/app/(console)/settings/organization/overview-card'
import { OwnerCard } from '@/app/(console)/settings/organization/owner-card'
import { OrganizationTabs } from '@/app/(console)/settings/organization/organization-tabs'
import { can } from '@/server/context/op'
import { ButtonLink } from '@/ui/button'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/settings/organization')

export default definePage('(console)/settings/organization', async ({ op, api, paths }) => {
  const organization = await api.organization.get()
  return (
    <div className="mx-auto max-w-3xl">
      <PageHeader
        title="Organization"
        description="What this tenant is called, and whose it is."
        actions={
          op.tenant.isMaster &&
          can(op, 'tenants', 'full') && <ButtonLink href={paths.newTenant}>Create organization</ButtonLink>
        }
        tabs={<OrganizationTabs op={op} paths={paths} />}
      />
      <div className="grid gap-5">
        <OverviewCard organization={organization} />
        {!organization.master && <OwnerCard organization={organization} />}
        {!organization.master && <EndCard organization={organization} />}
      </div>
    </div>
  )
})
