import { EVERYONE_LOCK } from '@/lib/master'
import { labelOfKind } from '@/lib/resource-kinds/registry'
import type { SignedInOp } from '@/server/context/op'
import type { Tx, WriteTx } from '@/server/db/scope'
import type { Handed } from '@/server/features/resources/resources.assign.service'
import { stale } from '@/server/features/resources/resources.content'
import { MOST_NAMES } from '@/server/features/hosts/hosts.returned'
import { env } from '@/server/platform/env'
import { conflict } from '@/server/platform/errors'
import {
  blockedBy,
  bystanders,
  type Cloud,
  moveEffects,
  moveEntries,
  type Target,
  things,
} from './clouds.move'
import * as repo from './clouds.move.repo'

/** A cloud with more in it moves as a task (docs/clouds.md). */
export const backgroundAbove = (): number => env().BACKGROUND_MOVE_ABOVE
const BATCH = 5000
const BLOCKERS = 50
const NAMES = 100

/** What a move of one cloud does and what stands in its way; nothing is written. */
export async function planMove(tx: Tx, op: SignedInOp, cloud: Cloud, to: Target) {
  const shares = await repo.contentsOf(tx, op.tenant.id, cloud.id)
  const sharers = await repo.sharersIn(tx, op.tenant.id, cloud.id)
  return {
    shares,
    total: shares.reduce((sum, { count }) => sum + count, 0),
    effects: moveEffects(op.tenant.id, cloud, to, shares, sharers),
    blockers: await repo.blockersOf(tx, cloud.id, to.id, BLOCKERS),
  }
}

/** @throws AppError 409 naming what a third tenant owns in the cloud */
export function assertMoves(cloud: Cloud, blockers: readonly repo.Blocker[]): void {
  if (blockers.length > 0) throw conflict(blockedBy(cloud, blockers, labelOfKind))
}

/**
 * Whose locks a move takes: the master's, so that nothing is made, shared or published in the cloud meanwhile; those of whoever uses or was
 * given something of it; and everyone's only where something of it is public. A large move lasts, and everyone's lock lets nobody write.
 */
export async function locksOfMove(
  tx: Tx,
  op: SignedInOp,
  clouds: readonly Cloud[],
  to: string,
): Promise<string[]> {
  const locks = new Set([op.tenant.id, to])
  for (const cloud of clouds) {
    const shares = await repo.contentsOf(tx, op.tenant.id, cloud.id)
    for (const { assignedId } of [cloud, ...shares]) locks.add(assignedId)
    for (const id of await repo.takersIn(tx, op.tenant.id, cloud.id)) locks.add(id)
    if ([cloud, ...shares].some(({ visibility }) => visibility === 'public')) locks.add(EVERYONE_LOCK)
  }
  return [...locks]
}

/** The master's hosts in these clouds that tenants use, by who does. */
export const dedicatedIn = (tx: Tx, op: SignedInOp, cloudIds: readonly string[]) =>
  repo.dedicatedIn(tx, op.tenant.id, cloudIds, MOST_NAMES)

/** Who is concerned was read before the locks: a tenant that came to it meanwhile was not locked. @throws AppError 409 */
export async function assertLocked(
  tx: Tx,
  op: SignedInOp,
  clouds: readonly Cloud[],
  to: string,
  locked: readonly string[],
): Promise<void> {
  if (locked.includes(EVERYONE_LOCK)) return
  const locks = await locksOfMove(tx, op, clouds, to)
  if (!locks.every((id) => locked.includes(id))) throw stale()
}

/** Hears of each batch: how many things have moved by now. */
export type Progress = (done: number) => void

/**
 * Moves clouds with all that the master has in them, all or nothing (PRODUCT rule 4). The locks of `locksOfMove` are held.
 * @throws AppError 409 for what a third tenant owns inside, and for a size that only a task takes on
 */
export async function moveClouds(
  tx: WriteTx,
  op: SignedInOp,
  clouds: readonly Cloud[],
  to: Target,
  progress?: Progress,
): Promise<Handed> {
  const handed: Handed = { changed: 0, entries: [], effects: [] }
  for (const cloud of clouds) {
    const plan = await planMove(tx, op, cloud, to)
    assertMoves(cloud, plan.blockers)
    if (plan.total > backgroundAbove() && !op.task)
      throw conflict(
        `Cloud ${cloud.name} has ${things(plan.total)} in it, which takes a while. Use Assign Tenant on its own page: it goes on in the background.`,
      )
    const names = new Map<string, string[]>()
    for (const id of bystanders(op.tenant.id, cloud, to, plan.effects))
      names.set(id, await repo.namesFor(tx, op.tenant.id, cloud.id, id, NAMES))
    handed.entries.push(...moveEntries(op.tenant.id, cloud, to, plan.shares, plan.effects, names))
    handed.effects.push(...plan.effects)
    const before = handed.changed
    handed.changed += 1 + (await moveOne(tx, op, cloud, to, (done) => progress?.(before + done)))
  }
  return handed
}

/**
 * First the cloud comes home, so that what stands in it may part from it for the time being; then all of it goes, and the cloud
 * last: the database refuses it unless everything went along (wall.resource_moved).
 */
async function moveOne(
  tx: WriteTx,
  op: SignedInOp,
  cloud: Cloud,
  to: Target,
  progress: Progress,
): Promise<number> {
  if (cloud.assignedId !== op.tenant.id) await repo.moveAll(tx, op.tenant.id, [cloud.id], op.tenant.id)
  const ids = await repo.idsIn(tx, op.tenant.id, cloud.id)
  for (let at = 0; at < ids.length; at += BATCH) {
    await repo.moveAll(tx, op.tenant.id, ids.slice(at, at + BATCH), to.id)
    progress(Math.min(at + BATCH, ids.length))
  }
  await repo.moveAll(tx, op.tenant.id, [cloud.id], to.id)
  return ids.length
}

/** A thing in a cloud that is assigned away goes with its cloud only (rule 4). @throws AppError 409 naming both */
export async function assertNotInMovedCloud(
  tx: Tx,
  op: SignedInOp,
  ids: readonly string[],
  to: Target,
): Promise<void> {
  const stuck = await repo.stuckInCloud(tx, op.tenant.id, ids, to.id)
  if (stuck)
    throw conflict(
      `${stuck.name} stands in Cloud ${stuck.cloud}, which is assigned to ${stuck.tenant} with all that is in it. Assign the cloud instead.`,
    )
}
