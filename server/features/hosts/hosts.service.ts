import type { z } from 'zod'
import { viewerOf } from '@/server/authz/sight'
import type { SignedInOp } from '@/server/context/op'
import { inTenant, mutate } from '@/server/db/scope'
import { agentPackages, agentServices } from '@/server/features/agents/agents.schema'
import { mayMigrate } from '@/server/features/host-moves/host-moves.policy'
import { hostAbilities, mayAssign, mayEnrol } from '@/server/features/hosts/hosts.policy'
import * as repo from '@/server/features/hosts/hosts.repo'
import type {
  HostDetail,
  HostInventory,
  HostList,
  HostMetrics,
  HostRow,
  hostFilterSchema,
  hostListInput,
  MetricRange,
} from '@/server/features/hosts/hosts.schema'
import { toDetail, toRow } from '@/server/features/hosts/hosts.view'
import {
  countSeen,
  hasOnePlan,
  listSeen,
  type SeenQuery,
  type SeenRow,
} from '@/server/features/resources/seen.service'
import { assignedTo, findOne } from '@/server/features/resources/resources.service'
import { numbered, pageOf, type Position, readPosition } from '@/server/platform/cursor'
import { conflict, denied } from '@/server/platform/errors'
import { COUNT_CAP, totals } from '@/server/platform/page-schema'

type Filter = z.output<typeof hostFilterSchema>

const EXPORT_BATCH = 1000
const queryOf = (op: SignedInOp, filter: Filter): Omit<SeenQuery, 'position' | 'limit'> => ({
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
  const { rows, query, scope } = await inTenant(
    op,
    async (tx) => {
      const first = { ...asked, position: null, limit }
      const tooMany = asked.sort !== 'name' && (await countSeen(tx, viewerOf(op), first)) > COUNT_CAP
      const sort = tooMany ? 'name' : asked.sort
      const scope = `hosts:${JSON.stringify({ ...asked, sort })}`
      const query = { ...asked, sort, limit, position: readPosition(op, scope, cursor) }
      return { rows: await listSeen(tx, viewerOf(op), query), query, scope }
    },
    { keepPlans: hasOnePlan(limit) },
  )
  const { from, numberOf } = numbered(query.position, Math.min(rows.length, limit))
  const cursorOf = (row: SeenRow, toBack: boolean) => [
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
    can: { assign: mayAssign(op), enrol: mayEnrol(op), migrate: mayMigrate(op) },
  }
}

/** Every host that matches, by name, in batches: for a download. */
export async function* everyHost(op: SignedInOp, filter: Filter): AsyncGenerator<HostRow[]> {
  const query = { ...queryOf(op, filter), sort: 'name' as const, counted: false, limit: EXPORT_BATCH }
  let position: Position | null = null
  for (;;) {
    const from: Position | null = position
    const rows: SeenRow[] = await inTenant(op, (tx) =>
      listSeen(tx, viewerOf(op), { ...query, position: from }),
    )
    const batch = rows.slice(0, EXPORT_BATCH)
    yield batch.map((row) => toRow(op, row))
    const last = batch.at(-1)
    if (!last || rows.length <= EXPORT_BATCH) return
    position = { back: false, values: [last.kind, last.name, last.id] }
  }
}

/** @throws AppError not_found, the same for a foreign id and for one that never was */
export function getHost(op: SignedInOp, id: string): Promise<HostDetail> {
  return inTenant(op, async (tx) => {
    const host = await findOne(tx, op, 'host', id)
    return toDetail(op, host, await repo.findState(tx, viewerOf(op), id))
  })
}

/** Seconds that a range reaches back, and that one of its points stands for: at most 200 points. */
const RANGES: Record<MetricRange, { reach: number; step: number }> = {
  hour: { reach: 3600, step: 60 },
  day: { reach: 86_400, step: 900 },
  week: { reach: 7 * 86_400, step: 3600 },
}

/** How a host was doing, since its present tenant has it. @throws AppError not_found, as getHost */
export function getMetrics(op: SignedInOp, id: string, range: MetricRange): Promise<HostMetrics> {
  return inTenant(op, async (tx) => {
    await findOne(tx, op, 'host', id)
    const { reach, step } = RANGES[range]
    const rows = await repo.listSamples(tx, viewerOf(op), id, reach, step)
    return {
      step,
      until: new Date().toISOString(),
      points: rows.map(({ at, ...figures }) => ({ at: at.toISOString(), ...figures })),
    }
  })
}

/** What is installed and what runs on a host, since its present tenant has it. @throws AppError not_found, as getHost */
export function getInventory(op: SignedInOp, id: string): Promise<HostInventory> {
  return inTenant(op, async (tx) => {
    await findOne(tx, op, 'host', id)
    const found = await repo.findInventory(tx, viewerOf(op), id)
    return {
      at: found?.at.toISOString() ?? null,
      packages: agentPackages.safeParse(found?.packages).data ?? null,
      services: agentServices.safeParse(found?.services).data ?? null,
    }
  })
}

/** @throws AppError not_found, access_denied where it is used but not owned (PRODUCT rule 3), conflict */
export async function renameHost(op: SignedInOp, id: string, name: string): Promise<number> {
  return mutate(op, async ({ tx, audit, fresh }) => {
    const now: SignedInOp = { ...op, ...fresh }
    const host = await findOne(tx, now, 'host', id)
    const may = hostAbilities(now, host).rename
    if (!may.allowed) throw denied(may.reason)
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

const stale = () => conflict('It was changed meanwhile. Reload and try again.')
