import { Layers } from 'lucide-react'
import { Suspense } from 'react'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { AllTenantsTable } from '@/app/(console)/all-tenants/_components/all-tenants-table'
import { allTenantsInput } from '@/app/(console)/all-tenants/_components/all-tenants-input'
import { kindView, type ResourceKind, SECTIONS } from '@/lib/resource-kinds/kind'
import { kindOf, KINDS } from '@/lib/resource-kinds/registry'
import { EmptyState } from '@/ui/empty-state'
import { LinkTabs } from '@/ui/link-tabs'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/all-tenants')

export default definePage('(console)/all-tenants', async ({ op, api, paths, query, search }) => {
  const { kinds } = await api.allTenants.kinds()
  const kind = kindOf(kinds.includes(search.kind ?? '') ? (search.kind ?? '') : (kinds[0] ?? ''))
  const header = (tabs?: React.ReactNode) => (
    <PageHeader
      title="All my tenants"
      description="What you may see in each of your tenants, by your roles there. To change something, open it: that leads to its tenant."
      tabs={tabs}
    />
  )
  if (!kind)
    return (
      <>
        {header()}
        <EmptyState icon={<Layers aria-hidden />} title="Nothing to look at">
          None of your roles, in none of your tenants, lets you look at resources. Ask who runs a tenant for
          one.
        </EmptyState>
      </>
    )
  const input = allTenantsInput(query)
  const list = await api.allTenants.list({ kind: kind.kind, ...input })
  const shown = KINDS.filter((one) => kinds.includes(one.kind))
  const other = shown.find((one) => one.section !== kind.section)
  const tab = (one: ResourceKind, label = one.plural) => ({
    label,
    href: paths.allTenantsOf(one.kind, input.tenantId),
    active: one.kind === kind.kind,
  })
  const tabs = [
    ...shown.filter((one) => one.section === kind.section).map((one) => tab(one)),
    // The other section's begin behind one tab: all in one row would not fit.
    ...(other ? [tab(other, `${SECTIONS[other.section]} …`)] : []),
  ]
  return (
    <>
      {header(<LinkTabs label="Kinds" items={tabs} />)}
      <Suspense>
        <AllTenantsTable
          key={kind.kind}
          list={list}
          kind={kindView(kind)}
          prefix={prefixOf(op)}
          currentId={op.tenant.id}
        />
      </Suspense>
    </>
  )
})
