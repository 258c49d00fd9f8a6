import { effectLines, type Effect } from '@/lib/effects'
import { EVERYONE_LOCK, MASTER_TENANT_ID } from '@/lib/master'
import { labelOfKind } from '@/lib/resource-kinds/registry'
import type { SignedInOp } from '@/server/context/op'
import type { AuditEntry } from '@/server/db/audit-write'
import { inTenant, type Mutation, mutate, rehearse, type WriteTx } from '@/server/db/scope'
import {
  assertLocked,
  assertNotInMovedCloud,
  dedicatedIn,
  locksOfMove,
  moveClouds,
  type Progress,
} from '@/server/features/clouds/clouds.move.service'
import { startMove } from '@/server/features/clouds/clouds.move.task'
import { MOST_NAMES, type Returned, tellOfReturn } from '@/server/features/hosts/hosts.returned'
import type { TaskWork } from '@/server/features/tasks/tasks.service'
import { tenantChoice } from '@/server/features/tenants/tenants.service'
import { conflict } from '@/server/platform/errors'
import { assertMay, stale } from './resources.content'
import { tellLogs } from './resources.logs'
import { abilities } from './resources.policy'
import * as repo from './resources.repo'
import { findAll } from './resources.service'

type TenantName = Pick<Awaited<ReturnType<typeof tenantChoice>>, 'id' | 'name'>

const assignedAway = () =>
  conflict('It is assigned to a tenant, so it is private. Assign it to the master tenant first.')

/** What a change of hands did: the audit rows that tell of it, and who gained or lost what. */
export interface Handed {
  changed: number
  entries: AuditEntry[]
  effects: Effect[]
}

/** What the master's log says, and those of the tenants it leaves and reaches: neither may learn of the other. */
function assignEntries(
  op: SignedInOp,
  row: repo.ResourceRecord,
  to: TenantName,
  effects: readonly Effect[],
): AuditEntry[] {
  const about = { targetKind: row.kind, targetId: row.id, targetName: row.name }
  const told = [row.assignedId, to.id, ...effects.map(({ tenantId }) => tenantId)]
  const others = [...new Set(told)].filter((id) => id !== '' && id !== op.tenant.id)
  return [
    {
      ...about,
      before: { tenant: row.assignedName, visibility: row.visibility },
      after: { tenant: to.name, visibility: 'private', effects: effectLines(effects) },
    },
    ...others.map((id) => ({
      ...about,
      onlyIn: [id],
      before: { assigned: id === row.assignedId },
      after: { assigned: id === to.id, effects: effectLines(effects, id) },
    })),
  ]
}

const thing = (row: repo.ResourceRecord) => `${labelOfKind(row.kind)} ${row.name}`

const effect = (tenantId: string, tenant: string, change: Effect['change'], what: string): Effect => ({
  tenantId,
  tenant,
  who: '',
  change,
  what,
})

/** What is public is everybody's to see; in a cloud, of those who added it. They are not listed one by one: there may be thousands. */
const everybody = (row: repo.ResourceRecord): string =>
  row.kind !== 'cloud' && row.cloudName !== null
    ? `Every tenant that has added ${row.cloudName}`
    : 'Every tenant'

function publishEffects(row: repo.ResourceRecord, visibility: 'private' | 'public'): Effect[] {
  if (row.visibility === visibility) return []
  const what = row.kind === 'cloud' ? `the offer of ${thing(row)}` : thing(row)
  return [effect('', everybody(row), visibility === 'public' ? 'gains' : 'loses', what)]
}

/** Who used it loses it, so do those who saw it because it was public or shared (rule 4). */
function assignEffects(
  op: SignedInOp,
  row: repo.ResourceRecord,
  to: TenantName,
  grantees: readonly repo.Grantee[],
): Effect[] {
  if (row.assignedId === to.id) return publishEffects(row, 'private')
  const what = (id: string) => (id === op.tenant.id ? `the use of ${thing(row)}` : thing(row))
  return [
    effect(row.assignedId, row.assignedName ?? '', 'loses', what(row.assignedId)),
    ...publishEffects(row, 'private'),
    ...grantees
      .filter((one) => one.resourceId === row.id && one.tenantId !== to.id)
      .map((one) => effect(one.tenantId, one.tenant, 'loses', `${thing(row)} (shared as ${one.role})`)),
    effect(to.id, to.name, 'gains', what(to.id)),
  ]
}

/**
 * Assigns inside a transaction, all or nothing. @throws AppError 403, 404, 409
 * @param how `locked`: whose locks are held, where it is not a rehearsal or part of more; `progress` as moveClouds
 */
export async function assignWithin(
  tx: WriteTx,
  op: SignedInOp,
  kind: string,
  ids: readonly string[],
  tenantId: string,
  { locked, progress }: { locked?: readonly string[]; progress?: Progress } = {},
): Promise<Handed> {
  const rows = await findAll(tx, op, kind, ids)
  for (const row of rows) assertMay(abilities(op, row).assign)
  // Whom it is taken from was read before the locks: moved meanwhile, it is another tenant's.
  if (locked && rows.some((row) => !locked.includes(row.assignedId))) throw stale()
  // Read under its lock: it may have been disabled just now.
  const to = await tenantChoice(tx, tenantId)
  if (to.status !== 'active') throw conflict(`${to.name} is disabled. Enable it first.`)
  if (kind === 'cloud') {
    if (locked) await assertLocked(tx, op, rows, to.id, locked)
    return moveClouds(tx, op, rows, to, progress)
  }
  await assertNotInMovedCloud(tx, op, ids, to)
  const from = [...new Set(rows.map((row) => row.assignedId))]
  const grantees = await repo.granteesOf(tx, op.tenant.id, ids)
  const changed = await repo.assignResources(
    tx,
    op.tenant.id,
    rows.map(({ id }) => id),
    from,
    tenantId,
  )
  if (changed !== rows.length) throw stale()
  const of = rows.map((row) => ({ row, effects: assignEffects(op, row, to, grantees) }))
  return {
    changed,
    entries: of.flatMap(({ row, effects }) => assignEntries(op, row, to, effects)),
    effects: of.flatMap(({ effects }) => effects),
  }
}

