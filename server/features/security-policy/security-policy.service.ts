import { type SecurityPolicy, strictest, WEAKEST, weakerThan } from '@/lib/security-policy'
import { can, type SignedInOp } from '@/server/context/op'
import { inTenant, mutate } from '@/server/db/scope'
import { accountState, hasFactor } from '@/server/features/second-factor/account-state'
import { AppError, conflict } from '@/server/platform/errors'
import { readPolicy, type StoredPolicy, writePolicy } from './security-policy.repo'
import type { PolicyState } from './security-policy.schema'

const READ_ONLY = 'Your role may see how people sign in, not change it'
const FIRST_YOURSELF = 'Set up a second factor for yourself first, under Account > Security'
const FLOOR = 'The provider asks for at least as much.'

const heldOf = ({ own, floor }: StoredPolicy): SecurityPolicy => strictest(own ?? WEAKEST, floor ?? WEAKEST)

async function stateOf(op: SignedInOp, stored: StoredPolicy): Promise<PolicyState> {
  const set = can(op, 'identity', 'full')
  const mine = hasFactor(await accountState(op.actor.userId, op.tenant.id))
  return {
    policy: heldOf(stored),
    floor: stored.floor,
    can: { set },
    why: { set: set ? undefined : READ_ONLY, requireFactor: mine ? undefined : FIRST_YOURSELF },
  }
}

/** What the tenant asks of passwords, sign-ins and sessions. */
export async function securityPolicy(op: SignedInOp): Promise<PolicyState> {
  return stateOf(op, await inTenant(op, (tx) => readPolicy(tx)))
}

/**
 * Sets what the tenant asks for; a subtenant only more than the master. It holds at once: sessions become as short, and those of people who
 * now need a second factor and have none end.
 * @throws AppError 400 with the fields that ask for less than the floor, 403, 409 without a second factor of one's own
 */
export async function setSecurityPolicy(
  op: SignedInOp,
  policy: SecurityPolicy,
): Promise<PolicyState & { sessionsEnded: number }> {
  const mine = hasFactor(await accountState(op.actor.userId, op.tenant.id))
  const { stored, sessionsEnded } = await mutate(
    op,
    async ({ tx, audit }) => {
      const before = await readPolicy(tx)
      const weaker = before.floor ? weakerThan(policy, before.floor) : []
      if (weaker.length > 0)
        throw new AppError('invalid_input', FLOOR, {
          fields: Object.fromEntries(weaker.map((field) => [field, FLOOR])),
        })
      if (policy.secondFactor === 'all' && heldOf(before).secondFactor === 'off' && !mine)
        throw conflict(FIRST_YOURSELF, { secondFactor: FIRST_YOURSELF })
      const ended = await writePolicy(tx, op.tenant.id, policy)
      audit({
        targetKind: 'tenant',
        targetId: op.tenant.id,
        targetName: op.tenant.name,
        before: { ...heldOf(before) },
        after: { ...policy, sessionsEnded: ended },
      })
      return { stored: { ...before, own: policy }, sessionsEnded: ended }
    },
    { exclusive: [op.tenant.id] },
  )
  return { ...(await stateOf(op, stored)), sessionsEnded }
}
