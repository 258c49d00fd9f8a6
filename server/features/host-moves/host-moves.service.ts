import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { effectLines } from '@/lib/effects'
import type { SignedInOp } from '@/server/context/op'
import { inTenant, rehearse, type Tx } from '@/server/db/scope'
import { noteLook } from '@/server/features/see-as/look'
import { hostUsage } from '@/server/features/settings/settings.service'
import { createTask } from '@/server/features/tasks/tasks.service'
import { tenantChoice } from '@/server/features/tenants/tenants.service'
import { numbered, pageOf, readPosition } from '@/server/platform/cursor'
import { conflict, notFound } from '@/server/platform/errors'
import { totals } from '@/server/platform/page-schema'
import { assertMigrates, mayMigrate } from './host-moves.policy'
import * as repo from './host-moves.repo'
import {
  type HostMoveDetail,
  type hostMoveInput,
  type HostMoveList,
  type hostMoveListInput,
  type HostMovePreview,
  type HostMoveRow,
  UNDO_DAYS,
} from './host-moves.schema'
import { backBlockerLine, blockerLine, hosts, moveEffects } from './host-moves.words'

const DAY_MS = 86_400_000
const BLOCKERS = 20
const NAMES = 100

type Input = z.output<typeof hostMoveInput>

/** What was asked for, as the database has it now. @throws AppError 404 for an id that is no host's, 409 where the tenant is disabled */
export async function planWithin(tx: Tx, op: SignedInOp, input: Input) {
  assertMigrates(op)
  const ids = [...new Set(input.ids)]
  const to = await tenantChoice(tx, input.tenantId)
  const plan = await repo.planOf(tx, ids, to.id)
  if (plan.filter(({ root }) => root).length !== ids.length) throw notFound()
  if (to.status !== 'active') throw conflict(`${to.name} is disabled. Enable it first.`)
  return { ids, to, plan, blockers: plan.filter(({ blocker }) => blocker !== null) }
}

/** @throws AppError 409 naming what keeps them */
export function assertFree(blockers: readonly repo.Planned[], to: string): void {
  const [first] = blockers
  if (!first) return
  const more = blockers.length > 1 ? `, and ${blockers.length - 1} more` : ''
  throw conflict(`Nothing has moved: ${blockerLine(first, to)}${more}.`)
}

/** Who gained and lost what by a migration of this transaction. */
export async function effectsOf(tx: Tx, op: SignedInOp, moveId: string, toId: string) {
  const items = await repo.itemsOf(tx, op.tenant.id, moveId)
  const roles = await repo.roleUses(
    tx,
    items.map(({ id }) => id),
  )
  const tenants = items.flatMap(({ fromOwnerId, fromAssignedId, before }) => [
    fromOwnerId,
    fromAssignedId,
    ...(before.grants ?? []).map((grant) => grant.tenant_id),
  ])
  const told = [toId, ...tenants, ...roles.map(({ tenantId }) => tenantId)]
  const names = await repo.tenantNames(tx, [...new Set(told)])
  const held = new Set(items.flatMap(({ fromOwnerId, fromAssignedId }) => [fromOwnerId, fromAssignedId]))
  const uses = roles.filter(({ tenantId }) => held.has(tenantId))
  return { items, effects: moveEffects(items, uses, toId, names) }
}

/**
 * What a migration would do, tried and taken back; that one looked at what a tenant has stands in both logs.
 * @throws AppError 403, 404, 409
 */
