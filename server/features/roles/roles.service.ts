import type { Giver } from '@/server/authz/cover'
import type { SignedInOp } from '@/server/context/op'
import { inDrill, inTenant, type Tx } from '@/server/db/scope'
import { subtenantOf } from '@/server/features/tenants/tenants.service'
import { grantRefusal } from './roles.policy'
import * as repo from './roles.repo'
import type { AssignableRole } from './roles.schema'

/** Roles that users of the tenant can have, with their levels, for features that assign them. */
export const rolesOfTenant = (tx: Tx, tenantId: string): Promise<repo.RoleRecord[]> =>
  repo.assignableRoles(tx, tenantId)

function offer(
  giver: Giver,
  { id, name, description, multiTenant, ...role }: repo.RoleRecord,
): AssignableRole {
  const refusal = grantRefusal(giver, role)
  return {
    id,
    name,
    description,
    multiTenant,
    can: { grant: refusal === null },
    why: { grant: refusal?.message },
  }
}

/** Roles for users of the acting tenant, and which of them this person may give. */
export async function listRoles(op: SignedInOp): Promise<AssignableRole[]> {
  const roles = await inTenant(op, (tx) => repo.assignableRoles(tx, op.tenant.id))
  return roles.map((role) => offer({ provider: false, rights: op.rights, reach: op.reach }, role))
}

/** Roles for users of a subtenant, as its provider. @throws AppError 404 */
export async function listRolesIn(op: SignedInOp, tenantId: string): Promise<AssignableRole[]> {
  const { id } = await subtenantOf(op, tenantId)
  const roles = await inDrill(op, id, (tx) => repo.assignableRoles(tx, id))
  return roles.map((role) => offer({ provider: true }, role))
}

/** Tenant roles: the caps that a subtenant can have as its base role. */
export const listTenantRoles = (op: SignedInOp) => inTenant(op, (tx) => repo.tenantRoles(tx))