/** Writes all rows of a change; the first one is the mutation's own. */
async function auditAll(m: Mutation, op: SignedInOp, entries: readonly AuditEntry[]): Promise<void> {
  const [first, ...rest] = entries
  await tellLogs(m, op, rest)
  if (first) m.audit(first)
}

type Dedicated = Pick<Returned, 'from' | 'total' | 'names'>

/** Which hosts come back to the master, by whom they were dedicated to: these, or those that stand in these clouds. */
async function comingBack(
  tx: WriteTx,
  op: SignedInOp,
  kind: string,
  rows: readonly repo.ResourceRecord[],
): Promise<Dedicated[]> {
  if (kind === 'cloud')
    return dedicatedIn(
      tx,
      op,
      rows.map(({ id }) => id),
    )
  const away = kind === 'host' ? rows.filter((row) => row.assignedId !== MASTER_TENANT_ID) : []
  return [...new Set(away.map((row) => row.assignedName ?? ''))].map((from) => {
    const names = away.filter((row) => row.assignedName === from).map(({ name }) => name)
    return { from, total: names.length, names: names.toSorted().slice(0, MOST_NAMES) }
  })
}

/**
 * Assigns resources of the master to one tenant, all or nothing, and makes them private (PRODUCT rule 4). Each stands in the
 * logs of the tenants it leaves and reaches. A cloud takes along what stands in it; a large one does so as a task.
 * @param work the task that does it, if one does @returns how many changed hands; of a task that was started, its id
 */
export async function assign(
  op: SignedInOp,
  kind: string,
  ids: readonly string[],
  tenantId: string,
  work?: TaskWork,
): Promise<{ changed: number; taskId?: string }> {
  const rows = await inTenant(op, (tx) => findAll(tx, op, kind, ids))
  if (kind === 'cloud' && !work) {
    const taskId = await startMove(op, rows, tenantId)
    if (taskId !== null) return { changed: 0, taskId }
  }
  const locked =
    kind === 'cloud'
      ? await inTenant(op, (tx) => locksOfMove(tx, op, rows, tenantId))
      : // What was public or granted is lost to others, too.
        [...rows.map((row) => row.assignedId), tenantId, EVERYONE_LOCK]
  return mutate(
    op,
    async (m) => {
      const how = { locked, progress: work?.progress }
      const back = tenantId === MASTER_TENANT_ID ? await comingBack(m.tx, op, kind, rows) : []
      const done = await assignWithin(m.tx, { ...op, ...m.fresh }, kind, ids, tenantId, how)
      await auditAll(m, op, done.entries)
      for (const of of back) await tellOfReturn(m, op, { ...of, ended: false })
      await work?.finish(m.tx, { changed: done.changed, lines: effectLines(done.effects) })
      return { changed: done.changed }
    },
    { exclusive: locked },
  )
}

/** Who would gain and lose what. @throws AppError as `assign` */
export const assignPreview = (op: SignedInOp, kind: string, ids: readonly string[], tenantId: string) =>
  rehearse(op, async (tx) => effectLines((await assignWithin(tx, op, kind, ids, tenantId)).effects))

/** Publishes or takes back inside a transaction, all or nothing. @throws AppError 403, 404, 409 */
export async function publishWithin(
  tx: WriteTx,
  op: SignedInOp,
  kind: string,
  ids: readonly string[],
  visibility: 'private' | 'public',
): Promise<Handed> {
  const rows = await findAll(tx, op, kind, ids)
  if (rows.some((row) => row.ownerId === op.tenant.id && row.assignedId !== op.tenant.id))
    throw assignedAway()
  for (const row of rows) assertMay(abilities(op, row).publish)
  const changed = await repo.setVisibility(
    tx,
    op.tenant.id,
    rows.map(({ id }) => id),
    visibility,
  )
  if (changed !== rows.length) throw stale()
  const of = rows.map((row) => ({ row, effects: publishEffects(row, visibility) }))
  return {
    changed,
    entries: of.map(({ row, effects }) => ({
      targetKind: row.kind,
      targetId: row.id,
      targetName: row.name,
      before: { visibility: row.visibility },
      after: { visibility, effects: effectLines(effects) },
    })),
    effects: of.flatMap(({ effects }) => effects),
  }
}

/** Offers resources to all tenants, or takes them back. @throws AppError 403, 404, 409 */
export function setVisibility(
  op: SignedInOp,
  kind: string,
  ids: readonly string[],
  visibility: 'private' | 'public',
): Promise<number> {
  return mutate(
    op,
    async (m) => {
      const done = await publishWithin(m.tx, { ...op, ...m.fresh }, kind, ids, visibility)
      await auditAll(m, op, done.entries)
      return done.changed
    },
    { exclusive: visibility === 'private' ? [EVERYONE_LOCK] : [] },
  )
}
