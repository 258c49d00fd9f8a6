import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { MatrixView } from '@/app/(console)/admin/matrix/_components/matrix-view'
import { MASTER_TENANT_ID } from '@/lib/master'
import { kindOf } from '@/lib/resource-kinds/registry'
import { can } from '@/server/context/op'
import { PageHeader } from '@/ui/page-header'
import { parseTableParams } from '@/ui/table-url'

export const metadata = pageMetadata('(console)/admin/matrix')

/** As many rows and tenants as one tile of cells has. */
const TILE = 50
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export default definePage('(console)/admin/matrix', async ({ op, api, query }) => {
  const { q, filters } = parseTableParams(query, ['kind', 'cloud', 'tenants', 'differing'])
  const one = (facet: string) => filters[facet]?.[0] ?? ''
  const filter = {
    kind: kindOf(one('kind'))?.kind,
    cloudId: UUID.test(one('cloud')) ? one('cloud') : undefined,
    search: q,
    differing: one('differing') === 'yes',
    tenants: one('tenants').slice(0, 200),
  }
  const { tenants: tenantSearch, ...rowFilter } = filter
  const [rows, tenants, clouds] = await Promise.all([
    api.matrix.rows({ ...rowFilter, limit: TILE }),
    api.matrix.tenants({ search: tenantSearch, limit: TILE }),
    can(op, 'clouds', 'read') ? api.resources.list({ kind: 'cloud', limit: 100 }) : { rows: [] },
  ])
  const [resourceIds, tenantIds] = [rows.rows.map(({ id }) => id), tenants.rows.map(({ id }) => id)]
  const cells =
    resourceIds.length > 0 && tenantIds.length > 0
      ? await api.matrix.cells({ resourceIds, tenantIds })
      : { rows: [] }
  const mayChange = can(op, 'sharing', 'full') || rows.rows.some(({ kind }) => mayAssign(kind))
  function mayAssign(kind: string): boolean {
    const permission = kindOf(kind)?.permission
    return permission !== undefined && can(op, permission, 'full')
  }
  return (
    <>
      <PageHeader
        title="Access matrix"
        description="What each tenant may do with what the provider owns. What tenants own themselves is not here."
      />
      <MatrixView
        filter={filter}
        start={{ rows, tenants, cells }}
        master={{ id: MASTER_TENANT_ID, name: op.tenant?.name ?? '', icon: op.tenant?.icon ?? '' }}
        clouds={clouds.rows.map(({ id, name }) => ({ id, name }))}
        refusal={mayChange ? null : 'You may look, but not assign or share'}
      />
    </>
  )
})
