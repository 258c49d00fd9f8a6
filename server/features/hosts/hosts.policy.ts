import { can, type SignedInOp } from '@/server/context/op'
import type { HostRecord } from '@/server/features/hosts/hosts.repo'
import type { HostDetail, Verdict } from '@/server/features/hosts/hosts.schema'

const YES: Verdict = { allowed: true }
const no = (reason: string): Verdict => ({ allowed: false, reason })

/** The words for what is used but not owned (PRODUCT rule 3). */
export const PROVIDER_MANAGES = 'The provider manages this host'

type Facts = Pick<HostRecord, 'ownerId' | 'assignedId' | 'visibility' | 'grantRole'>

/** First reason that stands in the way, or yes. */
const unless = (...reasons: (string | false)[]): Verdict => {
  const reason = reasons.find((one) => one !== false)
  return reason === undefined ? YES : no(reason)
}

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
export function hostAbilities(op: SignedInOp, host: Facts): HostDetail['can'] {
  const owned = host.ownerId === op.tenant.id
  const here = host.assignedId === op.tenant.id
  const change = [
    !owned && PROVIDER_MANAGES,
    !can(op, 'hosts', 'full') && 'You may see hosts, but not change them',
  ] as const
  const assign = mayAssign(op)
  return {
    use: unless(
      !here &&
        host.visibility === 'private' &&
        host.grantRole === null &&
        'Assigned to another tenant, which uses it',
    ),
    rename: unless(...change),
    remove: unless(...change),
    assign: unless(...change, assign.allowed ? false : (assign.reason ?? '')),
    publish: unless(
      ...change,
      !op.tenant.isMaster && 'What a tenant owns is always private',
      !here && 'Assigned to a tenant, so it is private',
    ),
  }
}
