import { MASTER_TENANT_ID } from '@/lib/master'
import type { Reason } from '@/lib/matrix'
import { sightSql, type Viewer } from '@/server/authz/sight'
import type { Tx } from '@/server/db/scope'
import { nothing, type Sql, sql } from '@/server/db/sql'
import type { Position } from '@/server/platform/cursor'
import { COUNT_CAP } from '@/server/platform/page-schema'

const MASTER = sql`${MASTER_TENANT_ID}::uuid`

export interface TenantRecord {
  id: string
  name: string
  icon: string
  /** By which it is sorted. */
  key: string
}

const activeTenants = (search: string): Sql => sql`
  t.status = 'active' and t.id <> ${MASTER}${search ? sql` and position(lower(${search}) in lower(t.name)) > 0` : nothing}`

/** Up to `limit` + 1 active subtenants by name, in the order of reading. */
export function listTenants(
  tx: Tx,
  search: string,
  position: Position | null,
  limit: number,
): Promise<TenantRecord[]> {
  const [key, id] = position?.values ?? []
  const [order, beyond] = position?.back ? [sql`desc`, sql`<`] : [sql`asc`, sql`>`]
  const after = position ? sql`and (lower(t.name), t.id) ${beyond} (${key}::text, ${id}::uuid)` : nothing
  return tx.$queryRaw<TenantRecord[]>`
    select t.id, t.name, t.icon, lower(t.name) as key from tenant t where ${activeTenants(search)} ${after}
    order by lower(t.name) ${order}, t.id ${order} limit ${limit + 1}`
}

/** How many there are; COUNT_CAP + 1 for more than COUNT_CAP. */
export async function countTenants(tx: Tx, search: string): Promise<number> {
  const [row] = await tx.$queryRaw<{ n: bigint }[]>`
    select count(*) as n from (select 1 from tenant t where ${activeTenants(search)} limit ${COUNT_CAP + 1}) x`
  return Number(row?.n ?? 0)
}

/** Names and states of tenants by their ids; deleted ones are missing. */
export function findTenants(
  tx: Tx,
  ids: readonly string[],
): Promise<{ id: string; name: string; status: string }[]> {
  return tx.$queryRaw`
    select t.id, t.name, t.status from tenant t where t.id = any (${[...ids]}::uuid[]) and t.status <> 'deleted'`
}

/** What a tenant has of a resource. */
export interface CellRecord {
  resourceId: string
  tenantId: string
  reasons: Reason[]
}

const GRANT_LIVE = sql`(g.expires_at is null or g.expires_at > now())`
const allOf = (role: string) => sql`a.role = ${role}`

/**
 * Why each of these pairs of resource and tenant has what it has, in one statement: the same arms as a tenant's own sight
 * (server/authz/sight.ts), asked for many tenants. Pairs with nothing are left out.
 * @param pairs a query of `resource_id, tenant_id`, of these resources and tenants only
 */
function cells(
  tx: Tx,
  viewer: Viewer,
  pairs: Sql,
  resources: readonly string[],
  tenants: readonly string[],
): Promise<CellRecord[]> {
  const [ids, of] = [sql`${[...resources]}::uuid[]`, sql`${[...tenants]}::uuid[]`]
  // What is there of these alone, first: joined to the pairs, the planner would read all resources, and each share once a tenant.
  return tx.$queryRaw<CellRecord[]>`
    with p as materialized (${pairs}),
    r as materialized (select r.id, r.kind, r.owner_id, r.assigned_id, r.visibility, r.cloud_id from resource r
      where r.id = any (${ids}) and ${sightSql(viewer)}),
    g as materialized (select g.resource_id, g.tenant_id, g.owner_id, g.role, g.status from access_grant g
      where g.resource_id = any (${ids}) and g.tenant_id = any (${of}) and ${GRANT_LIVE}),
    a as materialized (select a.owner_id, a.tenant_id, a.kind, a.role from access_grant_all a
      where a.tenant_id = any (${of}) and a.status = 'live' and (a.expires_at is null or a.expires_at > now())),
    c as materialized (select * from wall.matrix_clouds(${of}, array(select r.cloud_id from r where r.visibility = 'public')))
    select * from (
      select p.resource_id as "resourceId", p.tenant_id as "tenantId", array_remove(array[
        case when p.tenant_id = r.owner_id then 'owner' end,
        case when p.tenant_id = r.assigned_id then 'assigned' end,
        case when g.status = 'live' then g.role end,
        case when ${allOf('admin')} then 'allAdmin' when ${allOf('editor')} then 'allEditor' when ${allOf('viewer')} then 'allViewer' end,
        case when c.cloud_id is not null then 'cloud' end,
        case when p.tenant_id <> r.owner_id and r.visibility = 'public' and r.cloud_id is null then 'public' end,
        case when g.status = 'pending' then 'offered' end], null) as reasons
      from p
      join r on r.id = p.resource_id
      left join g on g.resource_id = r.id and g.tenant_id = p.tenant_id and g.owner_id = r.owner_id
      left join a on a.owner_id = r.owner_id and a.tenant_id = p.tenant_id and a.kind = r.kind and r.assigned_id = r.owner_id
      left join c on c.tenant_id = p.tenant_id and c.cloud_id = r.cloud_id and r.visibility = 'public') x
    where x.reasons <> '{}'`
}

