import { can, type SignedInOp } from '@/server/context/op'
import { abilities, unless } from '@/server/features/resources/resources.policy'
import type { SeenRecord } from '@/server/features/resources/seen.service'
import type { HostDetail, Verdict } from '@/server/features/hosts/hosts.schema'

/** Whether hosts of this tenant can be assigned to others at all: only the master has others (PRODUCT rules 4 and 14). */
export function mayAssign(op: SignedInOp): Verdict {
  return unless(
    !op.tenant.isMaster && 'Only the master tenant assigns hosts',
    !can(op, 'hosts', 'full') && 'You may see hosts, but not change them',
    op.gate.state === 'off' && 'Turn multi-tenancy on in Settings > Tenants first',
    op.gate.state === 'unlicensed' && 'Multi-tenant requires an Enterprise license',
  )
}

export function mayEnrol(op: SignedInOp): Verdict {
  return unless(!can(op, 'agents', 'full') && 'You may not create enrolment tokens')
}

/** What this person may do with a host that they see, with the reason where not (PRODUCT rules 2 to 4). */
export function hostAbilities(op: SignedInOp, host: SeenRecord): HostDetail['can'] {
  const { edit, rename, remove, assign, publish } = abilities(op, host)
  const assignedAway = host.ownerId === op.tenant.id && host.assignedId !== op.tenant.id
  return {
    use: unless(assignedAway && 'Assigned to another tenant, which uses it'),
    edit,
    rename,
    remove,
    assign,
    publish,
  }
}
