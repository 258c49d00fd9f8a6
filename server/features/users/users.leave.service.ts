import { tenantOrigin } from '@/lib/paths'
import type { SignedInOp } from '@/server/context/op'
import { siteConfig } from '@/server/context/site'
import { mutate } from '@/server/db/scope'
import { type AppError, conflict, notFound } from '@/server/platform/errors'
import { isLastKeeper, KEEPER_ROLES, lastKeeper } from './users.policy'
import * as repo from './users.repo'

/** Why I cannot leave this tenant; null: I am a guest, and may. */
function leaveRefusal({ actor, tenant }: Pick<SignedInOp, 'actor' | 'tenant'>): AppError | null {
  if (actor.homeTenantId === tenant.id)
    return conflict('You are at home here. An administrator can delete your account.')
  return actor.parentLevel ? conflict('The provider’s people reach every tenant') : null
}

/**
 * Gives my membership of this tenant up: roles and sessions here end at once, my account at home stays. The last owner stays, too
 * (PRODUCT rule 8). @returns where to go: my own home
 * @throws AppError 409
 */
export async function leaveTenant(op: SignedInOp): Promise<{ next: string }> {
  const refusal = leaveRefusal(op)
  if (refusal) throw refusal
  const { userId, username } = op.actor
  await mutate(
    op,
    async ({ tx, audit }) => {
      const me = await repo.findUser(tx, op.tenant.id, userId)
      if (!me) throw notFound()
      if (isLastKeeper(me, await repo.countHolders(tx, KEEPER_ROLES))) throw lastKeeper()
      const sessionsEnded = await repo.removeGuest(tx, userId)
      if (sessionsEnded === null) throw notFound()
      const before = { roles: me.roles.map(({ name }) => name) }
      audit({ targetKind: 'user', targetId: userId, targetName: username, before, after: { sessionsEnded } })
    },
    { exclusive: [op.tenant.id] },
  )
  return { next: `${tenantOrigin(null, siteConfig())}/login` }
}
