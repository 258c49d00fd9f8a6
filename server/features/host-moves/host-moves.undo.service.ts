import { effectLines } from '@/lib/effects'
import type { SignedInOp } from '@/server/context/op'
import { inTenant, mutate, rehearse, type Tx, type WriteTx } from '@/server/db/scope'
import { stale } from '@/server/features/resources/resources.content'
import { createTask, type TaskWork } from '@/server/features/tasks/tasks.service'
import { conflict, notFound } from '@/server/platform/errors'
import { assertMigrates } from './host-moves.policy'
import * as repo from './host-moves.repo'
import { hostEntries, tell } from './host-moves.run'
import { type HostMoveUndoPreview, hostMoveIdInput } from './host-moves.schema'
import { backBlockerLine, backEffects, hosts, lostLines } from './host-moves.words'

const BLOCKERS = 20

/** A migration that nobody has undone, with what keeps it. @throws AppError 403, 404, 409 */
async function undoable(tx: Tx, op: SignedInOp, id: string) {
  assertMigrates(op)
  const move = await repo.findMove(tx, op.tenant.id, id)
  if (!move) throw notFound()
  if (move.undoneAt) throw conflict('It was undone already')
  return { move, blockers: await repo.backBlockers(tx, id, BLOCKERS) }
}

/** @throws AppError 409 naming what keeps it from being undone */
function assertFree(blockers: readonly repo.BackBlocker[]): void {
  const [first] = blockers
  if (!first) return
  const more = first.total > 1n ? `, and ${first.total - 1n} more` : ''
  throw conflict(`It cannot be undone: ${backBlockerLine(first)}${more}.`)
}

async function backWithin(tx: WriteTx, op: SignedInOp, move: repo.MoveRecord) {
  const items = await repo.itemsOf(tx, op.tenant.id, move.id)
  const back = await repo.moveBack(tx, move.id)
  const tenants = items.flatMap(({ fromOwnerId, fromAssignedId }) => [fromOwnerId, fromAssignedId])
  const names = await repo.tenantNames(tx, [...new Set([move.toId, ...tenants])])
  return { items, effects: backEffects(items, move.toId, names), lost: lostLines(items, back) }
}

/** What an undo would do, and what it does not bring back; tried and taken back. @throws AppError 403, 404, 409 */
export async function previewUndo(op: SignedInOp, id: string): Promise<HostMoveUndoPreview> {
  const { move, blockers } = await inTenant(op, (tx) => undoable(tx, op, id))
  if (blockers.length > 0)
    return {
      blockers: blockers.map(backBlockerLine),
      blocked: Number(blockers[0]?.total ?? 0),
      lines: [],
      lost: [],
    }
  const { effects, lost } = await rehearse(op, (tx) => backWithin(tx, op, move), { patient: true })
  return { blockers: [], blocked: 0, lines: effectLines(effects), lost }
}

/** Hands the way back to the background, all or nothing. @returns its task's id @throws AppError 403, 404, 409 */
export async function startUndo(op: SignedInOp, id: string): Promise<string> {
  const { move, total } = await inTenant(op, async (tx) => {
    const { move, blockers } = await undoable(tx, op, id)
    assertFree(blockers)
    const { things } = await repo.contentOf(tx, op.tenant.id, id, 0)
    return { move, total: move.hosts + things }
  })
  return createTask(op, {
    kind: 'host.migrate_undo',
    title: `Undo: migrate ${hosts(move.hosts)} to ${move.to}`,
    total,
    input: { id },
  })
}

/** Undoes a migration in one transaction, as a task. @throws AppError 403, 404, 409 */
export async function runUndo(op: SignedInOp, input: unknown, work: TaskWork) {
  const { id } = hostMoveIdInput.parse(input)
  const locked = await inTenant(op, (tx) => repo.backTenants(tx, id))
  return mutate(
    op,
    async ({ tx, audit, fresh }) => {
      const { move, blockers } = await undoable(tx, { ...op, ...fresh }, id)
      assertFree(blockers)
      const now = await repo.backTenants(tx, id)
      if (!now.every((one) => locked.includes(one))) throw stale()
      const { items, effects, lost } = await backWithin(tx, op, move)
      work.progress(items.length)
      await tell(
        { tx, audit },
        op,
        { id, items, effects },
        hostEntries(items, (item) => ({ from: [move.toId], to: [item.fromOwnerId, item.fromAssignedId] })),
      )
      await work.finish(tx, { moved: items.length, lines: [...effectLines(effects), ...lost] })
    },
    { exclusive: locked },
  )
}
