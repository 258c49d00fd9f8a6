import type { Tx } from '@/server/db/scope'

/** Name of a tenant that the person is an enabled member of; null otherwise. In a union scope. */
export function findHome(tx: Tx, tenantId: string) {
  return tx.tenant.findFirst({ where: { id: tenantId }, select: { name: true, slug: true } })
}
