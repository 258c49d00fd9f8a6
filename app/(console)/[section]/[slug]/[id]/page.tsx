import type { Metadata } from 'next'
import { LiveRefresh } from '@/app/_components/live-refresh'
import { definePage, kindOfPage, pageKind } from '@/app/_lib/define-page'
import { AccessCard } from '@/app/(console)/_components/resources/access-card'
import { AttachedCard } from '@/app/(console)/_components/resources/attached-card'
import { FieldsCard } from '@/app/(console)/_components/resources/fields-card'
import { PendingNote } from '@/app/(console)/_components/resources/pending-note'
import { ResourceActions } from '@/app/(console)/_components/resources/resource-actions'
import { TagsCard } from '@/app/(console)/_components/resources/tags-card'
import { CloudCard } from '@/app/(console)/infrastructure/clouds/_components/cloud-card'
import { can } from '@/server/context/op'
import { VisibilityBadge } from '@/app/(console)/_components/resources/visibility-badge'
import { PageHeader } from '@/ui/page-header'

export async function generateMetadata({
  params,
}: {
  params: Promise<Record<string, string>>
}): Promise<Metadata> {
  return { title: pageKind(await params)?.label }
}

export default definePage('(console)/[section]/[slug]/[id]', async ({ op, api, paths, params }) => {
  const kind = kindOfPage(params)
  const resource = await api.resources.get({ kind: kind.kind, id: params.id ?? '' })
  const { kind: name, label, plural } = kind
  const overview = name === 'cloud' ? await api.clouds.overview({ id: resource.id }) : null
  return (
    <>
      <LiveRefresh ids={[resource.id]} />
      <PageHeader
        title={resource.name}
        breadcrumbs={[{ label: plural, href: paths.kind(kind) }, { label: resource.name }]}
        meta={<VisibilityBadge row={resource} />}
        actions={
          <ResourceActions
            kind={{ kind: name, label, plural }}
            resource={resource}
            isMaster={op.tenant.isMaster}
            listHref={paths.kind(kind)}
            editHref={paths.editResource(kind, resource.id)}
          />
        }
      />
      <PendingNote kind={kind} />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <div className="grid min-w-0 gap-4">
          <FieldsCard kind={kind} resource={resource} paths={paths} />
          <TagsCard resource={resource} may={can(op, kind.permission, 'user')} />
        </div>
        <div className="grid min-w-0 gap-4">
          {overview && <CloudCard cloud={resource} overview={overview} paths={paths} />}
          <AttachedCard resource={resource} paths={paths} />
          <AccessCard resource={resource} isMaster={op.tenant.isMaster} paths={paths} />
        </div>
      </div>
    </>
  )
})
