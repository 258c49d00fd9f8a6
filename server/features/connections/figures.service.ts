import { viewerOf } from '@/server/authz/sight'
import { connectorOf } from '@/server/connectors/registry'
import type { SignedInOp } from '@/server/context/op'
import { inTenant } from '@/server/db/scope'
import { notFound } from '@/server/platform/errors'
import type * as schema from './connections.schema'
import { cloudRecords, MOST_COUNTED, type Sums, sumsOf } from './figures.repo'
import { isStale } from './stale'

type Figures = schema.CloudFigures['rows'][number]

const amount = (used: number, total: number) => (total > 0 ? { used: Math.min(used, total), total } : null)

/** Of hosts and data stores; of machines where the tenant has these alone: what they were given is all there is for it. */
function capacity(all: readonly Sums[], cloudId: string): Figures['capacity'] {
  const of = (kind: Sums['kind']) => all.find((one) => one.cloudId === cloudId && one.kind === kind)
  const [hosts, stores, machines] = [of('host'), of('datastore'), of('virtual_machine')]
  if (hosts && hosts.n > MOST_COUNTED) return null
  if (hosts && hosts.n > 0)
    return {
      of: 'hosts',
      memory: amount(hosts.memoryUsed, hosts.memoryTotal),
      disk: stores ? amount(stores.diskUsed, stores.diskTotal) : null,
    }
  if (!machines || machines.n === 0 || machines.n > MOST_COUNTED) return null
  return {
    of: 'machines',
    memory: amount(machines.memoryUsed, machines.memoryTotal),
    disk: amount(machines.diskUsed, machines.diskTotal),
  }
}

/** What a list of clouds tells of each beside its fields. @throws AppError 404 where the person does not see one of them */
export function figures(op: SignedInOp, ids: readonly string[]): Promise<schema.CloudFigures> {
  const viewer = viewerOf(op)
  return inTenant(op, async (tx) => {
    const seen = await cloudRecords(tx, viewer, ids)
    if (seen.length < new Set(ids).size) throw notFound()
    const all = await sumsOf(tx, viewer, ['host', 'datastore'], ids)
    const hosted = new Set(
      all.filter(({ kind, n }) => kind === 'host' && n > 0).map(({ cloudId }) => cloudId),
    )
    const hostless = seen.filter(({ id, machines }) => machines > 0 && !hosted.has(id)).map(({ id }) => id)
    if (hostless.length > 0) all.push(...(await sumsOf(tx, viewer, ['virtual_machine'], hostless)))
    return {
      rows: seen.map(({ id, connector, okAt, everySeconds, machines }) => ({
        id,
        connector: connector === null ? null : (connectorOf(connector)?.label ?? connector),
        okAt: okAt?.toISOString() ?? null,
        stale: isStale(okAt, everySeconds ?? 0),
        machines,
        capacity: capacity(all, id),
      })),
    }
  })
}
