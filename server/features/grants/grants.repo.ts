import { reachSql } from '@/server/authz/reach-sql'
import type { GrantRole } from '@/server/authz/relation'
import { sightSql, type Viewer } from '@/server/authz/sight'
import type { Tx, WriteTx } from '@/server/db/scope'
import { joinSql, nothing, type Sql, sql } from '@/server/db/sql'
import type { Position } from '@/server/platform/cursor'
import { COUNT_CAP } from '@/server/platform/page-schema'

export type GrantStatus = 'pending' | 'live' | 'suspended'

export interface GrantRecord {
  id: string
  resourceId: string
  kind: string
  name: string
  ownerId: string
  tenantId: string
  role: GrantRole
  status: GrantStatus
  expiresAt: Date | null
  createdAt: Date
  direct: boolean
  /** The other side's name. */
  other: string
}
type Counted = GrantRecord & { total: bigint }

export interface GrantQuery {
  search: string
  kind?: string
  role?: readonly string[]
  status?: readonly string[]
  resourceId?: string
  position: Position | null
  limit: number
}

const COLUMNS = sql`g.id, g.resource_id as "resourceId", g.kind, g.name, g.owner_id as "ownerId", g.tenant_id as "tenantId", g.role, g.status,
  g.expires_at as "expiresAt", g.created_at as "createdAt", g.direct`
const current = sql`(g.expires_at is null or g.expires_at > now())`

function filters(query: GrantQuery, other: Sql): Sql {
  const all = [
    query.search &&
      sql`(position(lower(${query.search}) in lower(g.name)) > 0 or position(lower(${query.search}) in lower(${other})) > 0)`,
    query.kind && sql`g.kind = ${query.kind}`,
    query.role?.length && sql`g.role = any (${[...query.role]})`,
    query.status?.length && sql`g.status = any (${[...query.status]})`,
    query.resourceId && sql`g.resource_id = ${query.resourceId}::uuid`,
  ].filter((one): one is Sql => typeof one === 'object')
  return all.length === 0 ? nothing : sql` and ${joinSql(all, ' and ')}`
}

/** Rows of `base` in the order of waiting first, name, id, from the position on, each with the count of all. */
function paged(tx: Tx, base: Sql, query: GrantQuery): Promise<Counted[]> {
  const back = query.position?.back ?? false
  const order = back ? sql`desc` : sql`asc`
  const [rank, name, id] = query.position?.values ?? []
  const after = query.position
    ? sql`where (x.rank, x.name, x.id) ${back ? sql`<` : sql`>`} (${rank}::int, ${name}::text, ${id}::uuid)`
    : nothing
  return tx.$queryRaw<Counted[]>`
    with x as (select ${COLUMNS}, (case g.status when 'pending' then 0 else 1 end) as rank, ${base})
    select x.*, (select count(*) from (select 1 from x limit ${COUNT_CAP + 1}) c) as total
    from x ${after} order by x.rank ${order}, x.name ${order}, x.id ${order} limit ${query.limit + 1}`
}

/** Sort values of a row, as `paged` compares them. */
export const sortValues = (row: GrantRecord) => [row.status === 'pending' ? 0 : 1, row.name, row.id]

/** What the viewer's tenant shares with others, of the resources that the person reaches. Ended shares are gone. */
export const listOutgoing = (tx: Tx, viewer: Viewer, query: GrantQuery): Promise<Counted[]> =>
  paged(
    tx,
    sql`n.tenant_name as other from access_grant g
      join wall.grant_targets() n on n.grant_id = g.id
      join resource r on r.id = g.resource_id
      where g.owner_id = ${viewer.tenantId}::uuid and ${current} and ${sightSql(viewer)} ${filters(query, sql`n.tenant_name`)}`,
    query,
  )

function incoming(viewer: Viewer, kinds: readonly string[]): Sql {
  const reach = viewer.reach && reachSql(viewer.reach, 'see')
  const reached = reach
    ? sql` and (g.status = 'pending' or exists (select 1 from resource r where r.id = g.resource_id and ${reach}))`
    : nothing
  return sql`g.tenant_id = ${viewer.tenantId}::uuid and ${current} and g.status <> 'suspended' and g.kind = any (${[...kinds]})${reached}`
}

/** The giver's name; the master is not named in its tenants. */
const GIVER = sql`case g.owner_id when '00000000-0000-4000-8000-000000000001' then 'Your provider' else n.owner_name end`

/** What others share with the viewer's tenant, of these kinds: what waits for an answer, and what is live and in reach. */
export const listIncoming = (
  tx: Tx,
  viewer: Viewer,
  kinds: readonly string[],
  query: GrantQuery,
): Promise<Counted[]> =>
  paged(
    tx,
    sql`${GIVER} as other from access_grant g join wall.grant_givers() n on n.grant_id = g.id
      where ${incoming(viewer, kinds)} ${filters(query, GIVER)}`,
    query,
  )

export async function countPending(tx: Tx, viewer: Viewer, kinds: readonly string[]): Promise<number> {
  const [row] = await tx.$queryRaw<{ n: number }[]>`
    select count(*)::int as n from access_grant g where g.status = 'pending' and ${incoming(viewer, kinds)}`
  return row?.n ?? 0
}

