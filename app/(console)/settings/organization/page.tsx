import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { EndCard } from '@/app/(console)/settings/organization/end-card'
import { OverviewCard } from '@/app/(console)/settings/organization/overview-card'
import { OwnerCard } from '@/app/(console)/settings/organization/owner-card'
import { can } from '@/server/context/op'
import { ButtonLink } from '@/ui/button'
import { LinkTabs } from '@/ui/link-tabs'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/settings/organization')

export default definePage('(console)/settings/organization', async ({ op, api, paths }) => {
  const organization = await api.organization.get()
  const tabs = [
    { label: 'Overview', href: paths.organization },
    ...(can(op, 'users', 'read') ? [{ label: 'Access', href: paths.settingsUsers }] : []),
    ...(can(op, 'sharing', 'read') ? [{ label: 'Sharing', href: paths.sharing }] : []),
  ]
  return (
    <div className="mx-auto max-w-3xl">
      <PageHeader
        title="Organization"
        description="What this tenant is called, and whose it is."
        actions={
          op.tenant.isMaster &&
          can(op, 'tenants', 'full') && <ButtonLink href={paths.newTenant}>Create organization</ButtonLink>
        }
        tabs={<LinkTabs label="Organization" items={tabs} />}
      />
      <div className="grid gap-5">
        <OverviewCard organization={organization} />
        {!organization.master && <OwnerCard organization={organization} />}
        {!organization.master && <EndCard organization={organization} />}
      </div>
    </div>
  )
})
