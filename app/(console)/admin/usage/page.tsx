import { LiveRefresh } from '@/app/_components/live-refresh'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { MonthsCard } from '@/app/(console)/_components/usage/months-card'
import { PoolCard } from '@/app/(console)/admin/usage/_components/pool-card'
import { UsageTable } from '@/app/(console)/admin/usage/_components/usage-table'
import { can } from '@/server/context/op'
import { MONTHS_KEPT, USAGE_SORTS } from '@/server/features/usage/usage.schema'
import { lastMonths } from '@/server/features/usage/usage.words'
import { PageHeader } from '@/ui/page-header'
import { parseTableParams } from '@/ui/table-url'

export const metadata = pageMetadata('(console)/admin/usage')

export default definePage('(console)/admin/usage', async ({ op, api, paths, query }) => {
  const { q, sort, cursor, filters } = parseTableParams(query, ['month'])
  const months = lastMonths(MONTHS_KEPT)
  const [pool, page] = await Promise.all([
    api.usage.pool(),
    api.usage.tenants({
      search: q,
      sort: USAGE_SORTS.find((id) => id === sort?.id) ?? 'name',
      desc: sort?.desc ?? false,
      month: months.find((month) => filters.month?.includes(month)),
      cursor: cursor ?? undefined,
    }),
  ])
  const file = `${prefixOf(op)}/api/usage/export.csv`
  return (
    <>
      <LiveRefresh />
      <PageHeader
        title="Usage"
        description="The hosts of your licence: who uses them, who may have how many, and how it was month by month."
      />
      <div className="grid gap-5">
        <PoolCard pool={pool} plansHref={can(op, 'settings', 'read') ? paths.settingsPlans : undefined} />
        <MonthsCard
          title="All tenants by month"
          months={pool.months}
          shown={months.slice(0, 12).toReversed()}
          limit={pool.limit}
          limitLabel="The licence covers"
          csv={file}
          folded
        />
        <UsageTable
          page={page}
          pool={pool}
          months={months}
          prefix={prefixOf(op)}
          exportHref={`${file}?from=${page.month}&to=${page.month}`}
        />
      </div>
    </>
  )
})
