import type { z } from 'zod'
import { effectLines, type Effect } from '@/lib/effects'
import type { SignedInOp } from '@/server/context/op'
import { type AuditEntry, writeAudit } from '@/server/db/audit-write'
import { inTenant, type Mutation, mutate, rehearse, type Tx, type WriteTx } from '@/server/db/scope'
import { findOne, findSeen, type Resource } from '@/server/features/resources/resources.service'
import { conflict, denied, invalidField, notFound } from '@/server/platform/errors'
import { sqlStateOf } from '@/server/platform/sql-state'
import { effectsOf, type Shared } from './grants.effects'
import { assertMay, mayAnswer, mayGiveRole, mayRevoke } from './grants.policy'
import * as repo from './grants.repo'
import type { createInput, updateInput } from './grants.schema'
import { findTarget } from './grants.service'

type CreateInput = z.output<typeof createInput>
type UpdateInput = z.output<typeof updateInput>

const stale = () => conflict('It was changed meanwhile. Reload and try again.')

/** What was done to shares: rows of the logs, and who gained or lost what. */
export interface Done {
  grants: { id: string; status: repo.GrantStatus }[]
  effects: Effect[]
  /** For each: what the owner's log says, and what the other tenant's. */
  entries: { own: AuditEntry; theirs: AuditEntry }[]
}

/** How a giver is called in the log of whom it gives to. */
const giverName = (op: SignedInOp): string => (op.tenant.isMaster ? 'Your provider' : op.tenant.name)

type Facts = Record<string, unknown> | undefined

/** Both logs: each names the other side, and the lines about it alone. */
function entriesOf(
  op: SignedInOp,
  shared: Shared & { resourceId: string },
  before: Facts,
  after: Facts,
  effects: readonly Effect[],
  event?: string,
): Done['entries'][number] {
  const about = {
    event,
    targetKind: shared.kind,
    targetId: shared.resourceId,
    targetName: shared.name,
  }
  const side = (who: object, lines: string[]) => ({
    before: before && { ...who, ...before },
    after: { ...(after ? { ...who, ...after } : who), effects: lines },
  })
  return {
    own: { ...about, ...side({ tenant: shared.other }, effectLines(effects)) },
    theirs: {
      ...about,
      ...side({ from: giverName(op) }, effectLines(effects, shared.tenantId)),
      onlyIn: [shared.tenantId],
    },
  }
}

const factsOf = (role: string, expiresAt: Date | null, status: string) => ({
  role,
  expiresAt: expiresAt?.toISOString() ?? null,
  status,
})

/** Writes all rows; the last own one is the mutation's. */
async function auditDone({ tx, audit }: Mutation, op: SignedInOp, done: Done): Promise<void> {
  for (const [i, { own, theirs }] of done.entries.entries()) {
    await writeAudit(tx, op, theirs)
    if (i < done.entries.length - 1) await writeAudit(tx, op, own)
    else audit(own)
  }
}

/** @throws AppError 400 for an end that is over */
function readEnd(text: string | undefined): Date | null {
  if (text === undefined) return null
  const end = new Date(text)
  if (end.getTime() <= Date.now()) throw invalidField('expiresAt', 'Choose a time that is still to come')
  return end
}

/** What the database says of a share that the application let through: said as its own. */
async function guarded<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const state = sqlStateOf(error)
    if (state === '23503') throw notFound()
    if (state === '23505') throw stale()
    if (state === '23514') throw conflict('It is assigned to a tenant, which alone uses it')
    throw error
  }
}

