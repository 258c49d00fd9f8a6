import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { GroupsTable } from '@/app/(console)/infrastructure/groups/_components/groups-table'
import { NewGroupButton } from '@/app/(console)/infrastructure/groups/_components/group-form-dialog'
import { PageHeader } from '@/ui/page-header'
import { parseTableParams } from '@/ui/table-url'

export const metadata = pageMetadata('(console)/infrastructure/groups')

export default definePage('(console)/infrastructure/groups', async ({ op, api, query }) => {
  const { q, cursor } = parseTableParams(query, [])
  const list = await api.groups.list({ search: q, cursor: cursor ?? undefined })
  const prefix = prefixOf(op)
  const create = <NewGroupButton prefix={prefix} may={list.can.create} />
  return (
    <>
      <PageHeader
        title="Groups"
        description="Your own sets of clouds, hosts and other things. A role at level group reaches what is in its groups."
        actions={create}
      />
      <GroupsTable list={list} prefix={prefix} create={create} />
    </>
  )
})
