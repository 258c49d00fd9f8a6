import type { Metadata } from 'next'
import { definePage, kindOfPage, pageKind } from '@/app/_lib/define-page'
import { ImportForm } from '@/app/(console)/_components/resources/import/import-form'
import { whyNotImported } from '@/lib/inventory'
import { kindView } from '@/lib/resource-kinds/kind'
import { ButtonLink } from '@/ui/button'
import { ErrorState } from '@/ui/error-state'
import { PageHeader } from '@/ui/page-header'

export async function generateMetadata({
  params,
}: {
  params: Promise<Record<string, string>>
}): Promise<Metadata> {
  return { title: `Import ${pageKind(await params)?.plural.toLowerCase()}` }
}

export default definePage('(console)/[section]/[slug]/import', async ({ api, paths, params }) => {
  const kind = kindOfPage(params)
  const { create } = await api.resources.may({ kind: kind.kind })
  const reason = whyNotImported(kind) ?? create.reason
  if (reason)
    return (
      <ErrorState
        kind="forbidden"
        action={<ButtonLink href={paths.kind(kind)}>Back to {kind.plural.toLowerCase()}</ButtonLink>}
      >
        {reason}
      </ErrorState>
    )
  const title = `Import ${kind.plural.toLowerCase()}`
  return (
    <>
      <PageHeader
        title={title}
        description="From a CSV or JSON inventory, for what has no API to connect to. Nothing changes before you have seen what would."
        breadcrumbs={[{ label: kind.plural, href: paths.kind(kind) }, { label: 'Import' }]}
      />
      <ImportForm kind={kindView(kind)} done={paths.kind(kind)} />
    </>
  )
})
