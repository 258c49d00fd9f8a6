import { viewerOf, type Viewer } from '@/server/authz/sight'
import { connectorOf } from '@/server/connectors/registry'
import type { SignedInOp } from '@/server/context/op'
import { inTenant, type Tx } from '@/server/db/scope'
import type * as schema from './connections.schema'
import { cloudRecords, MOST_COUNTED, sums } from './figures.repo'
import { isStale } from './stale'

type Figures = schema.CloudFigures['rows'][number]

const amount = (used: number, total: number) => (total > 0 ? { used: Math.min(used, total), total } : null)

/** Of hosts and data stores; of machines where the tenant has these alone: what they were given is all there is for it. */
async function capacity(tx: Tx, viewer: Viewer, cloudId: string): Promise<Figures['capacity']> {
  const hosts = await sums(tx, viewer, cloudId, 'host')
  if (hosts.n > 0) {
    const stores = await sums(tx, viewer, cloudId, 'datastore')
    return {
      of: 'hosts',
      memory: amount(hosts.memoryUsed, hosts.memoryTotal),
      disk: amount(stores.diskUsed, stores.diskTotal),
    }
  }
  const machines = await sums(tx, viewer, cloudId, 'virtual_machine')
  if (machines.n === 0 || machines.n > MOST_COUNTED) return null
  return {
    of: 'machines',
    memory: amount(machines.memoryUsed, machines.memoryTotal),
    disk: amount(machines.diskUsed, machines.diskTotal),
  }
}

/** What a list of clouds tells of each beside its fields; clouds that the person does not see are left out. */
export function figures(op: SignedInOp, ids: readonly string[]): Promise<schema.CloudFigures> {
  const viewer = viewerOf(op)
  return inTenant(op, async (tx) => {
    const rows: Figures[] = []
    for (const { id, connector, okAt, everySeconds, machines } of await cloudRecords(tx, viewer, ids))
      rows.push({
        id,
        connector: connector === null ? null : (connectorOf(connector)?.label ?? connector),
        okAt: okAt?.toISOString() ?? null,
        stale: isStale(okAt, everySeconds ?? 0),
        machines,
        capacity: await capacity(tx, viewer, id),
      })
    return { rows }
  })
}
