import type { Metadata } from 'next'
import { definePage, kindOfPage, pageKind } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { masterOf } from '@/app/(console)/_components/resources/form/master-of'
import { PendingNote } from '@/app/(console)/_components/resources/pending-note'
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
  return { title: `New ${pageKind(await params)?.label.toLowerCase()}` }
}

export default definePage('(console)/[section]/[slug]/new', async ({ op, api, paths, params }) => {
  const kind = kindOfPage(params)
  const { create, assign } = await api.resources.may({ kind: kind.kind })
  if (!create.allowed)
    return (
      <ErrorState
        kind="forbidden"
        action={<ButtonLink href={paths.kind(kind)}>Back to {kind.plural.toLowerCase()}</ButtonLink>}
      >
        {create.reason}
      </ErrorState>
    )
  const title = `New ${kind.label.toLowerCase()}`
  return (
    <>
      <PageHeader
        title={title}
        description={kind.description}
        breadcrumbs={[{ label: kind.plural, href: paths.kind(kind) }, { label: title }]}
      />
      <PendingNote kind={kind} />
      <ResourceForm
        kind={kindView(kind)}
        prefix={prefixOf(op)}
        master={op.gate.state === 'off' ? undefined : masterOf(op)}
        locked={assign.reason}
      />
    </>
  )
})
