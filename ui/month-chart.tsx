import { cn } from './cn'

const HEIGHT = 120
const SLOT = 40
const BAR = 22

export interface MonthPoint {
  /** As 2026-11. */
  month: string
  /** Null: nothing is known of the month. */
  peak: number | null
  average: number | null
}

/** "Nov 2026" of 2026-11. */
export const monthLabel = (month: string): string =>
  new Date(`${month}-01T00:00:00Z`).toLocaleDateString('en', {
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  })

/** The first letter or two stand under a bar: the years are in the words beside it. */
const shortLabel = (month: string): string =>
  new Date(`${month}-01T00:00:00Z`).toLocaleDateString('en', { month: 'short', timeZone: 'UTC' })

interface MonthChartProps {
  label: string
  /** Oldest first, without gaps: a month of which nothing is known has a place of its own. */
  months: readonly MonthPoint[]
  /** Drawn as a line across, such as what the licence covers; null: none. */
  limit?: number | null
  limitLabel?: string
}

/**
 * Bars of months: the peak, with the average inside it. SVG without styles (a strict style-src holds). A picture only: the page
 * gives the figures in a table.
 */
export function MonthChart({ label, months, limit = null, limitLabel = 'Limit' }: MonthChartProps) {
  const top = Math.max(1, limit ?? 0, ...months.map(({ peak }) => peak ?? 0))
  const y = (value: number) => HEIGHT - (value / top) * (HEIGHT - 4)
  const width = months.length * SLOT
  const bar = (value: number, index: number, className: string) => (
    <rect
      x={index * SLOT + (SLOT - BAR) / 2}
      y={y(value)}
      width={BAR}
      height={HEIGHT - y(value)}
      fill="currentColor"
      className={className}
    />
  )
  return (
    <figure className="grid min-w-0 content-start gap-2">
      <figcaption className="flex justify-between gap-3 text-xs">
        <span className="font-medium">{label}</span>
        <span className="text-muted tabular-nums">up to {top.toLocaleString('en')}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        className="h-32 w-full rounded-sm bg-subtle"
      >
        {months.map(({ month, peak, average }, index) => (
          <g key={month}>
            {peak !== null && bar(peak, index, 'text-accent opacity-40')}
            {average !== null && bar(average, index, 'text-accent')}
          </g>
        ))}
        {limit !== null && (
          <path
            d={`M0 ${y(limit)}h${width}`}
            stroke="currentColor"
            strokeWidth="1.5"
            strokeDasharray="4 3"
            vectorEffect="non-scaling-stroke"
            className="text-danger-mark"
          />
        )}
      </svg>
      <div aria-hidden="true" className="flex text-center text-[10px] text-muted">
        {months.map(({ month }) => (
          <span key={month} className="min-w-0 flex-1 truncate">
            {shortLabel(month)}
          </span>
        ))}
      </div>
      <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
        <Key className="text-accent opacity-40">Peak of the month</Key>
        <Key className="text-accent">Average</Key>
        {limit !== null && (
          <Key className="text-danger-mark">
            {limitLabel}: {limit.toLocaleString('en')}
          </Key>
        )}
      </ul>
    </figure>
  )
}

function Key({ className, children }: { className: string; children: React.ReactNode }) {
  return (
    <li className="flex items-center gap-1.5">
      <svg viewBox="0 0 8 8" aria-hidden="true" className={cn('size-2', className)}>
        <rect width="8" height="8" fill="currentColor" />
      </svg>
      {children}
    </li>
  )
}
