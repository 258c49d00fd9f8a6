import { coverRefusal, type Giver } from '@/server/authz/cover'
import type { HeldRole } from '@/server/authz/reach'
import { type AppError, denied } from '@/server/platform/errors'

/**
 * Why the giver may not grant the role, as it is to be held; null: they may. Nobody gives more than they hold (PRODUCT rule 8). A master
 * user with `tenantUsers: full` gives any role of the tenant: whatever it wishes for, the tenant's cap cuts it (rule 6).
 */
export function grantRefusal(giver: Giver, role: HeldRole): AppError | null {
  const why = coverRefusal(giver, [role])
  return why === null ? null : denied(why)
}
