import { can, type SignedInOp } from '@/server/context/op'
import { unless } from '@/server/features/resources/resources.policy'
import { denied } from '@/server/platform/errors'

/** Whether this person migrates hosts between tenants: a parent-level admin only (PRODUCT rule 13). */
export const mayMigrate = (op: SignedInOp) =>
  unless(
    !op.tenant.isMaster && 'Hosts migrate from the provider’s own console',
    !op.actor.parentLevel && 'Only a parent-level administrator migrates hosts between tenants',
    !can(op, 'hosts', 'full') && 'You may see hosts, but not change them',
    op.gate.state === 'off' && 'Turn multi-tenancy on in Settings > Tenants first',
    op.gate.state === 'unlicensed' && 'Multi-tenant requires an Enterprise license',
  )

/** @throws AppError 403 for whoever is no parent-level administrator */
export function assertMigrates(op: SignedInOp): void {
  const may = mayMigrate(op)
  if (!may.allowed) throw denied(may.reason)
}
