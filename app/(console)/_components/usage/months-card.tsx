import { ChartColumn, Download } from 'lucide-react'
import { ButtonLink } from '@/ui/button'
import { Card } from '@/ui/card'
import { EmptyState } from '@/ui/empty-state'
import { MonthChart, monthLabel } from '@/ui/month-chart'

export interface MonthFigures {
  month: string
  peak: number
  average: number
  users?: number
  machines?: number
  limit?: number | null
}

interface Props {
  title: string
  /** Oldest first; months in which nothing was counted are missing. */
  months: readonly MonthFigures[]
  /** The last 12 months, oldest first, as 2026-11. */
  shown: readonly string[]
  limit?: number | null
  limitLabel?: string
  csv?: string
  /** The table is folded away: there is more below. */
  folded?: boolean
}

/** Usage month by month: a picture of the last twelve, all of them in a table, and the file. */
export function MonthsCard({ title, months, shown, limit, limitLabel, csv, folded }: Props) {
  const known = new Map(months.map((one) => [one.month, one]))
  const points = shown.map((month) => {
    const { peak = null, average = null } = known.get(month) ?? {}
    return { month, peak, average }
  })
  return (
    <Card
      title={title}
      description="The highest count of each day (UTC). A day on which nobody counted is no part of it."
      actions={
        csv && (
          <ButtonLink size="sm" href={csv} download icon={<Download aria-hidden />}>
            CSV
          </ButtonLink>
        )
      }
    >
      {months.length === 0 ? (
        <EmptyState bare icon={<ChartColumn />} title="Nothing is counted yet">
          The first count is made within the first minutes that Freehold runs.
        </EmptyState>
      ) : (
        <div className="grid gap-4">
          <MonthChart label="Hosts by month" months={points} limit={limit} limitLabel={limitLabel} />
          {folded ? (
            <details className="text-sm">
              <summary className="cursor-pointer text-xs text-muted">Figures in a table</summary>
              <div className="mt-2">
                <MonthsTable title={title} months={months} />
              </div>
            </details>
          ) : (
            <MonthsTable title={title} months={months} />
          )}
        </div>
      )}
    </Card>
  )
}

function MonthsTable({ title, months }: Pick<Props, 'title' | 'months'>) {
  const people = months.some(({ users }) => users !== undefined)
  const covers = months.some(({ limit }) => limit !== undefined)
  const heads = [
    'Month',
    'Peak',
    'Average',
    ...(people ? ['Users', 'Virtual machines'] : []),
    ...(covers ? ['Licence covered'] : []),
  ]
  const cells = (one: MonthFigures): (string | undefined)[] => [
    one.peak.toLocaleString('en'),
    one.average.toLocaleString('en'),
    ...(people ? [one.users?.toLocaleString('en'), one.machines?.toLocaleString('en')] : []),
    ...(covers ? [one.limit?.toLocaleString('en') ?? 'Any number'] : []),
  ]
  return (
    <div role="region" aria-label={`${title}: figures`} tabIndex={0} className="overflow-x-auto">
      <table className="w-full text-left text-sm tabular-nums">
        <thead className="text-xs text-muted">
          <tr>
            {heads.map((head, i) => (
              <th key={head} scope="col" className={i === 0 ? 'py-1.5 pr-4 font-medium' : RIGHT}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {months.toReversed().map((one) => (
            <tr key={one.month} className="border-t border-line">
              <th scope="row" className="py-1.5 pr-4 font-normal whitespace-nowrap">
                {monthLabel(one.month)}
              </th>
              {cells(one).map((text, i) => (
                <td key={heads[i + 1]} className={RIGHT}>
                  {text ?? '–'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const RIGHT = 'py-1.5 pl-4 text-right font-medium whitespace-nowrap first:pl-0'
