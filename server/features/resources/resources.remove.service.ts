import { type Effect, effectLines } from '@/lib/effects'
import { labelOfKind } from '@/lib/resource-kinds/registry'
import { viewerOf } from '@/server/authz/sight'
import type { SignedInOp } from '@/server/context/op'
import type { AuditEntry } from '@/server/db/audit-write'
import { inTenant, type Mutation, mutate, type Tx } from '@/server/db/scope'
import { conflict } from '@/server/platform/errors'
import { sqlStateOf } from '@/server/platform/sql-state'
import * as links from './resource-links.repo'
import { assertMay, stale } from './resources.content'
import { tellLogs } from './resources.logs'
import { abilities } from './resources.policy'
import * as repo from './resources.repo'
import { findOne } from './resources.service'

/** How whoever removes a thing is called in the logs of whom it was shared with: of a tenant its people are not theirs to know. */
const giverOf = ({ tenant }: SignedInOp) => (tenant.isMaster ? 'Your provider' : tenant.name)

/** What stands in the log of each tenant that it is shared with, or was offered to: that this ends, as if it had been taken back. */
function endOf(op: SignedInOp, row: repo.ResourceRecord, share: repo.Share) {
  const { tenantId, tenant, role, status } = share
  const what = `${labelOfKind(row.kind)} ${row.name} (${role})`
  const effects: Effect[] = status === 'live' ? [{ tenantId, tenant, who: '', change: 'loses', what }] : []
  const from = giverOf(op)
  const entry: AuditEntry = {
    event: 'grant.revoke',
    targetKind: row.kind,
    targetId: row.id,
    targetName: row.name,
    before: { from, role, expiresAt: share.expiresAt?.toISOString() ?? null, status },
    after: { from, effects: effectLines(effects) },
    onlyIn: [tenantId],
  }
  return { effects, entry }
}

/** Tells those whom it is shared with before it goes: after it nothing ties the tenants together. @returns who loses what */
async function tellSharers(m: Mutation, op: SignedInOp, row: repo.ResourceRecord): Promise<Effect[]> {
  const ends = (await repo.sharesOf(m.tx, op.tenant.id, row.id)).map((share) => endOf(op, row, share))
  await tellLogs(
    m,
    op,
    ends.map(({ entry }) => entry),
  )
  return ends.flatMap(({ effects }) => effects)
}

/** Removes a resource that the tenant owns; who used it or saw it by a grant loses it at once, and is told. @throws AppError 403, 404, 409 naming what stands in it */
export async function removeResource(op: SignedInOp, kind: string, id: string): Promise<number> {
  // Its assigned tenant is locked out, so it has to be known before; the row is read again under the locks.
  const seen = await inTenant(op, (tx) => findOne(tx, op, kind, id))
  return mutate(
    op,
    async (m) => {
      const { tx, audit } = m
      const now: SignedInOp = { ...op, ...m.fresh }
      const row = await findOne(tx, now, kind, id)
      assertMay(abilities(now, row).remove)
      await assertUnused(tx, now, row)
      const lines = effectLines(await tellSharers(m, now, row))
      if (!(await unreferenced(repo.deleteResource(tx, op.tenant.id, id, seen.assignedId)))) throw stale()
      audit({
        targetKind: kind,
        targetId: id,
        targetName: row.name,
        before: { name: row.name, ...row.spec },
        // Shared, it is used by its owner alone: no other log gets these lines.
        after: lines.length > 0 ? { effects: lines } : undefined,
        alsoIn: op.tenant.isMaster ? [row.assignedId] : [],
      })
      return 1
    },
    { exclusive: [seen.assignedId] },
  )
}

const NAMED = 5
/** RESTRICT, of PostgreSQL 18 and of older ones. */
const REFERENCED = ['23001', '23503']

/** What stands in it and is not seen, or stands in it since a moment ago, keeps it: the database says so. */
async function unreferenced(work: Promise<boolean>): Promise<boolean> {
  try {
    return await work
  } catch (error) {
    if (REFERENCED.includes(sqlStateOf(error))) throw conflict('Something stands in it. Remove that first.')
    throw error
  }
}

async function assertUnused(tx: Tx, op: SignedInOp, row: repo.ResourceRecord): Promise<void> {
  const inIt = (await links.attachedTo(tx, viewerOf(op), row.id, NAMED + 1)).filter(({ id }) => id !== row.id)
  if (inIt.length === 0) return
  const names = inIt.slice(0, NAMED).map(({ name }) => name)
  throw conflict(`In use by ${names.join(', ')}${inIt.length > NAMED ? ' and more' : ''}`)
}