/** Shares of the tenant by id, given or received, ended ones too; foreign ones are missing like those that never were. */
export const findGrants = (tx: Tx, tenantId: string, ids: readonly string[]): Promise<GrantRecord[]> =>
  tx.$queryRaw<GrantRecord[]>`
    select ${COLUMNS}, coalesce(t.tenant_name, ${GIVER}) as other from access_grant g
    left join wall.grant_targets() t on t.grant_id = g.id left join wall.grant_givers() n on n.grant_id = g.id
    where g.id = any (${[...ids]}::uuid[]) and (g.owner_id = ${tenantId}::uuid or g.tenant_id = ${tenantId}::uuid)
    order by g.name, g.id`

/** The shares of one resource that the tenant owns, with these tenants or with all. */
export function grantsOf(
  tx: Tx,
  ownerId: string,
  resourceId: string,
  tenantIds?: readonly string[],
): Promise<GrantRecord[]> {
  const among = tenantIds ? sql`and g.tenant_id = any (${[...tenantIds]}::uuid[])` : nothing
  return tx.$queryRaw<GrantRecord[]>`
    select ${COLUMNS}, t.tenant_name as other from access_grant g join wall.grant_targets() t on t.grant_id = g.id
    where g.resource_id = ${resourceId}::uuid and g.owner_id = ${ownerId}::uuid ${among} order by t.tenant_name, g.id`
}

/** What the viewer's tenant shares with this one, of what the person reaches; ended shares are gone. */
export const grantsTo = (tx: Tx, viewer: Viewer, tenantId: string): Promise<GrantRecord[]> =>
  tx.$queryRaw<GrantRecord[]>`
    select ${COLUMNS}, t.tenant_name as other from access_grant g join wall.grant_targets() t on t.grant_id = g.id
    join resource r on r.id = g.resource_id
    where g.owner_id = ${viewer.tenantId}::uuid and g.tenant_id = ${tenantId}::uuid and ${current} and ${sightSql(viewer)}
    order by g.kind, g.name, g.id`

/** Name behind a sharing address; null where there is none to share with, or the acting tenant may not share. */
export async function shareTarget(tx: Tx, tenantId: string): Promise<string | null> {
  const [row] = await tx.$queryRaw<
    { name: string | null }[]
  >`select wall.share_target(${tenantId}::uuid) as name`
  return row?.name ?? null
}

export interface NewGrant {
  resourceId: string
  kind: string
  name: string
  ownerId: string
  tenantId: string
  role: GrantRole
  expiresAt: Date | null
  createdBy: string
  direct: boolean
}

/** Whether it waits is not its maker's to say (wall.grant_guard). */
export async function insertGrant(tx: WriteTx, g: NewGrant): Promise<{ id: string; status: GrantStatus }> {
  // A subtenant has no right on the column: it gives nothing without asking.
  const [column, value] = g.direct ? [sql`, direct`, sql`, true`] : [nothing, nothing]
  const [row] = await tx.$queryRaw<{ id: string; status: GrantStatus }[]>`
    insert into access_grant (resource_id, kind, name, owner_id, tenant_id, role, expires_at, created_by${column})
    values (${g.resourceId}::uuid, ${g.kind}, ${g.name}, ${g.ownerId}::uuid, ${g.tenantId}::uuid, ${g.role},
      ${g.expiresAt?.toISOString() ?? null}::timestamptz, ${g.createdBy}::uuid${value})
    returning id, status`
  if (!row) throw new Error('an insert returns its row')
  return row
}

/** Changes a share of the owner's. @returns its status after; null: not there any more */
export async function updateGrant(
  tx: WriteTx,
  ownerId: string,
  id: string,
  role: GrantRole,
  expiresAt: Date | null,
): Promise<GrantStatus | null> {
  const [row] = await tx.$queryRaw<{ status: GrantStatus }[]>`
    update access_grant g set role = ${role}, expires_at = ${expiresAt?.toISOString() ?? null}::timestamptz
    where g.id = ${id}::uuid and g.owner_id = ${ownerId}::uuid returning g.status`
  return row?.status ?? null
}

/** Ends shares: as their owner, or as the tenant that they were made to. @returns how many */
export const deleteGrants = (
  tx: WriteTx,
  by: { ownerId: string } | { tenantId: string },
  ids: readonly string[],
): Promise<number> =>
  'ownerId' in by
    ? tx.$executeRaw`delete from access_grant g where g.id = any (${[...ids]}::uuid[]) and g.owner_id = ${by.ownerId}::uuid`
    : tx.$executeRaw`delete from access_grant g where g.id = any (${[...ids]}::uuid[]) and g.tenant_id = ${by.tenantId}::uuid`

/** Takes what was offered to the acting tenant. @returns whether something of that id was waiting for it */
export async function acceptGrant(tx: WriteTx, id: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ done: boolean }[]>`select wall.grant_accept(${id}::uuid) as done`
  return row?.done ?? false
}
