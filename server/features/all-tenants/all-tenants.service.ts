import type { z } from 'zod'
import { MASTER_TENANT_ID } from '@/lib/master'
import { atLeast } from '@/lib/permissions'
import { kindOf, KINDS } from '@/lib/resource-kinds/registry'
import { reachOf } from '@/server/authz/reach'
import { effectiveRights } from '@/server/authz/rights'
import type { SignedInOp } from '@/server/context/op'
import { inUnion, type Tx } from '@/server/db/scope'
import type {
  AllTenantsList,
  AllTenantsRow,
  allTenantsInput,
} from '@/server/features/all-tenants/all-tenants.schema'
import { countUnion, listUnion, type UnionRow } from '@/server/features/all-tenants/union-list.repo'
import { keyOf, type SeenFrom, type Sort, sortOf } from '@/server/features/all-tenants/union-sight'
import { type UnionTenant, unionTenants } from '@/server/features/all-tenants/union-tenants.repo'
import { assertMaySwitch } from '@/server/features/switching/switching.policy'
import { numbered, pageOf, type Position, readPosition } from '@/server/platform/cursor'
import { invalidField, notFound } from '@/server/platform/errors'
import { COUNT_CAP } from '@/server/platform/page-schema'

/** Tenants that one statement looks at; a page whose rows are few and far between takes several. */
const PART = 200
/** Ways of reaching that one statement asks for. */
const SORTS = 12

type Input = z.output<typeof allTenantsInput>
type Found = UnionRow & { tenant: UnionTenant }

const mayRead = (tenant: UnionTenant, kind: string): boolean => {
  const permission = kindOf(kind)?.permission
  return permission !== undefined && atLeast(effectiveRights(tenant.roles, tenant.cap)[permission], 'read')
}

/** The tenants in which the person may look at the kind, with how far they reach there: alike ones together, cut into statements. */
function statementsOf(op: SignedInOp, tenants: readonly UnionTenant[], kind: string) {
  const parts: { tenants: SeenFrom[]; sorts: Sort[]; keys: string[] }[] = []
  const known = new Map<string, { sort: Sort; key: string } | null>()
  const reachIn = (tenant: UnionTenant) => {
    const reach = reachOf(tenant.id, op.actor.userId, tenant.roles, tenant.cap)
    const held = JSON.stringify([reach.cap, reach.held])
    if (!known.has(held)) {
      const sort = sortOf(reach, kind)
      known.set(held, sort && { sort, key: keyOf(sort) })
    }
    return known.get(held) ?? null
  }
  for (const tenant of tenants) {
    const found = mayRead(tenant, kind) ? reachIn(tenant) : null
    if (!found) continue
    let part = parts.at(-1)
    if (!part || (part.keys.length >= SORTS && !part.keys.includes(found.key)))
      parts.push((part = { tenants: [], sorts: [], keys: [] }))
    if (!part.keys.includes(found.key)) {
      part.keys.push(found.key)
      part.sorts.push(found.sort)
    }
    const { id, clouds, kinds } = tenant
    part.tenants.push({ id, sort: part.keys.indexOf(found.key), clouds, kinds })
  }
  return parts
}

/** Up to `limit` rows after the position, tenant by tenant. */
async function gather(
  tx: Tx,
  op: SignedInOp,
  { kind, search, tenantId }: Input,
  position: Position | null,
  limit: number,
): Promise<Found[]> {
  const [name, id, rowName, rowId] = (position?.values ?? []) as string[]
  const back = position?.back ?? false
  const after = position ? { tenantId: id ?? '', name: rowName ?? '', id: rowId ?? '' } : null
  const found: Found[] = []
  let from = position ? { name: name ?? '', id: id ?? '' } : null
  let seen: string | null = null
  for (;;) {
    const part = await unionTenants(tx, { only: tenantId ?? null, from, back, limit: PART, ip: op.ip })
    const tenants = part.filter((tenant) => tenant.id !== seen)
    const byId = new Map(tenants.map((tenant) => [tenant.id, tenant]))
    for (const statement of statementsOf(op, tenants, kind)) {
      if (found.length >= limit) return found
      const query = { ...statement, kind, search, after, back, limit: limit - found.length }
      for (const row of await listUnion(tx, query)) {
        const tenant = byId.get(row.tenantId)
        if (tenant) found.push({ ...row, tenant })
      }
    }
    const last = part.at(-1)
    if (found.length >= limit || !last || part.length < PART) return found
    seen = last.id
    from = { name: last.name, id: last.id }
  }
}

