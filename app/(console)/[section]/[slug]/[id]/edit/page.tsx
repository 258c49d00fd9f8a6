import type { Metadata } from 'next'
import { definePage, kindOfPage, pageKind } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { masterOf } from '@/app/(console)/_components/resources/form/master-of'
import { ResourceForm } from '@/app/(console)/_components/resources/form/resource-form'
import { sharesOf } from '@/app/(console)/_components/sharing/shares-of'
import { TenantsCard } from '@/app/(console)/_components/sharing/tenants-card'
import { kindView } from '@/lib/resource-kinds/kind'
import { ButtonLink } from '@/ui/button'
import { ErrorState } from '@/ui/error-state'
import { PageHeader } from '@/ui/page-header'

/** Kinds that the master gives to several tenants by their form (seeds 002 and 003). */
const TOO_MANY = 'More than 100 tenants have it: change them under Settings > Sharing'
const SEVERAL = ['virtual_image', 'blueprint', 'package']

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
  const shares = op.tenant.isMaster && SEVERAL.includes(kind.kind) ? await sharesOf(op, api, resource) : null
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
      <div className="grid gap-4">
        <ResourceForm kind={kindView(kind)} prefix={prefixOf(op)} resource={resource} master={masterOf(op)} />
        {shares && (
          <TenantsCard
            key={shares.rows.map(({ id }) => id).join()}
            kind={kind.kind}
            id={resource.id}
            tenants={shares.rows.map(({ tenant }) => tenant)}
            refusal={shares.nextCursor ? TOO_MANY : resource.can.share.reason}
          />
        )}
      </div>
    </>
  )
})
