import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { TasksTable } from '@/app/(console)/settings/tasks/_components/tasks-table'
import { PageHeader } from '@/ui/page-header'
import { parseTableParams } from '@/ui/table-url'

export const metadata = pageMetadata('(console)/settings/tasks')

export default definePage('(console)/settings/tasks', async ({ op, api, query }) => {
  const { cursor } = parseTableParams(query, [])
  const list = await api.tasks.list({ cursor: cursor ?? undefined })
  return (
    <>
      <PageHeader
        title="Tasks"
        description="Work that takes longer than a click. It goes on when you leave, and is found again here."
      />
      <TasksTable list={list} prefix={prefixOf(op)} />
    </>
  )
})
