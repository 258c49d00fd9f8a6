import { cn } from './cn'

const WIDTH = 600
const HEIGHT = 120

const TONES = ['text-accent', 'text-success', 'text-warning', 'text-danger-mark'] as const

export interface ChartLine {
  name: string
  /** Milliseconds since 1970, and the figure; null: not known. Oldest first. */
  points: readonly { at: number; value: number | null }[]
}

/** Where the line goes: broken where there is no figure, or where two are more than one and a half steps apart. */
export function linePath(
  points: ChartLine['points'],
  { from, until, step, top }: { from: number; until: number; step: number; top: number },
): string {
  let path = ''
  let last: number | null = null
  for (const { at, value } of points) {
    if (value === null) {
      last = null
      continue
    }
    const x = (Math.min(1, Math.max(0, (at - from) / (until - from))) * WIDTH).toFixed(1)
    const y = (HEIGHT - Math.min(1, Math.max(0, value / top)) * (HEIGHT - 2) - 1).toFixed(1)
    // A lone point is a line of no length, which round ends make a dot.
    path += last !== null && at - last <= step * 1.5 ? `L${x} ${y}` : `M${x} ${y}h0`
    last = at
  }
  return path
}

type LineChartProps = {
  label: string
  lines: readonly ChartLine[]
  /** Milliseconds since 1970. */
  from: number
  until: number
  /** Milliseconds that a point stands for. */
  step: number
  /** Figure at the upper edge; unset: the highest there is. */
  top?: number
  format: (value: number) => string
}

/**
 * Lines over time, as SVG without styles (a strict style-src holds). A picture only: what it shows stands in words beside it (the
 * last and the highest figure of each line), and the page gives the figures in a table.
 */
export function LineChart({ label, lines, from, until, step, top, format }: LineChartProps) {
  const known = lines.map(({ points }) =>
    points.map(({ value }) => value).filter((value): value is number => value !== null),
  )
  const highest = Math.max(0, ...known.flat())
  const edge = top ?? (highest > 0 ? highest : 1)
  return (
    <figure className="grid min-w-0 content-start gap-2">
      <figcaption className="flex justify-between gap-3 text-xs">
        <span className="font-medium">{label}</span>
        <span className="text-muted tabular-nums">up to {format(edge)}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        className="h-28 w-full rounded-sm bg-subtle"
      >
        {lines.map(({ name, points }, index) => (
          <path
            key={name}
            d={linePath(points, { from, until, step, top: edge })}
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
            strokeLinecap="round"
            strokeDasharray={index >= TONES.length ? '4 3' : undefined}
            vectorEffect="non-scaling-stroke"
            className={TONES[index % TONES.length]}
          />
        ))}
      </svg>
      <ul className="grid gap-0.5 text-xs text-muted">
        {lines.map(({ name }, index) => (
          <li key={name} className="flex min-w-0 items-center gap-2">
            <svg viewBox="0 0 12 4" aria-hidden="true" className={cn('h-1 w-3 shrink-0', TONES[index % 4])}>
              <path
                d="M0 2h12"
                stroke="currentColor"
                strokeWidth="4"
                strokeDasharray={index >= TONES.length ? '4 3' : undefined}
              />
            </svg>
            <span className="min-w-0 flex-1 truncate">{name}</span>
            <span className="tabular-nums">
              {known[index]?.length
                ? `${format(known[index].at(-1) ?? 0)}, at most ${format(Math.max(...known[index]))}`
                : 'not known'}
            </span>
          </li>
        ))}
      </ul>
    </figure>
  )
}
