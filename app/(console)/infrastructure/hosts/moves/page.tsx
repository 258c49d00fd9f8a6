import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { MigrationsTable } from '@/app/(console)/infrastructure/hosts/moves/migrations-table'
import { PageHeader } from '@/ui/page-header'
import { parseTableParams } from '@/ui/table-url'

export const metadata = pageMetadata('(console)/infrastructure/hosts/moves')

export default definePage('(console)/infrastructure/hosts/moves', async ({ op, api, paths, query }) => {
  const { cursor } = parseTableParams(query, [])
  const list = await api.hostMoves.list({ cursor: cursor ?? undefined })
  return (
    <>
      <PageHeader
        title="Migrations"
        description="Hosts that went from one tenant to another in the last 7 days. Until then each can be undone."
        breadcrumbs={[{ label: 'Hosts', href: paths.hosts }, { label: 'Migrations' }]}
      />
      <MigrationsTable list={list} prefix={prefixOf(op)} />
    </>
  )
})
