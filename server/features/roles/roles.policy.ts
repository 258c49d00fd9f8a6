import type { Rights } from '@/lib/permissions'
import { covers, effectiveRights, type StoredRole } from '@/server/authz/rights'
import { type AppError, denied } from '@/server/platform/errors'

/** Who gives a role: somebody of the tenant with these rights, or the provider, held by the tenant's cap alone. */
export interface Giver {
  provider: boolean
  rights: Rights
  /** The tenant role of the tenant that is acted in; null in the master and where the provider acts. */
  cap: StoredRole | null
}

/** What somebody with these roles may do in the tenant: the best of the roles, cut by its cap. */
export const rightsOf = (giver: Giver, roles: readonly StoredRole[]): Rights =>
  effectiveRights(roles, giver.cap)

/**
 * Why the giver may not grant the role; null: they may. Nobody gives more than they hold (PRODUCT rule 8). A master user with
 * `tenantUsers: full` gives any role of the tenant: whatever it wishes for, the tenant's cap cuts it (rule 6).
 */
export function grantRefusal(giver: Giver, role: StoredRole): AppError | null {
  if (giver.provider || covers(giver.rights, rightsOf(giver, [role]))) return null
  return denied('This role may do more than you may')
}
