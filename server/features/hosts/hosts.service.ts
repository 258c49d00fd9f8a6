import type { z } from 'zod'
import type { Viewer } from '@/server/authz/sight'
import type { SignedInOp } from '@/server/context/op'
import { type AuditEntry, writeAudit } from '@/server/db/audit-write'
import { inTenant, mutate, type ScopeOp } from '@/server/db/scope'
import { mayAssign, mayEnrol, PROVIDER_MANAGES } from '@/server/features/hosts/hosts.policy'
import * as repo from '@/server/features/hosts/hosts.repo'
import type {
  HostDetail,
  HostList,
  HostRow,
  hostFilterSchema,
  hostListInput,
} from '@/server/features/hosts/hosts.schema'
import { toDetail, toRow } from '@/server/features/hosts/hosts.view'
import {
  countResources,
  listResources,
  type ResourceQuery,
  type ResourceRow,
} from '@/server/features/hosts/resource-list.repo'
import { numbered, pageOf, type Position, readPosition } from '@/server/platform/cursor'
import { conflict, denied, notFound } from '@/server/platform/errors'
import { COUNT_CAP, totals } from '@/server/platform/page-schema'

type Filter = z.output<typeof hostFilterSchema>

const EXPORT_BATCH = 1000
const NO_TENANT = '00000000-0000-0000-0000-000000000000'

const viewerOf = (op: Pick<ScopeOp, 'tenant'>): Viewer => ({
  tenantId: op.tenant.id,
  isMaster: op.tenant.isMaster,
})

/**
 * Which tenant uses a host is the master's to know: another one asks about itself only, and elsewhere finds nothing, also of
 * what is granted to it and used by a third.
 */
const assignedTo = (op: SignedInOp, id: string | undefined): string | undefined =>
  id === undefined || op.tenant.isMaster || id === op.tenant.id ? id : NO_TENANT

const queryOf = (op: SignedInOp, filter: Filter): Omit<ResourceQuery, 'position' | 'limit'> => ({
  counted: true,
  kind: 'host',
  search: filter.search,
  status: filter.status,
  assignedTo: assignedTo(op, filter.tenantId),
  sort: filter.sort,
  desc: filter.desc,
})

/** Hosts that the acting tenant sees, a page at a time (PRODUCT rules 1 and 2). @throws AppError for a cursor of another list */
export async function listHosts(op: SignedInOp, input: z.output<typeof hostListInput>): Promise<HostList> {
  const { cursor, limit, ...filter } = input
  const asked = queryOf(op, filter)
  const { rows, query, scope } = await inTenant(op, async (tx) => {
    const first = { ...asked, position: null, limit }
    const tooMany = asked.sort !== 'name' && (await countResources(tx, viewerOf(op), first)) > COUNT_CAP
    const sort = tooMany ? 'name' : asked.sort
    const scope = `hosts:${JSON.stringify({ ...asked, sort })}`
    const query = { ...asked, sort, limit, position: readPosition(op, scope, cursor) }
    return { rows: await listResources(tx, viewerOf(op), query), query, scope }
  })
  const { from, numberOf } = numbered(query.position, Math.min(rows.length, limit))
  const cursorOf = (row: ResourceRow, toBack: boolean) => [
    ...(query.sort === 'name' ? [row.kind, row.name, row.id] : [row.sortKey, row.id]),
    numberOf(toBack),
  ]
  const page = pageOf(op, scope, rows, limit, query.position, cursorOf)
  return {
    ...page,
    rows: page.rows.map((row) => toRow(op, row)),
    from,
    ...totals(Number(rows[0]?.total ?? 0)),
    sortedBy: query.sort,
    can: { assign: mayAssign(op), enrol: mayEnrol(op) },
  }
}

/** Every host that matches, by name, in batches: for a download. */
export async function* everyHost(op: SignedInOp, filter: Filter): AsyncGenerator<HostRow[]> {
  const query = { ...queryOf(op, filter), sort: 'name' as const, counted: false, limit: EXPORT_BATCH }
  let position: Position | null = null
  for (;;) {
    const from: Position | null = position
    const rows: ResourceRow[] = await inTenant(op, (tx) =>
      listResources(tx, viewerOf(op), { ...query, position: from }),
    )
    const batch = rows.slice(0, EXPORT_BATCH)
    yield batch.map((row) => toRow(op, row))
    const last = batch.at(-1)
    if (!last || rows.length <= EXPORT_BATCH) return
    position = { back: false, values: [last.kind, last.name, last.id] }
  }
}

/** @throws AppError not_found, the same for a foreign id and for one that never was */
export async function getHost(op: SignedInOp, id: string): Promise<HostDetail> {
  const [host] = await inTenant(op, (tx) => repo.findHosts(tx, viewerOf(op), [id]))
  if (!host) throw notFound()
  return toDetail(op, host)
}

/**
 * The hosts by these ids, all of which the acting tenant owns.
 * @throws AppError not_found when one is not seen, access_denied when one is used but not owned (PRODUCT rule 3)
 */
