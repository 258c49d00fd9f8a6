import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { InvitePeople } from '@/app/(console)/admin/people/_components/invite-people'
import { PeopleTabs } from '@/app/(console)/admin/people/_components/people-tabs'
import { PeopleTable } from '@/app/(console)/admin/people/_components/people-table'
import { PageHeader } from '@/ui/page-header'
import { parseTableParams } from '@/ui/table-url'

export const metadata = pageMetadata('(console)/admin/people')

const SORTS = ['name', 'username', 'email', 'tenant', 'lastSignIn'] as const
const LEVELS = ['parent', 'master', 'tenant'] as const
const STATUSES = ['active', 'disabled'] as const
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export default definePage('(console)/admin/people', async ({ op, api, paths, query }) => {
  const { q, sort, cursor, filters } = parseTableParams(query, ['level', 'status', 'tenant'])
  const tenantId = filters.tenant?.find((id) => UUID.test(id))
  const [page, options, tenant] = await Promise.all([
    api.people.list({
      search: q,
      sort: SORTS.find((id) => id === sort?.id) ?? 'name',
      desc: sort?.desc ?? false,
      levels: LEVELS.filter((level) => filters.level?.includes(level)),
      status: STATUSES.filter((status) => filters.status?.includes(status)),
      tenantId,
      cursor: cursor ?? undefined,
    }),
    api.allInvitations.options(),
    tenantId === undefined ? null : api.people.tenant({ id: tenantId }),
  ])
  return (
    <>
      <PageHeader
        title="People"
        description="Everybody of all tenants: where they are homed, and what they reach."
        actions={<InvitePeople options={options} />}
        tabs={<PeopleTabs paths={paths} />}
      />
      <PeopleTable page={page} prefix={prefixOf(op)} tenant={tenant} />
    </>
  )
})
