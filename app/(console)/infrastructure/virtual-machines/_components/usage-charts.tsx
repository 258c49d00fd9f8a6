import { type MetricSpan, SPAN } from '@/lib/metric-spans'
import { formatBytes } from '@/lib/units'
import type { MetricsView } from '@/server/features/machines/machines.schema'
import { FiguresTable, type FiguresColumn } from '@/ui/figures-table'
import { type ChartLine, LineChart } from '@/ui/line-chart'

type Point = MetricsView['points'][number]
type Figure = Exclude<keyof Point, 'at'>

const percent = (value: number) => `${Math.round(value * 100)} %`
const rate = (value: number) => `${formatBytes(value)}/s`

interface Chart {
  label: string
  format: (value: number) => string
  lines: [name: string, figure: Figure][]
}
const CHARTS: Chart[] = [
  { label: 'CPU', format: percent, lines: [['CPU', 'cpu']] },
  { label: 'Memory', format: formatBytes, lines: [['Used', 'memoryUsed']] },
  {
    label: 'Disk',
    format: rate,
    lines: [
      ['Read', 'diskRead'],
      ['Written', 'diskWrite'],
    ],
  },
  {
    label: 'Network',
    format: rate,
    lines: [
      ['In', 'netIn'],
      ['Out', 'netOut'],
    ],
  },
]

const COLUMNS: FiguresColumn<Point>[] = CHARTS.flatMap(({ label, format, lines }) =>
  lines.map(([name, figure]) => ({
    label: lines.length > 1 ? `${label}: ${name.toLowerCase()}` : label,
    read: (point: Point) => (point[figure] === null ? null : format(point[figure])),
  })),
)

/** What a point stands for, in milliseconds: the usual distance of two, as some clouds keep a day in half hours. */
function stepOf(points: readonly Point[], least: number): number {
  const times = points.map(({ at }) => Date.parse(at))
  const apart = times.slice(1).map((time, n) => time - (times[n] ?? time))
  return Math.max(least, apart.sort((a, b) => a - b)[apart.length >> 1] ?? 0)
}

interface Props {
  /** Oldest first; some. */
  points: readonly Point[]
  span: MetricSpan
  /** When they were told, in milliseconds since 1970. */
  at: number
}

/** CPU, memory, disk and network of a machine over time, and the same figures in a table. */
export function UsageCharts({ points, span, at }: Props) {
  const { seconds, step } = SPAN[span]
  // The cloud's clock may go before ours.
  const until = Math.max(at, Date.parse(points.at(-1)?.at ?? ''))
  const frame = { from: until - seconds * 1000, until, step: stepOf(points, step * 1000) }
  const tops: Record<string, number | undefined> = {
    CPU: 1,
    Memory:
      Math.max(
        0,
        ...points.map(({ memoryTotal, memoryUsed }) => Math.max(memoryTotal ?? 0, memoryUsed ?? 0)),
      ) || undefined,
  }
  const lineOf = ([name, figure]: [string, Figure]): ChartLine => ({
    name,
    points: points.map((point) => ({ at: Date.parse(point.at), value: point[figure] })),
  })
  const told = CHARTS.filter(({ lines }) =>
    points.some((point) => lines.some(([, figure]) => point[figure] !== null)),
  )
  return (
    <>
      <div className="grid gap-x-6 gap-y-5 sm:grid-cols-2">
        {told.map(({ label, format, lines }) => (
          <LineChart
            key={label}
            {...frame}
            label={label}
            top={tops[label]}
            format={format}
            lines={lines.map(lineOf)}
          />
        ))}
      </div>
      <FiguresTable caption="How this machine was doing, newest first" rows={points} columns={COLUMNS} />
    </>
  )
}
