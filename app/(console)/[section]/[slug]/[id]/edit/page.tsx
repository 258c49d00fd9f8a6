import type { Metadata } from 'next'
import { definePage, kindOfPage, pageKind } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { ResourceForm } from '@/app/(console)/_components/resources/form/resource-form'
import { kindView } from '@/lib/resource-kinds/kind'
import { ButtonLink } from '@/ui/button'
import { ErrorState } from '@/ui/error-state'
import { PageHeader } from '@/ui/page-header'

export async function generateMetadata({
  params,
}: {
  params: Promise<Record<string, string>>
}): Promise<Metadata> {
  return { title: `Edit ${pageKind(await params)?.label.toLowerCase()}` }
}

export default definePage('(console)/[section]/[slug]/[id]/edit', async ({ op, api, paths, params }) => {
  const kind = kindOfPage(params)
  const resource = await api.resources.get({ kind: kind.kind, id: params.id ?? '' })
  const href = paths.resource(kind, resource.id)
  if (!resource.can.edit.allowed)
    return (
      <ErrorState kind="forbidden" action={<ButtonLink href={href}>Back to {resource.name}</ButtonLink>}>
        {resource.can.edit.reason}
      </ErrorState>
    )
  return (
    <>
      <PageHeader
        title={`Edit ${resource.name}`}
        breadcrumbs={[
          { label: kind.plural, href: paths.kind(kind) },
          { label: resource.name, href },
          { label: 'Edit' },
        ]}
      />
      <ResourceForm
        kind={kindView(kind)}
        prefix={prefixOf(op)}
        resource={resource}
        masterId={op.tenant.isMaster ? op.tenant.id : undefined}
      />
    </>
  )
})
