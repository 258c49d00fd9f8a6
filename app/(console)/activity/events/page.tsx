import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { ActivityTable } from '@/app/(console)/_components/streams/activity-table'
import { OfOne } from '@/app/(console)/_components/streams/of-one'
import { activityInput } from '@/app/(console)/_components/streams/streams-input'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/activity/events')

export default definePage('(console)/activity/events', async ({ op, api, paths, query }) => {
  const input = activityInput(query)
  const list = await api.streams.activity({ kind: 'event', ...input })
  return (
    <>
      <PageHeader
        title="Cloud events"
        description="What happened in your clouds, the newest first; of the last 30 days."
      />
      {input.resourceId && <OfOne about={list.rows[0]?.about} allHref={paths.cloudEvents} paths={paths} />}
      <ActivityTable
        list={list}
        kind="event"
        prefix={prefixOf(op)}
        empty="Docker and Podman tell of events of their containers. Other clouds tell of tasks."
      />
    </>
  )
})
