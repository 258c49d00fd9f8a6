import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { can, type SignedInOp } from '@/server/context/op'
import { inTenant, mutate, type WriteTx } from '@/server/db/scope'
import { numbered, pageOf, readPosition } from '@/server/platform/cursor'
import { denied, notFound } from '@/server/platform/errors'
import { totals } from '@/server/platform/page-schema'
import * as repo from './tasks.repo'
import type * as schema from './tasks.schema'
import { wakeTasks } from './tasks.wake'

/** What the work of a task tells of itself. */
export interface TaskWork {
  /** Of the task. */
  id: string
  progress: (done: number) => void
  /** Marks the task done in the transaction of its work: both are there, or neither. */
  finish: (tx: WriteTx, result: object) => Promise<void>
}

/** One's own tasks; those of everybody for who may read the tenant's log, where they stand anyway. */
const whoseOf = (op: SignedInOp): repo.Whose => ({
  tenantId: op.tenant.id,
  userId: can(op, 'audit', 'read') ? null : op.actor.userId,
})

const toRow = (op: SignedInOp, k: repo.TaskRecord): schema.TaskRow => ({
  id: k.id,
  kind: k.kind,
  title: k.title,
  status: k.status,
  done: k.done,
  total: k.total,
  by: k.by ?? '',
  mine: k.createdBy === op.actor.userId,
  error: k.error,
  lines: k.result?.lines ?? [],
  createdAt: k.createdAt.toISOString(),
  startedAt: k.startedAt?.toISOString() ?? null,
  finishedAt: k.finishedAt?.toISOString() ?? null,
})

/** Tasks of the acting tenant that the person may know of, newest first. @throws AppError for a cursor of another list */
export async function listTasks(
  op: SignedInOp,
  { cursor, limit }: z.output<typeof schema.taskListInput>,
): Promise<schema.TaskList> {
  const who = whoseOf(op)
  const scope = `tasks:${who.userId ?? 'all'}`
  const position = readPosition(op, scope, cursor)
  const found = await inTenant(op, (tx) => repo.listTasks(tx, who, position, limit))
  const { from, numberOf } = numbered(position, Math.min(found.length, limit))
  const page = pageOf(op, scope, found, limit, position, (row, toBack) => [
    row.sortKey,
    row.id,
    numberOf(toBack),
  ])
  return {
    ...page,
    rows: page.rows.map((row) => toRow(op, row)),
    from,
    ...totals(Number(found[0]?.total_ ?? 0)),
  }
}

/** @throws AppError not_found */
export async function getTask(op: SignedInOp, id: string): Promise<schema.TaskRow> {
  const row = await inTenant(op, (tx) => repo.findTask(tx, whoseOf(op), id))
  if (!row) throw notFound()
  return toRow(op, row)
}

/** Hands work to the background, to be done as the person who asks, with the rights they have then. @returns its id */
export async function createTask(
  op: SignedInOp,
  task: { kind: string; title: string; total: number; input: Record<string, unknown> },
): Promise<string> {
  // It would go on after the session (attack F13), and as the user alone.
  if (op.impersonator) throw denied('Not while impersonating: work in the background goes on after it')
  const id = randomUUID()
  await mutate(op, async ({ tx, audit, after }) => {
    await repo.insertTask(tx, {
      ...task,
      id,
      tenantId: op.tenant.id,
      createdBy: op.actor.userId,
      requestId: op.requestId,
      ip: op.ip,
    })
    audit({ event: 'task.create', targetKind: 'task', targetId: id, targetName: task.title })
    after(() => Promise.resolve(wakeTasks()))
  })
  return id
}

/** Marks a task done, for the work of its attempt. */
export const finishTask = repo.finishTask
