import type { z } from 'zod'
import { effectLines } from '@/lib/effects'
import type { SignedInOp } from '@/server/context/op'
import { writeAudit } from '@/server/db/audit-write'
import { inTenant, mutate, rehearse, type Tx, type WriteTx } from '@/server/db/scope'
import { findOne } from '@/server/features/resources/resources.service'
import { conflict } from '@/server/platform/errors'
import * as repo from './grants.repo'
import type { setTenantsInput } from './grants.schema'
import { findTarget } from './grants.service'
import { assertMay, mayGiveRole } from './grants.policy'
import { createWithin, type Done, revokeWithin } from './grants.write.service'

type Input = z.output<typeof setTenantsInput>

/** Grants of the resource that go, and tenants that come. */
async function difference(tx: Tx, op: SignedInOp, input: Input) {
  const wanted = [...new Set(input.tenantIds)]
  const held = await repo.grantsOf(tx, op.tenant.id, input.resourceId)
  return {
    gone: held.filter(({ tenantId }) => !wanted.includes(tenantId)),
    fresh: wanted.filter((id) => held.every(({ tenantId }) => tenantId !== id)),
  }
}

async function setWithin(tx: WriteTx, op: SignedInOp, input: Input, audited: boolean): Promise<Done[]> {
  const row = await findOne(tx, op, input.kind, input.resourceId)
  assertMay(mayGiveRole(op, row, 'viewer'))
  const { gone, fresh } = await difference(tx, op, input)
  const done = [await revokeWithin(tx, op, gone, audited)]
  for (const id of fresh) {
    const to = await findTarget(tx, op, id)
    done.push(await createWithin(tx, op, row, to, { role: 'viewer', expiresAt: null, direct: true }))
  }
  return done
}

/**
 * Says which tenants have a resource of the master's beside it: images, blueprints and packages for several tenants (seed 002,
 * features E3 and E8). They see and use it, at once and without being asked; a share that is there already stays as it is.
 * @returns how many came and went @throws AppError 400, 403, 404, 409
 */
export async function setTenants(op: SignedInOp, input: Input): Promise<number> {
  const { gone } = await inTenant(op, (tx) => difference(tx, op, input))
  return mutate(
    op,
    async ({ tx, audit, fresh }) => {
      const now: SignedInOp = { ...op, ...fresh }
      const late = (await difference(tx, now, input)).gone.filter(
        (one) => !gone.some(({ id }) => id === one.id),
      )
      if (late.length > 0) throw conflict('It was changed meanwhile. Reload and try again.')
      const done = await setWithin(tx, now, input, true)
      const entries = done.flatMap((one) => one.entries)
      for (const { own, theirs } of entries) {
        await writeAudit(tx, op, own)
        if (theirs.event !== 'grant.revoke') await writeAudit(tx, op, theirs)
      }
      const row = await findOne(tx, now, input.kind, input.resourceId)
      const held = await repo.grantsOf(tx, op.tenant.id, row.id)
      audit({
        targetKind: row.kind,
        targetId: row.id,
        targetName: row.name,
        after: {
          tenants: held.map(({ other }) => other),
          effects: effectLines(done.flatMap((one) => one.effects)),
        },
      })
      return entries.length
    },
    { exclusive: gone.map(({ tenantId }) => tenantId) },
  )
}

/** Who would gain and lose what. @throws AppError as `setTenants` */
export const setTenantsPreview = (op: SignedInOp, input: Input): Promise<string[]> =>
  rehearse(op, async (tx) =>
    effectLines((await setWithin(tx, op, input, false)).flatMap((one) => one.effects)),
  )
