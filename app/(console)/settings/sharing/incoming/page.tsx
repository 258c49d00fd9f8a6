import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { LiveRefresh } from '@/app/_components/live-refresh'
import { IncomingTable } from '@/app/(console)/_components/sharing/incoming-table'
import { SharingFrame } from '@/app/(console)/_components/sharing/sharing-frame'
import { shareLinks, sharesInput } from '@/app/(console)/_components/sharing/sharing-input'

export const metadata = pageMetadata('(console)/settings/sharing/incoming')

export default definePage('(console)/settings/sharing/incoming', async ({ op, api, paths, query }) => {
  const list = await api.grants.incoming(sharesInput(query))
  const address = op.tenant.isMaster ? null : op.tenant.id
  return (
    <SharingFrame paths={paths} address={address} rows={list.rows}>
      <LiveRefresh ids={[]} />
      <IncomingTable list={list} links={shareLinks(paths, list.rows, false)} />
    </SharingFrame>
  )
})
