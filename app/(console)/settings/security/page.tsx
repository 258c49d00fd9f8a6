import { AddressesCard } from '@/app/(console)/settings/security/addresses-card'
import { EmergencyCard } from '@/app/(console)/settings/security/emergency-card'
import { PolicyForm } from '@/app/(console)/settings/security/policy-form'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/settings/security')

export default definePage('(console)/settings/security', async ({ op, api }) => {
  const [state, addresses] = await Promise.all([api.securityPolicy.get(), api.allowList.get()])
  return (
    <div className="grid gap-6">
      <PageHeader
        title="Security"
        description={
          op.tenant.isMaster
            ? 'What is asked of passwords, sign-ins and sessions; every tenant asks for at least as much. And from where the main host is reached.'
            : `What ${op.tenant.name} asks of passwords, sign-ins and sessions, and from where it is reached.`
        }
      />
      <PolicyForm state={state} />
      <div className="grid max-w-2xl gap-6">
        <AddressesCard state={addresses} />
        <EmergencyCard state={addresses} />
      </div>
    </div>
  )
})
