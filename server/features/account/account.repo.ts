import type { Levels } from '@/lib/permissions'
import type { Tx } from '@/server/db/scope'

/** Levels of roles that can be seen from the acting tenant, by id. */
export async function levelsOfRoles(tx: Tx, ids: string[]): Promise<Map<string, Levels>> {
  const rows = await tx.userRole.findMany({ where: { id: { in: ids } }, select: { id: true, levels: true } })
  return new Map(rows.map((row) => [row.id, row.levels as Levels]))
}

/** Name of a tenant that the person is an enabled member of; null otherwise. In a union scope. */
export function findHome(tx: Tx, tenantId: string) {
  return tx.tenant.findFirst({ where: { id: tenantId }, select: { name: true, slug: true } })
}
