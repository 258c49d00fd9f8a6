import { MASTER_TENANT_ID } from '@/lib/master'
import { coverRefusal } from '@/server/authz/cover'
import type { HeldRole } from '@/server/authz/reach'
import { can, type SignedInOp } from '@/server/context/op'
import { lastKeeper } from '@/server/features/users/users.policy'
import { type AppError, conflict, denied } from '@/server/platform/errors'
import type { MembershipRecord, PersonRecord } from './people.repo'
import type { Level } from './people.schema'

type Person = Pick<PersonRecord, 'id' | 'status' | 'parentLevel' | 'homeId' | 'homeStatus'>

export const levelOf = ({ parentLevel, homeId }: Pick<Person, 'parentLevel' | 'homeId'>): Level =>
  parentLevel ? 'parent' : homeId === MASTER_TENANT_ID ? 'master' : 'tenant'

const READ_ONLY = 'Your role may see people, not change them'

/**
 * Why this person's level may not be changed now; null: it may. One rule for the check, `can` and the button.
 * @param held live roles of who is homed in the master; others hold nothing there
 * @param memberships where they are a member: who is raised loses all of them, and what they hold there is taken as it is given
 */
export function levelRefusal(
  op: SignedInOp,
  person: Person,
  held: readonly HeldRole[],
  memberships: readonly Pick<MembershipRecord, 'tenantId' | 'held' | 'keeps'>[],
): AppError | null {
  const refusal = changeRefusal(op)
  if (refusal) return refusal
  // Whoever changes it makes or unmakes a user of the master.
  if (!can(op, 'users', 'full')) return denied('Your role may not change the users of the master tenant')
  if (person.id === op.actor.userId) return denied('Nobody changes their own level')
  const { rights, reach } = op
  if (coverRefusal({ provider: false, rights, reach }, held) !== null)
    return denied('This person may do more than you may')
  const lost = memberships.filter(({ tenantId }) => tenantId !== MASTER_TENANT_ID)
  const taken = coverRefusal(
    { provider: true, rights },
    lost.flatMap((one) => one.held),
  )
  if (taken !== null) return denied(taken)
  return lost.some(({ keeps }) => keeps) ? lastKeeper() : null
}

/** Why this person's account and roles may not be changed at all; null: that depends on the tenant. */
export const changeRefusal = (op: SignedInOp): AppError | null =>
  can(op, 'tenantUsers', 'full') ? null : denied(READ_ONLY)

/** Why this person may not be made a member of another tenant; null: they may. */
export function addRefusal(op: SignedInOp, person: Person): AppError | null {
  const refusal = changeRefusal(op)
  if (refusal) return refusal
  if (person.parentLevel) return conflict('A parent-level user reaches every tenant already')
  if (person.homeId === MASTER_TENANT_ID)
    return conflict('A user of the master tenant is no guest. Make them a parent-level user instead')
  if (person.status !== 'active') return conflict('This account is disabled')
  if (person.homeStatus !== 'active') return conflict('The tenant that this person is homed in is not active')
  return null
}
