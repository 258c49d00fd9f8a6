import { z } from 'zod'
import { type MetricSpan, SPAN } from '@/lib/metric-spans'
import type { MetricPoint } from '@/server/connectors/contract'
import { placeOf } from '@/server/connectors/proxmox/actions'
import { ask, type Context, rowsOf, seconds } from '@/server/connectors/proxmox/client'

const figure = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER).optional().catch(undefined)
/** `time` is the beginning of what a row stands for. */
const rrdRow = z.object({
  time: seconds,
  cpu: figure,
  mem: figure,
  maxmem: figure,
  diskread: figure,
  diskwrite: figure,
  netin: figure,
  netout: figure,
})
type Row = z.output<typeof rrdRow>

const USAGE = ['cpu', 'mem', 'diskread', 'diskwrite', 'netin', 'netout'] as const

function mean(rows: readonly Row[], name: Exclude<keyof Row, 'time'>): number | undefined {
  const known = rows.flatMap((row) => row[name] ?? [])
  return known.length === 0 ? undefined : known.reduce((sum, each) => sum + each, 0) / known.length
}

function pointOf(time: number, rows: readonly Row[]): MetricPoint {
  const cpu = mean(rows, 'cpu')
  const figures = {
    cpu: cpu === undefined ? undefined : Math.min(1, cpu),
    memoryUsed: mean(rows, 'mem'),
    memoryTotal: mean(rows, 'maxmem'),
    diskRead: mean(rows, 'diskread'),
    diskWrite: mean(rows, 'diskwrite'),
    netIn: mean(rows, 'netin'),
    netOut: mean(rows, 'netout'),
  }
  const known = Object.entries(figures).filter(([, value]) => value !== undefined)
  return { at: new Date(time * 1000).toISOString(), ...Object.fromEntries(known) }
}

/**
 * Reads an answer of rrddata, the oldest first, at most 481 points. Proxmox VE 9 has 1440 rows of a day and 336 of a week, older ones 70 of
 * each, which reach further back than was asked for. A guest that is off has rows without usage: they are left out.
 * @throws ConnectorError bad_answer where it is no list
 */
export function readMetrics(data: unknown, span: MetricSpan): MetricPoint[] {
  const { seconds, step } = SPAN[span]
  const rows = rowsOf(rrdRow, data)
  const newest = rows.reduce((latest, { time }) => Math.max(latest, time), 0)
  const steps = new Map<number, Row[]>()
  for (const row of rows) {
    if (row.time <= newest - seconds || USAGE.every((name) => row[name] === undefined)) continue
    const time = Math.floor(row.time / step) * step
    const beside = steps.get(time)
    if (beside) beside.push(row)
    else steps.set(time, [row])
  }
  return [...steps].sort(([a], [b]) => a - b).map(([time, its]) => pointOf(time, its))
}

/** How a guest was doing, as the node that it is on keeps it. @throws ConnectorError */
export async function metrics(
  context: Context,
  externalId: string,
  span: MetricSpan,
): Promise<MetricPoint[]> {
  const place = await placeOf(context, externalId)
  return readMetrics(await ask(context, `${place}/rrddata?timeframe=${span}&cf=AVERAGE`), span)
}
