import type { StoredRole } from '@/server/authz/rights'
import { reachOf } from '@/server/authz/reach'
import type { Viewer } from '@/server/authz/sight'
import type { SignedInOp } from '@/server/context/op'
import { inTenant, type Tx } from '@/server/db/scope'
import { notFound } from '@/server/platform/errors'
import { capThere, rolesThere } from './see-as.repo'

/** Nobody: what level `user` reaches is nothing, as for somebody who has made nothing yet. */
const NOBODY = '00000000-0000-0000-0000-000000000000'

/** The tenant's cap, read as the master. */
export const capOfTenant = (op: SignedInOp, tenantId: string): Promise<StoredRole | null> =>
  inTenant(op, (tx) => capThere(tx, tenantId))

/** Somebody of the tenant who holds these roles and nothing else. */
export const eyesOfRoles = (
  tenantId: string,
  roles: readonly StoredRole[],
  cap: StoredRole | null,
): Viewer => ({
  tenantId,
  isMaster: false,
  reach: reachOf(tenantId, NOBODY, roles, cap),
})

/**
 * Through whose eyes the master looks: the tenant as a whole, or anybody there with this one role.
 * @throws AppError not_found for a role that nobody there can hold
 */
export async function eyesOf(
  tx: Tx,
  tenantId: string,
  roleId: string | undefined,
  cap: StoredRole | null,
): Promise<Viewer> {
  if (roleId === undefined) return { tenantId, isMaster: false }
  const [role] = await rolesThere(tx, tenantId, roleId)
  if (!role) throw notFound()
  return eyesOfRoles(tenantId, [role], cap)
}
