import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { ActivityTable } from '@/app/(console)/_components/streams/activity-table'
import { OfOne } from '@/app/(console)/_components/streams/of-one'
import { activityInput } from '@/app/(console)/_components/streams/streams-input'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/activity/tasks')

export default definePage('(console)/activity/tasks', async ({ op, api, paths, query }) => {
  const input = activityInput(query)
  const list = await api.streams.activity({ kind: 'task', ...input })
  return (
    <>
      <PageHeader
        title="Cloud tasks"
        description="What your clouds did, by whomever, the newest first; of the last 30 days. What Freehold itself does in the background is under Settings, Tasks."
      />
      {input.resourceId && <OfOne about={list.rows[0]?.about} allHref={paths.cloudTasks} paths={paths} />}
      <ActivityTable
        list={list}
        kind="task"
        prefix={prefixOf(op)}
        empty="Tasks appear here after the next look into a connected cloud: starts, stops, backups and the like, whoever began them."
      />
    </>
  )
})
