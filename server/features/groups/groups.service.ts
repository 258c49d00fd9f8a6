import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { KINDS } from '@/lib/resource-kinds/registry'
import { viewerOf } from '@/server/authz/sight'
import { can, type SignedInOp } from '@/server/context/op'
import { inTenant, mutate, type Tx } from '@/server/db/scope'
import { reachesFully } from '@/server/features/resources/resources.policy'
import type { Verdict } from '@/server/features/resources/resources.schema'
import { findSeen } from '@/server/features/resources/resources.service'
import { numbered, pageOf, readPosition } from '@/server/platform/cursor'
import { conflict, denied, notFound } from '@/server/platform/errors'
import { totals } from '@/server/platform/page-schema'
import { isUniqueViolation } from '@/server/platform/unique-violation'
import { mayDeleteGroup, mayEditGroups } from './groups.policy'
import * as repo from './groups.repo'
import type * as schema from './groups.schema'

const NAME_TAKEN = 'Another group has this name'
const assertMay = ({ allowed, reason }: Verdict) => {
  if (!allowed) throw denied(reason)
}

/** The acting tenant's groups by name, a page at a time. @throws AppError for a cursor of another list */
export async function listGroups(
  op: SignedInOp,
  { search, cursor, limit }: z.output<typeof schema.groupListInput>,
): Promise<schema.GroupList> {
  const scope = `groups:${search}`
  const position = readPosition(op, scope, cursor)
  const found = await inTenant(op, (tx) => repo.listGroups(tx, viewerOf(op), search, position, limit))
  const { from, numberOf } = numbered(position, Math.min(found.length, limit))
  const page = pageOf(op, scope, found, limit, position, (row, toBack) => [
    row.name,
    row.id,
    numberOf(toBack),
  ])
  return {
    ...page,
    rows: page.rows.map(({ id, name, description, createdAt, members, clouds }) => ({
      id,
      name,
      description,
      createdAt: createdAt.toISOString(),
      members,
      clouds,
    })),
    from,
    ...totals(Number(found[0]?.total ?? 0)),
    can: { create: mayEditGroups(op) },
  }
}

async function findGroup(tx: Tx, op: SignedInOp, id: string): Promise<repo.GroupRecord> {
  const group = await repo.findGroup(tx, op.tenant.id, id)
  if (!group) throw notFound()
  return group
}

/** One group: what is in it as far as one sees it, and which roles hang on it. @throws AppError not_found */
export function getGroup(op: SignedInOp, id: string): Promise<schema.GroupDetail> {
  return inTenant(op, async (tx) => {
    const group = await findGroup(tx, op, id)
    const counts = new Map(
      (await repo.countMembers(tx, viewerOf(op), id)).map((one) => [one.kind, one.count]),
    )
    const used = await repo.usesOf(tx, op.tenant.id, id)
    return {
      id,
      name: group.name,
      description: group.description,
      createdAt: group.createdAt.toISOString(),
      counts: KINDS.filter(({ kind }) => counts.has(kind)).map(({ kind, plural }) => ({
        kind,
        label: plural,
        count: counts.get(kind) ?? 0,
      })),
      usedBy: { assignments: used.assignments, roles: can(op, 'roles', 'read') ? used.roles : [] },
      can: { edit: mayEditGroups(op), remove: mayDeleteGroup(op, used) },
    }
  })
}

/** Somebody else was quicker with the name. */
const named = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw isUniqueViolation(error) ? conflict(NAME_TAKEN, { name: NAME_TAKEN }) : error
  })

/** Makes an empty group of the acting tenant. @throws AppError 409 on `name` */
export function createGroup(op: SignedInOp, { name, description }: z.output<typeof schema.groupCreateInput>) {
  const id = randomUUID()
  const write = mutate(op, async ({ tx, audit }) => {
    if (await repo.nameTaken(tx, op.tenant.id, name)) throw conflict(NAME_TAKEN, { name: NAME_TAKEN })
    await repo.insertGroup(tx, op.tenant.id, id, name, description)
    audit({ targetKind: 'group', targetId: id, targetName: name, after: { name, description } })
    return { id, name }
  })
  return named(write)
}

/** @throws AppError not_found, 409 on `name` */
export function updateGroup(op: SignedInOp, input: z.output<typeof schema.groupUpdateInput>) {
  const { id, name, description } = input
  const write = mutate(op, async ({ tx, audit }) => {
    const before = await findGroup(tx, op, id)
    if (await repo.nameTaken(tx, op.tenant.id, name, id)) throw conflict(NAME_TAKEN, { name: NAME_TAKEN })
    await repo.updateGroup(tx, op.tenant.id, input)
    audit({
      targetKind: 'group',
      targetId: id,
      targetName: name,
      before: { name: before.name, description: before.description },
      after: { name, description },
    })
    return { id, name }
  })
  return named(write)
}

/** Deletes a group; what is in it stays. Who reached things by it does not any more. @throws AppError not_found, 403 */
export function deleteGroup(op: SignedInOp, id: string) {
  return mutate(
    op,
    async ({ tx, audit, fresh }) => {
      const group = await findGroup(tx, op, id)
      const used = await repo.usesOf(tx, op.tenant.id, id)
      assertMay(mayDeleteGroup({ ...op, ...fresh }, used))
      await repo.deleteGroup(tx, op.tenant.id, id)
      audit({
        targetKind: 'group',
        targetId: id,
        targetName: group.name,
        before: { name: group.name, usedBy: used },
      })
      return { id, name: group.name }
    },
    { exclusive: [op.tenant.id] },
  )
}

/**
 * Puts things that the person sees into a group, and takes others out. Roles reach things by groups, so one needs all of a
 * thing oneself (PRODUCT rule 8). @throws AppError not_found, 403 naming the thing
 */
export function setMembers(
  op: SignedInOp,
  { id, add = [], remove = [] }: z.output<typeof schema.groupMembersInput>,
) {
  return mutate(
    op,
    async ({ tx, audit, fresh }) => {
      const group = await findGroup(tx, op, id)
      const rows = await findSeen(tx, { ...op, ...fresh }, [...add, ...remove])
      const closed = rows.find((row) => !reachesFully(row))
      if (closed)
        throw denied(
          `Your roles do not let you do everything with ${closed.name}, so you do not decide which groups it is in`,
        )
      const added = await repo.addMembers(tx, op.tenant.id, id, add)
      const removed = await repo.removeMembers(tx, op.tenant.id, id, remove)
      const names = (ids: readonly string[]) =>
        rows.filter((row) => ids.includes(row.id)).map(({ name }) => name)
      audit({
        targetKind: 'group',
        targetId: id,
        targetName: group.name,
        after: { added: names(add), removed: names(remove) },
      })
      return { added, removed }
    },
    { exclusive: [op.tenant.id] },
  )
}
