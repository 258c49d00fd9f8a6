import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { LiveRefresh } from '@/app/_components/live-refresh'
import { OutgoingTable } from '@/app/(console)/_components/sharing/outgoing-table'
import { SharingFrame } from '@/app/(console)/_components/sharing/sharing-frame'
import { shareLinks, sharesInput } from '@/app/(console)/_components/sharing/sharing-input'

export const metadata = pageMetadata('(console)/settings/sharing')

export default definePage('(console)/settings/sharing', async ({ api, paths, query }) => {
  const list = await api.grants.outgoing(sharesInput(query))
  return (
    <SharingFrame paths={paths} address={list.address} rows={list.rows}>
      <LiveRefresh ids={[]} />
      <OutgoingTable list={list} links={shareLinks(paths, list.rows, true)} />
    </SharingFrame>
  )
})
