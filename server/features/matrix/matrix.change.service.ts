import { randomUUID } from 'node:crypto'
import { type Effect, effectLines } from '@/lib/effects'
import { EVERYONE_LOCK } from '@/lib/master'
import { levelOf, LEVEL_WORDS } from '@/lib/matrix'
import type { SignedInOp } from '@/server/context/op'
import { writeAudit } from '@/server/db/audit-write'
import { type Mutation, mutate, rehearse, type WriteTx } from '@/server/db/scope'
import { endGrants, writeGrants } from '@/server/features/grants/grants-bulk.service'
import { assignWithin, publishWithin } from '@/server/features/resources/resources.assign.service'
import { type AppError, conflict, denied } from '@/server/platform/errors'
import { type ChangedRow, insertChange } from './matrix-change.repo'
import { effectsSince, lookAt, type Look, stateOf } from './matrix.moment'
import { type Plan, planOf, problemText } from './matrix.plan'
import { pairOf } from './matrix.repo'
import type { CellChange, MatrixChange, Problem } from './matrix.schema'

/** What came of a change inside its transaction. */
interface Done {
  effects: Effect[]
  states: ChangedRow[]
  problems: Problem[]
  /** The problems as an answer. */
  refusal: AppError | null
}

/** Ids of one kind, and for one purpose, together: each is one statement. */
function groups<T extends { id: string; kind: string }>(all: readonly T[], by: (one: T) => string) {
  const found = new Map<string, { first: T; ids: string[] }>()
  for (const one of all) {
    const key = `${one.kind} ${by(one)}`
    const group = found.get(key) ?? { first: one, ids: [] }
    group.ids.push(one.id)
    found.set(key, group)
  }
  return [...found.values()]
}

/** Does what the plan says: hands over, then publishes, then shares. @throws AppError of the features that own these */
export async function carryOut(
  tx: WriteTx,
  op: SignedInOp,
  plan: Pick<Plan, 'assigns' | 'publishes' | 'revokes' | 'grants'>,
): Promise<void> {
  for (const { first, ids } of groups(plan.assigns, ({ tenantId }) => tenantId))
    await assignWithin(tx, op, first.kind, ids, first.tenantId)
  for (const { first, ids } of groups(plan.publishes, ({ visibility }) => visibility))
    await publishWithin(tx, op, first.kind, ids, first.visibility)
  await endGrants(tx, op, plan.revokes)
  await writeGrants(tx, op, plan.grants)
}

/** Cells that are not what was wished, though nothing stood in the way: the tenant has it in another way, too. */
function missed(after: Look, cells: readonly CellChange[]): Problem[] {
  return cells.flatMap(({ resourceId, tenantId, to }) => {
    const reasons = after.reasonsOf(resourceId, tenantId)
    const level = levelOf(reasons)
    const fine = level === to || level === 'owns' || (to !== 'none' && reasons.includes('offered'))
    return fine
      ? []
      : [{ resourceId, tenantId, reason: `It would still be: ${LEVEL_WORDS[level].toLowerCase()}` }]
  })
}

const nothingDone = (there: Look, problems: Problem[], forbidden: boolean): Done => ({
  effects: [],
  states: [],
  problems,
  refusal: (forbidden ? denied : conflict)(problemText(there, problems)),
})

function changedRows(plan: Plan, change: MatrixChange, before: Look, after: Look): ChangedRow[] {
  const moved = new Set(plan.assigns.map(({ id }) => id))
  return [...after.rows.values()].map(({ id, kind, name }) => {
    const own = change.cells.filter((cell) => cell.resourceId === id).map(({ tenantId }) => tenantId)
    const tenants = moved.has(id) ? null : own
    return {
      id,
      kind,
      name,
      tenants,
      before: stateOf(before, id, tenants),
      after: stateOf(after, id, tenants),
    }
  })
}

async function changeWithin(tx: WriteTx, op: SignedInOp, change: MatrixChange): Promise<Done> {
  const ids = [...new Set([...change.cells, ...change.rows].map(({ resourceId }) => resourceId))]
  const named = change.cells.map((cell) => pairOf(cell.resourceId, cell.tenantId))
  const before = await lookAt(tx, op, ids, named)
  const plan = planOf(before, change)
  if (plan.problems.length > 0) return nothingDone(before, plan.problems, plan.denied)
  await carryOut(tx, op, plan)
  const after = await lookAt(tx, op, ids, named)
  const problems = missed(after, change.cells)
  if (problems.length > 0) return nothingDone(after, problems, false)
  const effects = await effectsSince(tx, op, before, after)
  return { effects, states: changedRows(plan, change, before, after), problems: [], refusal: null }
}

/** What would come of it: who gains and loses what, or what stands in the way. @throws AppError 404 */
export async function previewChange(op: SignedInOp, change: MatrixChange) {
  const { effects, problems } = await rehearse(op, (tx, fresh) =>
    changeWithin(tx, { ...op, ...fresh }, change),
  )
  return { lines: effectLines(effects), problems }
}

/** The master's log has all lines; each tenant's has its own, and no word of another's. */
export async function auditEffects(
  { tx, audit }: Mutation,
  op: SignedInOp,
  about: { id: string; name: string; changed: number },
  effects: readonly Effect[],
): Promise<void> {
  const others = [...new Set(effects.map(({ tenantId }) => tenantId))].filter((id) => id !== op.tenant.id)
  const target = { targetKind: 'matrix', targetId: about.id }
  for (const id of others)
    await writeAudit(tx, op, { ...target, onlyIn: [id], after: { effects: effectLines(effects, id) } })
  const after = { changed: about.changed, effects: effectLines(effects) }
  audit({ ...target, targetName: about.name, after })
}

/**
 * Makes all the changes or none, and keeps what there was, so that it can be undone for 7 days.
 * @throws AppError 403, 404, 409 with what stands in the way: what is not as it was when the person looked, too
 */
export function applyChange(op: SignedInOp, change: MatrixChange) {
  const id = randomUUID()
  const changed = change.cells.length + change.rows.length
  return mutate(
    op,
    async (m) => {
      const done = await changeWithin(m.tx, { ...op, ...m.fresh }, change)
      if (done.refusal) throw done.refusal
      const lines = effectLines(done.effects)
      const by = { by: op.actor.userId, byName: op.actor.displayName }
      await insertChange(m.tx, { id, tenantId: op.tenant.id, ...by, changed, lines, states: done.states })
      const name = `${changed} ${changed === 1 ? 'change' : 'changes'}`
      await auditEffects(m, op, { id, name, changed }, done.effects)
      return { id, changed, lines }
    },
    // It concerns many, and takes away what is assigned, shared or public.
    { exclusive: [EVERYONE_LOCK] },
  )
}
