import { effectLines } from '@/lib/effects'
import type { SignedInOp } from '@/server/context/op'
import { type AuditEntry, writeAudit } from '@/server/db/audit-write'
import { inTenant, mutate, type Tx } from '@/server/db/scope'
import { conflict, notFound } from '@/server/platform/errors'
import { effectsOf } from './grants.effects'
import { assertMay, mayAnswer } from './grants.policy'
import * as repo from './grants.repo'
import { kindsSeen } from './grants.service'

const stale = () => conflict('It was changed or ended meanwhile. Reload and try again.')

/** A current share that was made to the acting tenant, of a kind that the person may look at. @throws AppError 404 */
async function received(tx: Tx, op: SignedInOp, id: string): Promise<repo.GrantRecord> {
  const [grant] = await repo.findGrants(tx, op.tenant.id, [id])
  const over = grant?.expiresAt && grant.expiresAt.getTime() <= Date.now()
  if (grant?.tenantId !== op.tenant.id || over || grant.status === 'suspended') throw notFound()
  if (!kindsSeen(op).includes(grant.kind)) throw notFound()
  return grant
}

/** What each log says of an answer: the receiver's names the giver, the giver's the receiver. */
function entriesOf(op: SignedInOp, grant: repo.GrantRecord, after: repo.GrantStatus | null) {
  const shared = { ...grant, tenantId: op.tenant.id, other: op.tenant.name }
  const lines = effectLines(
    effectsOf(
      shared,
      grant.status === 'pending' ? null : grant,
      after && { role: grant.role, status: after },
    ),
  )
  const entry = (who: object): AuditEntry => ({
    targetKind: grant.kind,
    targetId: grant.resourceId,
    targetName: grant.name,
    before: { ...who, role: grant.role, status: grant.status },
    after: { ...who, ...(after && { role: grant.role, status: after }), effects: lines },
  })
  return {
    own: entry({ from: grant.other }),
    theirs: { ...entry({ tenant: op.tenant.name }), onlyIn: [grant.ownerId] },
  }
}

/** Takes what was offered: it is seen from now on. @throws AppError 403, 404, 409 when it does not wait any more */
export async function accept(op: SignedInOp, id: string): Promise<{ id: string; status: repo.GrantStatus }> {
  assertMay(mayAnswer(op))
  return mutate(op, async ({ tx, audit, fresh }) => {
    const now: SignedInOp = { ...op, ...fresh }
    assertMay(mayAnswer(now))
    const grant = await received(tx, now, id)
    if (grant.status !== 'pending' || !(await repo.acceptGrant(tx, id))) throw stale()
    const [after] = await repo.findGrants(tx, op.tenant.id, [id])
    const status = after?.status ?? 'live'
    const { own, theirs } = entriesOf(op, grant, status)
    await writeAudit(tx, op, theirs)
    audit(own)
    return { id, status }
  })
}

/** Declines what was offered, or leaves what one has: `was` says which the person means. @throws AppError 403, 404, 409 */
export async function giveUp(op: SignedInOp, id: string, was: 'pending' | 'live'): Promise<number> {
  assertMay(mayAnswer(op))
  await inTenant(op, (tx) => received(tx, op, id))
  return mutate(
    op,
    async ({ tx, audit, fresh }) => {
      const now: SignedInOp = { ...op, ...fresh }
      assertMay(mayAnswer(now))
      const grant = await received(tx, now, id)
      if (grant.status !== was) throw stale()
      const { own, theirs } = entriesOf(op, grant, null)
      // Before it goes: after it nothing ties the two tenants together.
      await writeAudit(tx, op, theirs)
      if ((await repo.deleteGrants(tx, { tenantId: op.tenant.id }, [id])) !== 1) throw stale()
      audit(own)
      return 1
    },
    // It takes sight away from the tenant's own people.
    { exclusive: [op.tenant.id] },
  )
}
