import { Plus } from 'lucide-react'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { TenantsTable } from '@/app/(console)/admin/tenants/_components/tenants-table'
import { can } from '@/server/context/op'
import { ButtonLink } from '@/ui/button'
import { PageHeader } from '@/ui/page-header'
import { parseTableParams } from '@/ui/table-url'

export const metadata = pageMetadata('(console)/admin/tenants')

const SORTS = ['name', 'status', 'createdAt'] as const
const STATUSES = ['active', 'disabled', 'deleted'] as const

export default definePage('(console)/admin/tenants', async ({ op, api, paths, query }) => {
  const { q, sort, cursor, filters } = parseTableParams(query, ['status'])
  const filter = {
    search: q,
    sort: SORTS.find((id) => id === sort?.id) ?? 'name',
    desc: sort?.desc ?? false,
    status: STATUSES.filter((status) => filters.status?.includes(status)),
  }
  const page = await api.tenants.list({ ...filter, cursor: cursor ?? undefined })
  const { status, desc, ...rest } = filter
  const exported = new URLSearchParams([
    ...Object.entries({ ...rest, desc: String(desc) }),
    ...status.map((one) => ['status', one]),
  ])
  return (
    <>
      <PageHeader
        title="Tenants"
        description="Customers, departments or sites that work in this console, each on a subdomain of its own and seeing only what is theirs."
        actions={
          <ButtonLink
            href={paths.newTenant}
            variant="primary"
            icon={<Plus aria-hidden />}
            disabledReason={page.why.create}
          >
            Create tenant
          </ButtonLink>
        }
      />
      <TenantsTable
        page={page}
        prefix={prefixOf(op)}
        exportHref={`${prefixOf(op)}/api/tenants/export.csv?${exported}`}
        mayManage={can(op, 'tenants', 'full')}
      />
    </>
  )
})
