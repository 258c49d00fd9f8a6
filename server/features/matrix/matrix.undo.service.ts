import { effectLines, type Effect } from '@/lib/effects'
import { EVERYONE_LOCK } from '@/lib/master'
import { labelOfKind } from '@/lib/resource-kinds/registry'
import type { SignedInOp } from '@/server/context/op'
import { mutate, rehearse, type Tx, type WriteTx } from '@/server/db/scope'
import type { StoredGrant } from '@/server/features/grants/grants-bulk.service'
import { seenWithin } from '@/server/features/resources/resources.service'
import { conflict, denied, notFound } from '@/server/platform/errors'
import { auditEffects, carryOut } from './matrix.change.service'
import { type ChangedRow, findChange, markUndone, type State } from './matrix-change.repo'
import { effectsSince, lookAt, type Look, stateOf } from './matrix.moment'
import type { Plan } from './matrix.plan'
import { pairOf } from './matrix.repo'

const NAMED = 5
type Steps = Pick<Plan, 'assigns' | 'publishes' | 'revokes' | 'grants'>

/** What of a share makes it the same share. */
const grantKey = ({ tenantId, role, status, expiresAt }: StoredGrant) =>
  `${tenantId} ${role} ${status} ${expiresAt ?? ''}`
const isOver = ({ expiresAt }: StoredGrant) => expiresAt !== null && new Date(expiresAt) <= new Date()
const keyOf = ({ assignedId, visibility, grants }: State) =>
  [
    assignedId,
    visibility,
    ...grants
      .filter((one) => !isOver(one))
      .map(grantKey)
      .sort(),
  ].join('\n')

const namesOf = (rows: readonly ChangedRow[]): string => {
  const names = rows.slice(0, NAMED).map(({ kind, name }) => `${labelOfKind(kind)} ${name}`)
  const more = rows.length - names.length
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ')
}

/** The way back for one resource that still is as the change left it. */
function stepsBack({ id, kind, before, after }: ChangedRow): Steps {
  const moved = before.assignedId !== after.assignedId
  const left = moved ? 'private' : after.visibility
  const there = new Map(moved ? [] : after.grants.map((one) => [one.tenantId, one]))
  const back = before.grants.filter((one) => !isOver(one))
  const kept = new Set(back.map(({ tenantId }) => tenantId))
  const differs = (one: StoredGrant) => {
    const now = there.get(one.tenantId)
    return now === undefined || now.role !== one.role || now.expiresAt !== one.expiresAt
  }
  return {
    assigns: moved ? [{ kind, id, tenantId: before.assignedId }] : [],
    publishes: before.visibility !== left ? [{ kind, id, visibility: before.visibility }] : [],
    revokes: [...there.values()]
      .filter(({ tenantId }) => !kept.has(tenantId))
      .map(({ tenantId }) => ({ resourceId: id, tenantId })),
    grants: back.filter(differs),
  }
}

async function standing(tx: Tx, op: SignedInOp, rows: readonly ChangedRow[]): Promise<Look> {
  const ids = rows.map(({ id }) => id)
  const seen = new Set(await seenWithin(tx, op, ids))
  const gone = rows.filter(({ id }) => !seen.has(id))
  if (gone.length > 0) throw conflict(`${namesOf(gone)}: not there any more. It cannot be undone as a whole.`)
  const named = rows.flatMap(({ id, tenants, before, after }) =>
    [...(tenants ?? []), before.assignedId, after.assignedId].map((tenantId) => pairOf(id, tenantId)),
  )
  return lookAt(tx, op, ids, [...new Set(named)])
}

/** @throws AppError 403 where the person may not, 409 naming tenants that are disabled by now */
function assertMay(now: Look, steps: Steps): void {
  const moving = new Set([...steps.assigns, ...steps.publishes].map(({ id }) => id))
  const refusal =
    steps.assigns.map(({ id }) => now.rows.get(id)?.refusals.assign).find(Boolean) ??
    steps.publishes.map(({ id }) => now.rows.get(id)?.refusals.publish).find(Boolean) ??
    // Where nothing is left to do, too: whoever undoes it could have done it.
    [...now.rows.values()]
      .filter(({ id }) => !moving.has(id))
      .map((row) => row.refusals.share)
      .find(Boolean)
  if (refusal) throw denied(refusal)
  const asleep = [...steps.grants, ...steps.assigns]
    .map(({ tenantId }) => now.tenants.get(tenantId))
    .find((tenant) => tenant?.status !== 'active')
  if (asleep) throw conflict(`${asleep.name} is disabled. Enable it first.`)
}

async function undoWithin(
  tx: WriteTx,
  op: SignedInOp,
  id: string,
): Promise<{ effects: Effect[]; changed: number }> {
  const change = await findChange(tx, op.tenant.id, id)
  if (!change) throw notFound()
  if (change.undoneAt) throw conflict('It was undone already')
  const now = await standing(tx, op, change.states)
  const other = change.states.filter((row) => keyOf(stateOf(now, row.id, row.tenants)) !== keyOf(row.after))
  if (other.length > 0) throw conflict(`${namesOf(other)}: changed meanwhile, so this cannot be undone`)
  const each = change.states.map(stepsBack)
  const steps: Steps = {
    assigns: each.flatMap((one) => one.assigns),
    publishes: each.flatMap((one) => one.publishes),
    revokes: each.flatMap((one) => one.revokes),
    grants: each.flatMap((one) => one.grants),
  }
  assertMay(now, steps)
  await carryOut(tx, op, steps)
  const after = await lookAt(tx, op, [...now.rows.keys()], now.pairs)
  return { effects: await effectsSince(tx, op, now, after), changed: change.changed }
}

/** Who would gain and lose what by undoing a change. @throws AppError as `undoChange` */
export async function previewUndo(op: SignedInOp, id: string) {
  const { effects } = await rehearse(op, (tx, fresh) => undoWithin(tx, { ...op, ...fresh }, id))
  return { lines: effectLines(effects) }
}

/**
 * Brings everything that a change concerned back to how it was, all or nothing. Where shares have to be accepted, what was ended is
 * offered anew.
 * @throws AppError 403, 404, 409 naming what is not as the change left it
 */
export function undoChange(op: SignedInOp, id: string) {
  return mutate(
    op,
    async (m) => {
      const now: SignedInOp = { ...op, ...m.fresh }
      const { effects, changed } = await undoWithin(m.tx, now, id)
      if (!(await markUndone(m.tx, op.tenant.id, id, op.actor.displayName)))
        throw conflict('It was undone already')
      await auditEffects(
        m,
        op,
        { id, name: `${changed} ${changed === 1 ? 'change' : 'changes'}`, changed },
        effects,
      )
      return { id, changed, lines: effectLines(effects) }
    },
    { exclusive: [EVERYONE_LOCK] },
  )
}
