import { ProvisioningCard } from '@/app/(console)/settings/identity/provisioning-card'
import { SourcesCard } from '@/app/(console)/settings/identity/sources-card'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/settings/identity')

export default definePage('(console)/settings/identity', async ({ op, api }) => (
  <div className="grid gap-6">
    <PageHeader
      title="Identity"
      description={`What people of ${op.tenant.name} sign in with, beside passwords, and the directory that provisions them. Their groups say which roles they have.`}
    />
    <SourcesCard list={await api.identity.list()} />
    <ProvisioningCard list={await api.provisioning.list()} />
  </div>
))
