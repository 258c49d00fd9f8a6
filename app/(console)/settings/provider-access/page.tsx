import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { LiveRefresh } from '@/app/_components/live-refresh'
import { OtherActs } from '@/app/(console)/settings/provider-access/_components/other-acts'
import { PolicyCard } from '@/app/(console)/settings/provider-access/_components/policy-card'
import { VisitsTable } from '@/app/(console)/settings/provider-access/_components/visits-table'
import { can } from '@/server/context/op'
import { parseTableParams } from '@/ui/table-url'
import { PageHeader, Section } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/settings/provider-access')

export default definePage('(console)/settings/provider-access', async ({ op, api, paths, query }) => {
  const { cursor } = parseTableParams(query)
  const [access, visits, others] = await Promise.all([
    api.providerAccess.get(),
    api.providerAccess.visits({ cursor: cursor ?? undefined }),
    api.providerAccess.others({ limit: 10 }),
  ])
  const why = op.impersonator
    ? 'Not while impersonating'
    : can(op, 'users', 'full')
      ? null
      : 'Only who manages users does this'
  return (
    <>
      <PageHeader
        title="Provider access"
        description={`Who from your provider was in ${op.tenant.name}, as whom, why and what they did; and whether they may come in.`}
      />
      <LiveRefresh ids={[]} />
      <div className="grid gap-6">
        <PolicyCard access={access} />
        <Section
          title="Impersonation"
          description="Who acted, acts or asks to act here as one of your users."
        >
          <VisitsTable {...visits} why={why} />
        </Section>
        <Section
          title="Under their own names"
          description="What the provider looked at or changed here without being one of your users: the latest ten."
        >
          <OtherActs rows={others.rows} auditHref={paths.audit} />
        </Section>
      </div>
    </>
  )
})
