import { PolicyForm } from '@/app/(console)/settings/security/policy-form'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/settings/security')

export default definePage('(console)/settings/security', async ({ op, api }) => {
  const state = await api.securityPolicy.get()
  return (
    <div className="grid gap-6">
      <PageHeader
        title="Security"
        description={
          op.tenant.isMaster
            ? 'What is asked of passwords, sign-ins and sessions. Every tenant asks for at least as much.'
            : `What ${op.tenant.name} asks of passwords, sign-ins and sessions.`
        }
      />
      <PolicyForm state={state} />
    </div>
  )
})
