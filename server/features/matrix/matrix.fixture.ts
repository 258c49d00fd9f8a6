import { type CellLevel, type Target } from '@/lib/matrix'
import { resourcesRouter } from '@/server/features/resources/resources.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import type { PersonName, TenantKey } from '@/test/actors'
import { resourceId, tenantId } from '@/test/factories'
import type { World } from '@/test/world'
import { matrixRouter } from './matrix.router'

const caller = createCallerFactory(router({ matrix: matrixRouter, resources: resourcesRouter }))

/** An id that nothing has. */
export const NOBODYS = '7c9e6679-7425-40de-944b-e07fc1f90ae7'

/** A change of a cell, by the names that the world has. */
export const cell = (label: string, to: TenantKey, from: CellLevel, target: Target) => ({
  resourceId: resourceId(label),
  tenantId: tenantId(to),
  from,
  to: target,
})

interface Logged {
  tenant_id: string
  after: { effects: string[] }
}

/** What the tests of the matrix ask of their world again and again. */
export function matrixOf(world: () => World) {
  const as = async (name: PersonName) => caller({ op: await world().opOf(name) })
  const rows = async <T extends object>(text: string, values: unknown[]) =>
    (await world().admin.query<T>(text, values)).rows
  return {
    as,
    /** Why Mara reads that these tenants have what they have. */
    reasonsAt: async (label: string, ...tenants: TenantKey[]) => {
      const input = { resourceIds: [resourceId(label)], tenantIds: tenants.map(tenantId) }
      return (await (await as('Mara')).matrix.cells(input)).rows[0]?.cells
    },
    sees: async (name: PersonName, label: string) => {
      const list = await (await as(name)).resources.list({ kind: 'host', limit: 100 })
      return list.rows.some(({ id }) => id === resourceId(label))
    },
    /** The lines in one tenant's log of an event. */
    logOf: async (event: string, tenant: TenantKey) =>
      (
        await rows<Logged>(
          `select after from audit_event where event = $1 and tenant_id = $2 and result = 'ok' order by at`,
          [event, tenantId(tenant)],
        )
      ).flatMap((row) => row.after.effects),
    named: async (label: string) =>
      (await rows<{ name: string }>('select name from resource where id = $1', [resourceId(label)]))[0]
        ?.name ?? '',
  }
}