async function ownHosts(op: SignedInOp, ids: readonly string[]): Promise<repo.HostRecord[]> {
  const unique = [...new Set(ids)]
  const hosts = await inTenant(op, (tx) => repo.findHosts(tx, viewerOf(op), unique))
  if (hosts.length !== unique.length) throw notFound()
  if (hosts.some((host) => host.ownerId !== op.tenant.id)) throw denied(PROVIDER_MANAGES)
  return hosts
}

const stale = () => conflict('It was changed meanwhile. Reload and try again.')

export async function renameHost(op: SignedInOp, id: string, name: string): Promise<number> {
  const [host] = await ownHosts(op, [id])
  if (!host) throw notFound()
  return mutate(op, async ({ tx, audit }) => {
    if (!(await repo.renameHost(tx, op.tenant.id, id, name, host.assignedId))) throw stale()
    audit({
      targetKind: 'host',
      targetId: id,
      targetName: name,
      before: { name: host.name },
      after: { name },
      alsoIn: [host.assignedId],
    })
    return 1
  })
}

/** Removes a host; its agent uninstalls itself at the next report. It is taken from the tenant that used it, too. */
export async function removeHost(op: SignedInOp, id: string): Promise<number> {
  const [host] = await ownHosts(op, [id])
  if (!host) throw notFound()
  return mutate(
    op,
    async ({ tx, audit }) => {
      if (!(await repo.deleteHost(tx, op.tenant.id, id, host.assignedId))) throw stale()
      audit({
        targetKind: 'host',
        targetId: id,
        targetName: host.name,
        before: { name: host.name },
        alsoIn: [host.assignedId],
      })
      return 1
    },
    { exclusive: [host.assignedId] },
  )
}

/** What the master's log says, and those of the tenants it leaves and reaches: neither may learn of the other. */
function assignEntries(op: SignedInOp, host: repo.HostRecord, to: repo.TenantChoice): AuditEntry[] {
  const about = { targetKind: 'host', targetId: host.id, targetName: host.name }
  const others = [...new Set([host.assignedId, to.id])].filter((id) => id !== op.tenant.id)
  return [
    {
      ...about,
      before: { tenant: host.assignedName, visibility: host.visibility },
      after: { tenant: to.name, visibility: 'private' },
    },
    ...others.map((id) => ({
      ...about,
      onlyIn: [id],
      before: { assigned: id === host.assignedId },
      after: { assigned: id === to.id },
    })),
  ]
}

/**
 * Assigns hosts of the master to one tenant, all or nothing, and makes them private (PRODUCT rule 4). Each stands in the logs
 * of the tenants it leaves and reaches.
 */
export async function assignHosts(op: SignedInOp, ids: readonly string[], tenantId: string): Promise<number> {
  const hosts = await ownHosts(op, ids)
  const target = await inTenant(op, (tx) => repo.findTenant(tx, tenantId))
  if (!target) throw notFound()
  const from = [...new Set(hosts.map((host) => host.assignedId))]
  return mutate(
    op,
    async ({ tx, audit }) => {
      // Read again under its lock: it may have been disabled just now.
      const now = await repo.findTenant(tx, tenantId)
      if (now?.status !== 'active') throw conflict(`${target.name} is disabled. Enable it first.`)
      const count = await repo.assignHosts(
        tx,
        op.tenant.id,
        hosts.map((host) => host.id),
        from,
        tenantId,
      )
      if (count !== hosts.length) throw stale()
      const [first, ...rest] = hosts.flatMap((host) => assignEntries(op, host, target))
      for (const entry of rest) await writeAudit(tx, op, entry)
      if (first) audit(first)
      return count
    },
    { exclusive: [...from, tenantId] },
  )
}

/** Offers a host to all tenants, or takes it back. @throws AppError conflict while it is assigned to a tenant (rule 4) */
export async function setVisibility(
  op: SignedInOp,
  id: string,
  visibility: 'private' | 'public',
): Promise<number> {
  const [host] = await ownHosts(op, [id])
  if (!host) throw notFound()
  if (host.assignedId !== op.tenant.id)
    throw conflict('It is assigned to a tenant, so it is private. Assign it to the master tenant first.')
  return mutate(op, async ({ tx, audit }) => {
    if (!(await repo.setHostVisibility(tx, op.tenant.id, id, visibility))) throw stale()
    audit({
      targetKind: 'host',
      targetId: id,
      targetName: host.name,
      before: { visibility: host.visibility },
      after: { visibility },
    })
    return 1
  })
}

/** Tenants that the master may assign to, with itself: that takes a host back. */
export async function assignableTenants(op: SignedInOp, search: string) {
  const rows = await inTenant(op, (tx) => repo.findActiveTenants(tx, search, 50))
  return { rows: rows.map(({ id, name, icon }) => ({ id, name, icon })) }
}

/** Which of these resources the operation sees now: what a live page may be told of. */
export function seenNow(op: SignedInOp, ids: readonly string[]): Promise<string[]> {
  return inTenant(op, (tx) => repo.visibleIds(tx, viewerOf(op), ids))
}