/** Shares inside a transaction. @throws AppError 400, 403, 404, 409 */
export async function createWithin(
  tx: WriteTx,
  op: SignedInOp,
  row: Resource,
  to: { id: string; name: string },
  worth: { role: CreateInput['role']; expiresAt: Date | null; direct: boolean },
): Promise<Done> {
  assertMay(mayGiveRole(op, row, worth.role))
  const made = await guarded(
    repo.insertGrant(tx, {
      ...worth,
      resourceId: row.id,
      kind: row.kind,
      name: row.name,
      ownerId: op.tenant.id,
      tenantId: to.id,
      createdBy: op.actor.userId,
    }),
  )
  const shared = { kind: row.kind, name: row.name, tenantId: to.id, other: to.name, resourceId: row.id }
  const effects = effectsOf(shared, null, { role: worth.role, status: made.status })
  const after = factsOf(worth.role, worth.expiresAt, made.status)
  return {
    grants: [made],
    effects,
    entries: [entriesOf(op, shared, undefined, after, effects, 'grant.create')],
  }
}

/** The share of this resource with this tenant, if there is one already. */
async function existing(tx: Tx, op: SignedInOp, resourceId: string, tenantId: string) {
  const [found] = await repo.grantsOf(tx, op.tenant.id, resourceId, [tenantId])
  return found
}

async function creating(tx: WriteTx, op: SignedInOp, input: CreateInput): Promise<Done> {
  const row = await findOne(tx, op, input.kind, input.resourceId)
  // Before the target is looked up: who may not share learns nothing of addresses (E17).
  assertMay(mayGiveRole(op, row, input.role))
  const to = await findTarget(tx, op, input.tenantId)
  return createWithin(tx, op, row, to, {
    role: input.role,
    expiresAt: readEnd(input.expiresAt),
    direct: false,
  })
}

/**
 * Shares a resource with another tenant (PRODUCT rule 16); one that is shared with it already gets the new role and end
 * (features V6). @returns the share; pending: its target is asked first
 */
export async function create(op: SignedInOp, input: CreateInput): Promise<Done['grants'][number]> {
  const found = await inTenant(op, (tx) => existing(tx, op, input.resourceId, input.tenantId))
  if (found) return update(op, { id: found.id, role: input.role, expiresAt: input.expiresAt }, input.kind)
  const done = await mutate(op, async (m) => {
    const made = await creating(m.tx, { ...op, ...m.fresh }, input)
    await auditDone(m, op, made)
    return made
  })
  return first(done)
}

/** Who would gain what. @throws AppError as `create` */
export function createPreview(op: SignedInOp, input: CreateInput): Promise<string[]> {
  return rehearse(op, async (tx) => {
    const found = await existing(tx, op, input.resourceId, input.tenantId)
    const done = found
      ? await updateWithin(tx, op, { ...input, id: found.id }, input.kind)
      : await creating(tx, op, input)
    return effectLines(done.effects)
  })
}

function first({ grants: [one] }: Done): Done['grants'][number] {
  if (!one) throw new Error('one share was made')
  return one
}

/**
 * The tenant's own share by id.
 * @throws AppError 404 for a foreign one; 403 where the tenant is its target: only its owner changes it (E08)
 */
async function ownGrant(tx: Tx, op: SignedInOp, id: string): Promise<repo.GrantRecord> {
  const [grant] = await repo.findGrants(tx, op.tenant.id, [id])
  if (!grant) throw notFound()
  if (grant.ownerId !== op.tenant.id) throw denied('Its owner alone changes a share')
  return grant
}

/** Changes a share inside a transaction. @param kind as the caller says that it is */
async function updateWithin(tx: WriteTx, op: SignedInOp, input: UpdateInput, kind?: string): Promise<Done> {
  const grant = await ownGrant(tx, op, input.id)
  const row = await findOne(tx, op, kind ?? grant.kind, grant.resourceId)
  assertMay(mayGiveRole(op, row, input.role))
  const end = readEnd(input.expiresAt)
  const status = await guarded(repo.updateGrant(tx, op.tenant.id, grant.id, input.role, end))
  if (status === null) throw stale()
  const effects = effectsOf(grant, grant, { role: input.role, status })
  const before = factsOf(grant.role, grant.expiresAt, grant.status)
  const after = factsOf(input.role, end, status)
  return {
    grants: [{ id: grant.id, status }],
    effects,
    entries: [entriesOf(op, grant, before, after, effects, 'grant.update')],
  }
}

