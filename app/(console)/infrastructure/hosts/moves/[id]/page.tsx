import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { UndoMigration } from '@/app/(console)/infrastructure/hosts/moves/[id]/undo-migration'
import { Badge } from '@/ui/badge'
import { Card } from '@/ui/card'
import { DescriptionList } from '@/ui/description-list'
import { PageHeader } from '@/ui/page-header'
import { RelativeTime } from '@/ui/relative-time'

export const metadata = pageMetadata('(console)/infrastructure/hosts/moves/[id]')

export default definePage('(console)/infrastructure/hosts/moves/[id]', async ({ api, paths, params }) => {
  const move = await api.hostMoves.get({ id: params.id ?? '' })
  const what = `${move.hosts.toLocaleString('en')} ${move.hosts === 1 ? 'host' : 'hosts'} to ${move.to}`
  const more = move.hosts - move.names.length
  return (
    <>
      <PageHeader
        title={what}
        breadcrumbs={[
          { label: 'Hosts', href: paths.hosts },
          { label: 'Migrations', href: paths.hostMigrations },
          { label: what },
        ]}
        meta={move.undoneAt ? <Badge>Undone</Badge> : <Badge tone="success">Done</Badge>}
        actions={<UndoMigration id={move.id} what={what} undo={move.undo} />}
      />
      <div className="grid max-w-3xl gap-4">
        <Card title="About">
          <DescriptionList
            items={[
              { label: 'By', value: move.createdBy },
              { label: 'When', value: <RelativeTime date={move.createdAt} /> },
              ...(move.undoneAt
                ? [
                    {
                      label: 'Undone',
                      value: (
                        <>
                          by {move.undoneBy}, <RelativeTime date={move.undoneAt} />
                        </>
                      ),
                    },
                  ]
                : [{ label: 'Can be undone until', value: <RelativeTime date={move.until} /> }]),
              { label: 'Hosts', value: `${move.names.join(', ')}${more > 0 ? ` and ${more} more` : ''}` },
              ...(move.things > 0 ? [{ label: 'On them', value: `${move.things} things` }] : []),
            ]}
          />
        </Card>
        {move.lines.length > 0 && (
          <Card title="What changed">
            <ul className="grid list-disc gap-1 pl-4 text-sm wrap-anywhere">
              {move.lines.map((line, index) => (
                <li key={index}>{line}</li>
              ))}
            </ul>
          </Card>
        )}
      </div>
    </>
  )
})