export async function previewMove(op: SignedInOp, input: Input): Promise<HostMovePreview> {
  const { plan, to, blockers, ids } = await inTenant(op, (tx) => planWithin(tx, op, input))
  const foreign = new Map(plan.map(({ ownerId, owner }) => [ownerId, owner]))
  foreign.delete(op.tenant.id)
  for (const [id, name] of foreign) await noteLook(op, { id, name }, 'migrate')
  const answer = {
    hosts: ids.length,
    things: plan.length - ids.length,
    blockers: blockers.slice(0, BLOCKERS).map((one) => blockerLine(one, to.name)),
    blocked: blockers.length,
  }
  if (blockers.length > 0) return { ...answer, lines: [], notes: [] }
  const { effects } = await rehearse(
    op,
    async (tx) => {
      const id = randomUUID()
      await repo.moveHosts(tx, id, ids, to.id)
      return effectsOf(tx, op, id, to.id)
    },
    { patient: true },
  )
  return { ...answer, lines: effectLines(effects), notes: await notesOf(op) }
}

/** What a migration leaves as it is. */
async function notesOf(op: SignedInOp): Promise<string[]> {
  const { used, limit } = await hostUsage(op)
  const of = limit === null ? '' : ` of ${limit.toLocaleString('en')}`
  return [
    'Their history, their parameters and what stands on them go along. Their agents go on reporting; none is installed anew.',
    `The licence counts ${used.toLocaleString('en')}${of} hosts before and after.`,
    'The audit logs of both sides say so. What they said before stays where it was.',
    `It can be undone for ${UNDO_DAYS} days.`,
  ]
}

/** Hands a migration to the background, all or nothing. @returns its task's id @throws AppError 403, 404, 409 */
export async function startMove(op: SignedInOp, input: Input): Promise<string> {
  const { to, plan, blockers, ids } = await inTenant(op, (tx) => planWithin(tx, op, input))
  assertFree(blockers, to.name)
  return createTask(op, {
    kind: 'host.migrate',
    title: `Migrate ${hosts(ids.length)} to ${to.name}`,
    total: plan.length,
    input: { ids, tenantId: to.id },
  })
}

const toRow = (move: repo.MoveRecord): HostMoveRow => ({
  id: move.id,
  to: move.to,
  hosts: move.hosts,
  createdAt: move.createdAt.toISOString(),
  createdBy: move.createdBy,
  undoneAt: move.undoneAt?.toISOString() ?? null,
  undoneBy: move.undoneBy,
  until: new Date(move.createdAt.getTime() + UNDO_DAYS * DAY_MS).toISOString(),
})

/** Migrations of the last 7 days, the newest first. @throws AppError for a cursor of another list */
export async function listMoves(
  op: SignedInOp,
  { cursor, limit }: z.output<typeof hostMoveListInput>,
): Promise<HostMoveList> {
  const scope = 'host moves'
  const position = readPosition(op, scope, cursor)
  const fetched = await inTenant(op, (tx) => repo.listMoves(tx, op.tenant.id, position, limit))
  const { from, numberOf } = numbered(position, Math.min(fetched.length, limit))
  const page = pageOf(op, scope, fetched, limit, position, (row, toBack) => [
    row.key,
    row.id,
    numberOf(toBack),
  ])
  return { ...page, rows: page.rows.map(toRow), from, ...totals(Number(fetched[0]?.total ?? 0)) }
}

/** One migration, with whether it can be undone, and if not, why. @throws AppError not_found, also after 7 days */
export function getMove(op: SignedInOp, id: string): Promise<HostMoveDetail> {
  return inTenant(op, async (tx) => {
    const move = await repo.findMove(tx, op.tenant.id, id)
    if (!move) throw notFound()
    const content = await repo.contentOf(tx, op.tenant.id, id, NAMES)
    return {
      ...toRow(move),
      ...content,
      lines: await repo.linesOfMove(tx, op.tenant.id, id),
      undo: await mayUndo(tx, op, move),
    }
  })
}

async function mayUndo(tx: Tx, op: SignedInOp, move: repo.MoveRecord): Promise<HostMoveDetail['undo']> {
  if (move.undoneAt) return { allowed: false, reason: 'It was undone already' }
  const may = mayMigrate(op)
  if (!may.allowed) return may
  const [first] = await repo.backBlockers(tx, move.id, 1)
  return first ? { allowed: false, reason: `${backBlockerLine(first)}.` } : { allowed: true }
}
