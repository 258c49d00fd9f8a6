import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { BackupsTable } from '@/app/(console)/_components/streams/backups-table'
import { OfOne } from '@/app/(console)/_components/streams/of-one'
import { backupsInput } from '@/app/(console)/_components/streams/streams-input'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/infrastructure/backups')

export default definePage('(console)/infrastructure/backups', async ({ op, api, paths, query }) => {
  const input = backupsInput(query)
  const list = await api.streams.backups(input)
  return (
    <>
      <PageHeader
        title="Backups"
        description="What your clouds keep of your machines, the newest first. They are made and restored in the cloud itself."
      />
      {input.resourceId && <OfOne about={list.rows[0]?.about} allHref={paths.backups} paths={paths} />}
      <BackupsTable
        list={list}
        prefix={prefixOf(op)}
        empty="Backups appear here some minutes after a connected cloud made them. Proxmox VE tells of its backups; other clouds do not yet."
      />
    </>
  )
})
