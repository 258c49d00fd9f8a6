import { MASTER_TENANT_ID } from '@/lib/master'
import type { StoredAccess } from '@/lib/access'
import type { Levels } from '@/lib/permissions'
import type { Tx } from '@/server/db/scope'

export interface RoleRecord {
  id: string
  name: string
  description: string
  builtIn: string | null
  multiTenant: boolean
  levels: Levels
  access: StoredAccess
}

const select = {
  id: true,
  name: true,
  description: true,
  builtIn: true,
  multiTenant: true,
  levels: true,
  access: true,
} as const

/**
 * Roles that users of the tenant can have: its own, and in a subtenant the master's multi-tenant ones. Those are templates for
 * subtenants: in the master itself nobody gets one.
 */
export async function assignableRoles(tx: Tx, tenantId: string): Promise<RoleRecord[]> {
  const where =
    tenantId === MASTER_TENANT_ID
      ? { tenantId, multiTenant: false }
      : { OR: [{ tenantId }, { multiTenant: true }] }
  const rows = await tx.userRole.findMany({
    where,
    select,
    orderBy: [{ multiTenant: 'desc' }, { createdAt: 'asc' }, { id: 'asc' }],
  })
  return rows.map((row) => ({
    ...row,
    levels: row.levels as Levels,
    access: row.access as unknown as StoredAccess,
  }))
}

/** The caps that a subtenant can have. */
export function tenantRoles(tx: Tx) {
  return tx.tenantRole.findMany({
    select: { id: true, name: true, description: true, sharing: true },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  })
}
