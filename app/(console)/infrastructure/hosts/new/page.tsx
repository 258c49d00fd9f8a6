import { LiveRefresh } from '@/app/_components/live-refresh'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { EnrolForm } from '@/app/(console)/infrastructure/hosts/_components/enrol-form'
import { TokensTable } from '@/app/(console)/infrastructure/hosts/_components/tokens-table'
import { can } from '@/server/context/op'
import { PageHeader, Section } from '@/ui/page-header'
import { parseTableParams } from '@/ui/table-url'

export const metadata = pageMetadata('(console)/infrastructure/hosts/new')

export default definePage('(console)/infrastructure/hosts/new', async ({ op, api, paths, query }) => {
  const { cursor } = parseTableParams(query)
  const tokens = await api.enrolmentTokens.list({ cursor: cursor ?? undefined, limit: 25 })
  const [last] = can(op, 'hosts', 'read')
    ? (await api.hosts.list({ sort: 'created', desc: true, limit: 1 })).rows
    : []
  return (
    <>
      <LiveRefresh />
      <PageHeader
        title="Enrol a host"
        breadcrumbs={[{ label: 'Hosts', href: paths.hosts }, { label: 'Enrol a host' }]}
        description={`One command on the machine, and it reports to ${op.tenant.name}.`}
      />
      <EnrolForm
        mayCreate={tokens.can.create}
        tokens={tokens.rows}
        newest={
          last ? { id: last.id, name: last.name, createdAt: last.createdAt, href: paths.host(last.id) } : null
        }
        hostsHref={paths.hosts}
      />
      <Section
        title="Enrolment tokens"
        description="Newest first. The secret of a token is stored as a hash and cannot be shown again."
      >
        <TokensTable
          rows={tokens.rows}
          from={tokens.from}
          total={tokens.total}
          nextCursor={tokens.nextCursor}
          prevCursor={tokens.prevCursor}
          mayRevoke={tokens.can.revoke}
        />
      </Section>
    </>
  )
})