/** Every cell of these resources and active tenants. */
export const cellsOf = (
  tx: Tx,
  viewer: Viewer,
  resources: readonly string[],
  tenants: readonly string[],
): Promise<CellRecord[]> =>
  cells(
    tx,
    viewer,
    sql`select r.id as resource_id, t.id as tenant_id from unnest(${[...resources]}::uuid[]) r(id)
      cross join unnest(${[...tenants]}::uuid[]) u(id) join tenant t on t.id = u.id and t.status = 'active'`,
    resources,
    tenants,
  )

/** A pair of resource and tenant, as `<resource> <tenant>`. */
export const pairOf = (resourceId: string, tenantId: string): string => `${resourceId} ${tenantId}`
const halves = (pairs: readonly string[]): Sql => sql`
  select split_part(x, ' ', 1)::uuid as resource_id, split_part(x, ' ', 2)::uuid as tenant_id from unnest(${[...pairs]}::text[]) x`

/** The cells of these pairs, of tenants that are disabled as well. */
export function cellsAt(tx: Tx, viewer: Viewer, pairs: readonly string[]): Promise<CellRecord[]> {
  const half = (n: number) => [...new Set(pairs.map((pair) => pair.split(' ')[n] ?? ''))]
  return cells(tx, viewer, sql`select distinct * from (${halves(pairs)}) h`, half(0), half(1))
}

/** Every tenant that has something of its own of these resources: uses it, has a share, or has all of its kind. At most `limit` pairs. */
export async function concerned(
  tx: Tx,
  viewer: Viewer,
  resources: readonly string[],
  limit: number,
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ resource_id: string; tenant_id: string }[]>`
    with r as (select r.id, r.kind, r.owner_id, r.assigned_id from resource r where r.id = any (${[...resources]}::uuid[]) and ${sightSql(viewer)})
    select r.id as resource_id, r.assigned_id as tenant_id from r
    union select r.id, g.tenant_id from r join access_grant g on g.resource_id = r.id and g.owner_id = r.owner_id and ${GRANT_LIVE}
    union select r.id, a.tenant_id from r join access_grant_all a on a.owner_id = r.owner_id and a.kind = r.kind
    limit ${limit}`
  return rows.map((row) => pairOf(row.resource_id, row.tenant_id))
}

/** Which active subtenants see what is public in each of these clouds; under '' what is public in none: all of them. */
export async function audiences(tx: Tx, clouds: readonly string[]): Promise<Map<string, Set<string>>> {
  const rows = await tx.$queryRaw<{ cloud: string; tenant: string }[]>`
    select '' as cloud, t.id as tenant from tenant t where ${activeTenants('')}
    union all
    select m.cloud_id::text, t.id from wall.matrix_clouds(null, ${[...clouds]}::uuid[]) m join tenant t on t.id = m.tenant_id
    where ${activeTenants('')}`
  const found = new Map<string, Set<string>>()
  for (const { cloud, tenant } of rows) found.set(cloud, (found.get(cloud) ?? new Set()).add(tenant))
  return found
}