/** How many rows there are, up to COUNT_CAP, over the first tenants; `more`: there may be more than that. */
async function count(tx: Tx, op: SignedInOp, { kind, search, tenantId }: Input) {
  const part = await unionTenants(tx, {
    only: tenantId ?? null,
    from: null,
    back: false,
    limit: PART,
    ip: op.ip,
  })
  let counted = 0
  for (const statement of statementsOf(op, part, kind)) {
    const limit = COUNT_CAP + 1 - counted
    counted += await countUnion(tx, { ...statement, kind, search, after: null, back: false, limit })
    if (counted > COUNT_CAP) break
  }
  return { counted: Math.min(counted, COUNT_CAP), more: part.length === PART || counted > COUNT_CAP }
}

function toRow(kind: string, row: Found): AllTenantsRow {
  const { tenant, id, name, spec, status } = row
  const all =
    row.ownerId === MASTER_TENANT_ID && row.assignedId === row.ownerId && tenant.kinds.includes(kind)
  const relation =
    row.ownerId === tenant.id
      ? 'owner'
      : row.assignedId === tenant.id
        ? 'assigned'
        : row.shared || all
          ? 'granted'
          : 'public'
  return {
    tenant: { id: tenant.id, slug: tenant.slug, name: tenant.name, icon: tenant.icon },
    id,
    kind,
    name,
    spec,
    status,
    relation,
    createdAt: row.createdAt.toISOString(),
    usedBy: relation === 'owner' && row.assignedId !== tenant.id ? (row.assignedName ?? '') : null,
  }
}

/**
 * Things of one kind over all tenants of the person, by tenant and name: in each what they may see there, under the roles that they hold
 * there (PRODUCT rule 10). Narrowed to one tenant it is that tenant's own list.
 * @throws AppError 403 for a session that may not look beyond its tenant; 404 for a tenant that is none of theirs; for a cursor of another list
 */
export async function listAllTenants(op: SignedInOp, input: Input): Promise<AllTenantsList> {
  assertMaySwitch(op)
  if (!kindOf(input.kind)) throw invalidField('kind', 'Unknown kind')
  const { cursor, limit, ...filter } = input
  const scope = `all-tenants:${JSON.stringify([op.actor.userId, filter])}`
  const position = readPosition(op, scope, cursor)
  const { only, rows, total } = await inUnion(
    op,
    async (tx) => {
      const [only = null] = input.tenantId
        ? await unionTenants(tx, { only: input.tenantId, from: null, back: false, limit: 1, ip: op.ip })
        : []
      if (input.tenantId && !only) throw notFound()
      return {
        only,
        rows: await gather(tx, op, input, position, limit + 1),
        total: await count(tx, op, input),
      }
    },
    { keepPlans: limit === 50 },
  )
  const { from, numberOf } = numbered(position, Math.min(rows.length, limit))
  const page = pageOf(op, scope, rows, limit, position, (row, toBack) => [
    row.tenant.name,
    row.tenantId,
    row.name,
    row.id,
    numberOf(toBack),
  ])
  return {
    ...page,
    rows: page.rows.map((row) => toRow(input.kind, row)),
    from,
    only: only && { id: only.id, slug: only.slug, name: only.name, icon: only.icon },
    total: total.more ? Math.max(total.counted, from + page.rows.length) : total.counted,
    totalCapped: total.more,
  }
}

/** Kinds that the person may look at in one of their tenants at least, of the first 200. */
export async function kindsOfAll(op: SignedInOp): Promise<{ kinds: string[] }> {
  assertMaySwitch(op)
  const tenants = await inUnion(op, (tx) =>
    unionTenants(tx, { only: null, from: null, back: false, limit: PART, ip: op.ip }),
  )
  return {
    kinds: KINDS.map(({ kind }) => kind).filter((kind) => tenants.some((tenant) => mayRead(tenant, kind))),
  }
}