/** Changes role and end of a share. What asks for more may wait for its target again (V6). @throws AppError 400, 403, 404, 409 */
export async function update(op: SignedInOp, input: UpdateInput, kind?: string) {
  const { tenantId } = await inTenant(op, (tx) => ownGrant(tx, op, input.id))
  const done = await mutate(
    op,
    async (m) => {
      const changed = await updateWithin(m.tx, { ...op, ...m.fresh }, input, kind)
      await auditDone(m, op, changed)
      return changed
    },
    { exclusive: [tenantId] },
  )
  return first(done)
}

/** Who would gain or lose what. @throws AppError as `update` */
export const updatePreview = (op: SignedInOp, input: UpdateInput): Promise<string[]> =>
  rehearse(op, async (tx) => effectLines((await updateWithin(tx, op, input)).effects))

/** Shares of the tenant by these ids, all of them. @throws AppError 404, 403 as `ownGrant` */
async function ownGrants(tx: Tx, op: SignedInOp, ids: readonly string[]): Promise<repo.GrantRecord[]> {
  const unique = [...new Set(ids)]
  const grants = await repo.findGrants(tx, op.tenant.id, unique)
  if (grants.length !== unique.length) throw notFound()
  if (grants.some(({ ownerId }) => ownerId !== op.tenant.id))
    throw denied('Its owner alone takes a share back. Leave it instead.')
  const rows = await findSeen(
    tx,
    op,
    grants.map(({ resourceId }) => resourceId),
  )
  for (const row of rows) assertMay(mayRevoke(op, row))
  return grants
}

/** Takes shares back inside a transaction, and says so in the other tenants' logs: after it nothing ties them together. */
export async function revokeWithin(
  tx: WriteTx,
  op: SignedInOp,
  grants: readonly repo.GrantRecord[],
  audited: boolean,
): Promise<Done> {
  const of = grants.map((grant) => {
    const effects = effectsOf(grant, grant, null)
    const before = factsOf(grant.role, grant.expiresAt, grant.status)
    return { grant, effects, entries: entriesOf(op, grant, before, undefined, effects, 'grant.revoke') }
  })
  if (audited)
    for (const { grant, entries } of of) if (isKnown(grant)) await writeAudit(tx, op, entries.theirs)
  const ids = grants.map(({ id }) => id)
  if ((await repo.deleteGrants(tx, { ownerId: op.tenant.id }, ids)) !== ids.length) throw stale()
  return {
    grants: [],
    effects: of.flatMap(({ effects }) => effects),
    entries: of.map(({ entries }) => entries),
  }
}

/** Whether its target sees it or its offer: of one that rests or is over, what the thing is called by now is not theirs to know. */
const isKnown = ({ status, expiresAt }: repo.GrantRecord): boolean =>
  status !== 'suspended' && (expiresAt === null || expiresAt > new Date())

/** Takes shares back, all or nothing; writes of their targets under way end first, and none commits after (attack E07). */
export async function revoke(op: SignedInOp, ids: readonly string[]): Promise<number> {
  assertMay(mayAnswer(op))
  const seen = await inTenant(op, (tx) => ownGrants(tx, op, ids))
  return mutate(
    op,
    async (m) => {
      const now: SignedInOp = { ...op, ...m.fresh }
      const done = await revokeWithin(m.tx, now, await ownGrants(m.tx, now, ids), true)
      for (const { own } of done.entries.slice(1)) await writeAudit(m.tx, op, own)
      const [one] = done.entries
      if (one) m.audit(one.own)
      return done.entries.length
    },
    { exclusive: seen.map(({ tenantId }) => tenantId) },
  )
}

/** Who would lose what. @throws AppError as `revoke` */
export function revokePreview(op: SignedInOp, ids: readonly string[]): Promise<string[]> {
  assertMay(mayAnswer(op))
  return rehearse(op, async (tx) =>
    effectLines((await revokeWithin(tx, op, await ownGrants(tx, op, ids), false)).effects),
  )
}
