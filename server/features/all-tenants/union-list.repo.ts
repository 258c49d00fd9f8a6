import { MASTER_TENANT_ID } from '@/lib/master'
import type { Spec } from '@/lib/resource-kinds/kind'
import type { Tx } from '@/server/db/scope'
import { joinSql, nothing, type Sql, sql } from '@/server/db/sql'
import { COUNT_CAP } from '@/server/platform/page-schema'
import { type SeenFrom, type Sort, startsOf } from '@/server/features/all-tenants/union-sight'

export interface UnionQuery {
  kind: string
  search: string
  /** In the order of reading. */
  tenants: readonly SeenFrom[]
  sorts: readonly Sort[]
  /** The row that the page begins after, in that tenant. */
  after: { tenantId: string; name: string; id: string } | null
  back: boolean
  limit: number
}

export interface UnionRow {
  tenantId: string
  id: string
  name: string
  ownerId: string
  assignedId: string
  assignedName: string | null
  /** Granted to the tenant by a share of its own. */
  shared: boolean
  status: 'pending' | 'online' | 'offline' | null
  createdAt: Date
  spec: Spec
}

/** In the text where nearly all questions have them, so that one plan serves all (resource-list.repo.ts). */
const LIMITS: Readonly<Record<number, Sql>> = { 51: sql`limit 51`, [COUNT_CAP + 1]: sql`limit 10001` }
const limited = (n: number): Sql => LIMITS[n] ?? sql`limit ${n}::int`

/** The tenants as rows `te`, each with its place in the order. */
const tenantsSql = (tenants: readonly SeenFrom[]): Sql => {
  const json = JSON.stringify(tenants.map((tenant, ord) => ({ ...tenant, ord })))
  return sql`te as materialized (
    select x.ord, x.id, x.sort, x.clouds, x.kinds, x.id = ${MASTER_TENANT_ID}::uuid as is_master
    from jsonb_to_recordset(${json}::jsonb) as x(ord int, id uuid, sort int, clouds uuid[], kinds text[]) order by x.ord)`
}

/** What one tenant `te` has, by name: each start on its own index, at most `limit` rows; then all of them without doubles. */
function ofTenant(query: UnionQuery, ordered: boolean): Sql {
  const [order, beyond] = query.back ? [sql`desc`, sql`<`] : [sql`asc`, sql`>`]
  const { after } = query
  const runs = query.sorts.flatMap((one, sort) =>
    startsOf(one, query.kind).map(({ from, where, id, name }) => {
      const search = query.search ? sql` and position(lower(${query.search}) in lower(${name})) > 0` : nothing
      const beyondIt =
        ordered && after
          ? sql` and (te.id <> ${after.tenantId}::uuid or (${name}, ${id}) ${beyond} (${after.name}::text, ${after.id}::uuid))`
          : nothing
      const by = ordered ? sql` order by ${name} ${order}, ${id} ${order}` : nothing
      return sql`(select ${id} as id, ${name} as name from ${from}
        where te.sort = ${sort}::int and ${where}${search}${beyondIt}${by} ${limited(query.limit)})`
    }),
  )
  return joinSql(runs, ' union ')
}

/**
 * Up to `limit` rows of one kind over these tenants, by tenant, name and id in the order of reading. A tenant is looked at only when those
 * before it did not fill the page.
 */
export async function listUnion(tx: Tx, query: UnionQuery): Promise<UnionRow[]> {
  if (query.tenants.length === 0) return []
  const order = query.back ? sql`desc` : sql`asc`
  return tx.$queryRaw<UnionRow[]>`
    with ${tenantsSql(query.tenants)}, page as (
      select te.ord, te.id as tenant_id, l.id, l.name from te cross join lateral (
        select u.id, u.name from (${ofTenant(query, true)}) u order by u.name ${order}, u.id ${order} ${limited(query.limit)}) l
      order by te.ord, l.name ${order}, l.id ${order} ${limited(query.limit)})
    select p.tenant_id as "tenantId", r.id, r.name, r.owner_id as "ownerId", r.assigned_id as "assignedId", a.name as "assignedName",
      exists (select 1 from access_grant g where g.resource_id = r.id and g.tenant_id = p.tenant_id
        and g.status = 'live' and (g.expires_at is null or g.expires_at > now())) as shared,
      case when r.kind = 'host' then coalesce(s.status, 'pending') end as status, r.created_at as "createdAt", r.spec
    from page p join resource r on r.id = p.id left join tenant a on a.id = r.assigned_id left join resource_state s on s.resource_id = r.id
    order by p.ord, p.name ${order}, p.id ${order}`
}

/** How many rows there are over these tenants; `limit` for that many and more. */
export async function countUnion(tx: Tx, query: UnionQuery): Promise<number> {
  if (query.tenants.length === 0) return 0
  const rows = await tx.$queryRaw<{ n: bigint }[]>`
    with ${tenantsSql(query.tenants)}
    select count(*) as n from (select 1 from te cross join lateral (${ofTenant(query, false)}) l ${limited(query.limit)}) c`
  return Number(rows[0]?.n ?? 0)
}
