import { formatBytes } from '@/lib/units'
import { METRIC_RANGES, type HostMetrics, type MetricRange } from '@/server/features/hosts/hosts.schema'
import { Card } from '@/ui/card'
import { FiguresTable, type FiguresColumn } from '@/ui/figures-table'
import { LineChart, type ChartLine } from '@/ui/line-chart'
import { LinkTabs } from '@/ui/link-tabs'

type Point = HostMetrics['points'][number]

const REACH: Record<MetricRange, number> = { hour: 3600, day: 86_400, week: 7 * 86_400 }
const LABELS: Record<MetricRange, string> = { hour: 'Last hour', day: 'Last day', week: 'Last week' }

const percent = (value: number) => `${Math.round(value)} %`
const rate = (value: number) => `${formatBytes(value)}/s`
const load = (value: number) => value.toFixed(2)

/** A machine may call a mount point `constructor`: own keys only. */
const diskOf = ({ disks }: Point, mount: string): number | null =>
  Object.hasOwn(disks, mount) ? (disks[mount] ?? null) : null

/** The range that the address asks for; the hour for any other word. */
export const rangeOf = (asked: string | undefined): MetricRange =>
  METRIC_RANGES.find((range) => range === asked) ?? 'hour'

const line = (points: readonly Point[], name: string, read: (point: Point) => number | null): ChartLine => ({
  name,
  points: points.map((point) => ({ at: Date.parse(point.at), value: read(point) })),
})

/** How the host was doing: five charts, and the same figures in a table. */
export function MetricsCard({
  metrics,
  range,
  href,
}: {
  metrics: HostMetrics
  range: MetricRange
  href: string
}) {
  const { points } = metrics
  const until = Date.parse(metrics.until)
  const frame = { from: until - REACH[range] * 1000, until, step: metrics.step * 1000 }
  const mounts = [...new Set(points.flatMap(({ disks }) => Object.keys(disks)))].slice(0, 8)
  const of = (name: string, read: (point: Point) => number | null) => line(points, name, read)
  const knows = (read: (point: Point) => number | null) => points.some((point) => read(point) !== null)
  return (
    <Card title="Over time">
      <div className="grid gap-4">
        <LinkTabs
          label="Time shown"
          items={METRIC_RANGES.map((each) => ({
            label: LABELS[each],
            href: `${href}?range=${each}`,
            active: each === range,
          }))}
        />
        {points.length === 0 ? (
          <p className="text-sm text-muted">No report in this time.</p>
        ) : (
          <>
            <div className="grid gap-x-6 gap-y-5 sm:grid-cols-2">
              {knows((p) => p.cpu) && (
                <LineChart
                  {...frame}
                  label="CPU"
                  top={100}
                  format={percent}
                  lines={[of('CPU', (p) => p.cpu)]}
                />
              )}
              <LineChart
                {...frame}
                label="Load"
                format={load}
                lines={[of('Load, 1 minute', (p) => p.load)]}
              />
              <LineChart
                {...frame}
                label="Memory used"
                format={formatBytes}
                lines={[of('Memory', (p) => p.memory), of('Swap', (p) => p.swap)]}
              />
              {knows((p) => p.rx) && (
                <LineChart
                  {...frame}
                  label="Network"
                  format={rate}
                  lines={[of('In', (p) => p.rx), of('Out', (p) => p.tx)]}
                />
              )}
              {mounts.length > 0 && (
                <LineChart
                  {...frame}
                  label="Disks used"
                  top={100}
                  format={percent}
                  lines={mounts.map((mount) => of(mount, (p) => diskOf(p, mount)))}
                />
              )}
            </div>
            {!knows((p) => p.cpu ?? p.rx) && (
              <p className="text-xs text-muted">
                CPU and network appear with the second report of an agent of version 1.2.0 or later. An older
                agent does not send them: install it anew.
              </p>
            )}
            <FiguresTable caption="How this host was doing, newest first" rows={points} columns={COLUMNS} />
          </>
        )}
      </div>
    </Card>
  )
}

const COLUMNS: FiguresColumn<Point>[] = [
  { label: 'CPU', read: ({ cpu }) => (cpu === null ? null : percent(cpu)) },
  { label: 'Load', read: (point) => (point.load === null ? null : load(point.load)) },
  { label: 'Memory', read: ({ memory }) => (memory === null ? null : formatBytes(memory)) },
  { label: 'Swap', read: ({ swap }) => (swap === null ? null : formatBytes(swap)) },
  { label: 'In', read: ({ rx }) => (rx === null ? null : rate(rx)) },
  { label: 'Out', read: ({ tx }) => (tx === null ? null : rate(tx)) },
  {
    label: 'Disks',
    read: ({ disks }) =>
      Object.entries(disks)
        .map(([mount, used]) => `${mount} ${percent(used)}`)
        .join(', ') || null,
  },
]
