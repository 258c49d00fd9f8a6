import type { Spec } from '@/lib/resource-kinds/kind'
import { reachSql } from '@/server/authz/reach-sql'
import { reachStarts } from '@/server/authz/reach-start'
import {
  type Arm,
  armOfIds,
  grantRoleSql,
  seenCloudNameSql,
  sightArms,
  type Viewer,
} from '@/server/authz/sight'
import type { Tx } from '@/server/db/scope'
import { joinSql, nothing, type Sql, sql } from '@/server/db/sql'
import type { Position } from '@/server/platform/cursor'
import { COUNT_CAP } from '@/server/platform/page-schema'

type BoundedSort = 'status' | 'lastSeen' | 'created'

export interface ResourceQuery {
  /** Undefined: all kinds, by kind and name. */
  kind?: string
  /** Standing in this cloud, this resource, this group; carrying this tag. */
  cloudId?: string
  parentId?: string
  groupId?: string
  tag?: string
  search?: string
  status?: readonly string[]
  /** Assigned to this tenant. */
  assignedTo?: string
  /** Only what tenants do not have alike: assigned, shared, or public in a cloud that they add. Of the master's own. */
  differing?: boolean
  sort: 'name' | BoundedSort
  desc: boolean
  position: Position | null
  limit: number
  /** Whether rows carry the count of all. */
  counted: boolean
}

/** A row of a list of resources; texts out of the facts as the agent reported them. */
export interface ResourceRow {
  id: string
  kind: string
  name: string
  ownerId: string
  assignedId: string
  visibility: 'private' | 'public'
  cloudId: string | null
  cloudName: string | null
  parentId: string | null
  createdBy: string | null
  spec: Spec
  createdAt: Date
  updatedAt: Date
  status: 'pending' | 'online' | 'offline'
  /** What its cloud told of it, or of a cloud how the looks into it go; null where nobody tells. */
  state: string | null
  lastSeenAt: Date | null
  conflictAt: Date | null
  assignedName: string | null
  assignedIcon: string | null
  grantRole: 'viewer' | 'editor' | 'admin' | null
  os: string | null
  address: string | null
  cpus: string | null
  memoryTotal: string | null
  memoryAvailable: string | null
  load1: string | null
  /** Microseconds or rank by which a bounded sort goes. */
  sortKey: string
  total: bigint
}

const SORT_KEYS: Record<BoundedSort, Sql> = {
  status: sql`(case s.status when 'online' then 0 when 'pending' then 1 else 2 end)::bigint`,
  lastSeen: sql`(extract(epoch from coalesce(s.last_seen_at, 'epoch')) * 1000000)::bigint`,
  created: sql`(extract(epoch from r.created_at) * 1000000)::bigint`,
}

const COLUMNS = sql`
  r.id, r.kind, r.name, r.owner_id as "ownerId", r.assigned_id as "assignedId", r.visibility,
  r.cloud_id as "cloudId", r.parent_id as "parentId", r.created_by as "createdBy", r.spec, r.created_at as "createdAt",
  r.updated_at as "updatedAt",
  case when s.status in ('online', 'offline') then s.status else 'pending' end as status, coalesce((select y.status from cloud_sync y where r.kind = 'cloud' and y.cloud_id = r.id), s.status) as state, s.last_seen_at as "lastSeenAt", s.conflict_at as "conflictAt",
  a.name as "assignedName", a.icon as "assignedIcon",
  s.facts #>> '{os,name}' as os, coalesce(s.facts #>> '{addresses,0,address}', '') as address, s.facts #>> '{cpu,count}' as cpus,
  s.facts #>> '{memory,total}' as "memoryTotal", s.facts #>> '{memory,available}' as "memoryAvailable", s.facts #>> '{load,0}' as load1`

const grantRole = (viewer: Viewer) => sql`${grantRoleSql(viewer.tenantId)} as "grantRole"`

const cloudName = (viewer: Viewer) => sql`${seenCloudNameSql(viewer)} as "cloudName"`

/**
 * The limits that nearly all questions have stand in the text: with a bound one PostgreSQL takes a tenth of what there is for the
 * limit, finds the plan that it could keep too dear, and plans the list anew each time, which takes longer than the list.
 */
const LIMITS: Readonly<Record<number, Sql>> = {
  21: sql`limit 21`,
  51: sql`limit 51`,
  [COUNT_CAP + 1]: sql`limit 10001`,
}
const limited = (n: number): Sql => LIMITS[n] ?? sql`limit ${n}`

/** Whether a page of so many rows has all its limits in the text, so that one plan serves all who ask (`keepPlans` of a scope). */
export const hasOnePlan = (limit: number): boolean => LIMITS[limit + 1] !== undefined

const JOINS = sql`
  left join resource_state s on s.resource_id = r.id
  left join tenant a on a.id = r.assigned_id`

/** A condition on `resource r`, for an arm whose rows are not resources. */
const onResource = (arm: Arm, condition: Sql): Sql =>
  arm.isResource
    ? sql` and ${condition}`
    : sql` and exists (select 1 from resource r where r.id = ${arm.id} and ${condition})`

const DIFFERING = sql`(r.assigned_id <> r.owner_id or r.visibility = 'public' and r.cloud_id is not null
  or exists (select 1 from access_grant g where g.resource_id = r.id and g.owner_id = r.owner_id)
  or exists (select 1 from access_grant_all a where a.owner_id = r.owner_id and a.kind = r.kind))`

/** Where it stands, what group or tag of the viewer's it is in, and how far the person reaches. */
function narrowed(arm: Arm, viewer: Viewer, query: ResourceQuery): Sql {
  const reach = viewer.reach && reachSql(viewer.reach, 'see', query.kind ? [query.kind] : undefined)
  const all = [
    query.cloudId && sql`r.cloud_id = ${query.cloudId}::uuid and r.id <> r.cloud_id`,
    query.parentId && sql`r.parent_id = ${query.parentId}::uuid`,
    query.groupId &&
      sql`exists (select 1 from resource_group_member m where m.resource_id = r.id and m.tenant_id = ${viewer.tenantId}::uuid and m.group_id = ${query.groupId}::uuid)`,
    query.tag &&
      sql`exists (select 1 from resource_tag t where t.resource_id = r.id and t.tenant_id = ${viewer.tenantId}::uuid and t.tag = ${query.tag})`,
    query.differing && DIFFERING,
    reach,
  ].filter((one): one is Sql => Boolean(one))
  return all.length === 0 ? nothing : onResource(arm, joinSql(all, ' and '))
}

function conditions(arm: Arm, viewer: Viewer, query: ResourceQuery): Sql {
  const status = query.status?.length
    ? sql` and exists (select 1 from resource_state s where s.resource_id = ${arm.id} and s.status = any (${[...query.status]}))`
    : nothing
  const assigned = query.assignedTo
    ? sql` and exists (select 1 from resource x where x.id = ${arm.id} and x.assigned_id = ${query.assignedTo}::uuid)`
    : nothing
  const search = query.search ? sql` and position(lower(${query.search}) in lower(${arm.name})) > 0` : nothing
  const kind = query.kind ? sql` and ${arm.kind} = ${query.kind}` : nothing
  return sql`${arm.where}${kind}${search}${status}${assigned}${narrowed(arm, viewer, query)}`
}

/** Ids among which the answer is, where a filter or the reach leaves only certain places; null: it may be anywhere. */
function startsOf(viewer: Viewer, query: ResourceQuery): Sql[] | null {
  const tenant = sql`${viewer.tenantId}::uuid`
  if (query.parentId) return [sql`select r.id from resource r where r.parent_id = ${query.parentId}::uuid`]
  if (query.groupId)
    return [
      sql`select m.resource_id from resource_group_member m where m.tenant_id = ${tenant} and m.group_id = ${query.groupId}::uuid`,
    ]
  if (query.tag)
    return [
      sql`select t.resource_id from resource_tag t where t.tenant_id = ${tenant} and t.tag = ${query.tag}`,
    ]
  const reached = viewer.reach && reachStarts(viewer.reach, query.kind ? [query.kind] : undefined)
  if (reached) return reached
  return query.cloudId ? [sql`select r.id from resource r where r.cloud_id = ${query.cloudId}::uuid`] : null
}

/** With more than a thousand of them, the way over everything that is seen may be the shorter one. */
const smallSet = (starts: readonly Sql[]): Sql => sql`
  small as materialized (select x.id from (${joinSql(starts, ' union all ')}) x(id) limit 1001),
  large as materialized (select count(*) > 1000 as yes from small)`
const IS_LARGE = sql`(select l.yes from large l)`

/** `with` of a statement that has `union` in it, and more of its own. */
function withStarts(viewer: Viewer, query: ResourceQuery, more: Sql): Sql {
  const starts = startsOf(viewer, query)
  const all = [starts && smallSet(starts), more].filter((one): one is Sql => one !== null && one !== nothing)
  return all.length === 0 ? nothing : sql`with ${joinSql(all, ', ')}`
}

/** Where a list starts: from few ids where it can, else from all that the tenant sees. One of both finds nothing. */
function armsOf(viewer: Viewer, query: ResourceQuery): Arm[] {
  const arms = sightArms(viewer)
  if (startsOf(viewer, query) === null) return arms
  return [
    armOfIds(viewer, sql`select distinct s.id from small s where not ${IS_LARGE}`),
    ...arms.map((arm) => ({ ...arm, where: sql`${IS_LARGE} and ${arm.where}` })),
  ]
}

/** Direction in which rows are read: away from the position, so turned round for the page before. */
const reading = (query: ResourceQuery): { order: Sql; beyond: Sql } => {
  const down = query.desc !== (query.position?.back ?? false)
  return down ? { order: sql`desc`, beyond: sql`<` } : { order: sql`asc`, beyond: sql`>` }
}

/**
 * Each arm on its own index, at most `limit` rows; then all of them without doubles. Ordered: `id, kind, name` of the first of
 * each run; else any, and only their ids.
 */
function union(viewer: Viewer, query: ResourceQuery, limit: number, ordered: boolean): Sql {
  const { order, beyond } = reading(query)
  const runs = armsOf(viewer, query).map((arm) => {
    const [kind, name, id] = query.position?.values ?? []
    const after =
      ordered && query.position
        ? sql` and (${arm.kind}, ${arm.name}, ${arm.id}) ${beyond} (${kind}::text, ${name}::text, ${id}::uuid)`
        : nothing
    const by = ordered
      ? sql` order by ${arm.kind} ${order}, ${arm.name} ${order}, ${arm.id} ${order}`
      : nothing
    const columns = ordered ? sql`, ${arm.kind} as kind, ${arm.name} as name` : nothing
    const run = sql`select ${arm.id} as id${columns} from ${arm.from}
      where ${conditions(arm, viewer, query)}${after}${by} ${limited(limit)}`
    // Each principal may hold all of the first rows, so only what is merely counted is cut here.
    const cut = ordered ? nothing : sql` ${limited(limit)}`
    return arm.each ? sql`(select l.* from ${arm.each} cross join lateral (${run}) l${cut})` : sql`(${run})`
  })
  return joinSql(runs, ordered ? ' union ' : ' union all ')
}

const total = (viewer: Viewer, query: ResourceQuery): Sql =>
  !query.counted
    ? sql`0::bigint`
    : sql`(select count(*) from (select 1 from (${union(viewer, query, COUNT_CAP + 1, false)}) u
        group by u.id ${limited(COUNT_CAP + 1)}) c)`

/** How many there are, as the same arms say; COUNT_CAP + 1 for more than COUNT_CAP. */
export async function countResources(tx: Tx, viewer: Viewer, query: ResourceQuery): Promise<number> {
  const rows = await tx.$queryRaw<
    { total: bigint }[]
  >`${withStarts(viewer, query, nothing)} select ${total(viewer, { ...query, counted: true })} as total`
  return Number(rows[0]?.total ?? 0)
}

/**
 * Up to `limit` + 1 rows that the viewer sees, in the order of reading (see pageOf), each with the count of all. By name it
 * costs the same at any size; the other sorts order all that match, so the caller allows them up to COUNT_CAP only.
 */
export function listResources(tx: Tx, viewer: Viewer, query: ResourceQuery): Promise<ResourceRow[]> {
  return query.sort === 'name'
    ? listByName(tx, viewer, query)
    : listByKey(tx, viewer, query, SORT_KEYS[query.sort])
}

function listByName(tx: Tx, viewer: Viewer, query: ResourceQuery): Promise<ResourceRow[]> {
  const { order } = reading(query)
  const limit = query.limit + 1
  return tx.$queryRaw<ResourceRow[]>`
    ${withStarts(viewer, query, sql`page as (select * from (${union(viewer, query, limit, true)}) u order by kind ${order}, name ${order}, id ${order} ${limited(limit)})`)}
    select ${COLUMNS}, ${cloudName(viewer)}, ${grantRole(viewer)}, '' as "sortKey", ${total(viewer, query)} as total
    from page p join resource r on r.id = p.id ${JOINS}
    order by p.kind ${order}, p.name ${order}, p.id ${order}`
}

function listByKey(tx: Tx, viewer: Viewer, query: ResourceQuery, key: Sql): Promise<ResourceRow[]> {
  const { order, beyond } = reading(query)
  const [value, id] = query.position?.values ?? []
  const after = query.position ? sql`where (k.key, k.id) ${beyond} (${value}::bigint, ${id}::uuid)` : nothing
  return tx.$queryRaw<ResourceRow[]>`
    ${withStarts(
      viewer,
      query,
      sql`seen as (select u.id from (${union(viewer, query, COUNT_CAP + 1, false)}) u group by u.id),
    page as (select * from (select r.id, ${key} as key from seen join resource r on r.id = seen.id left join resource_state s on s.resource_id = r.id) k
      ${after} order by k.key ${order}, k.id ${order} ${limited(query.limit + 1)})`,
    )}
    select ${COLUMNS}, ${cloudName(viewer)}, ${grantRole(viewer)}, p.key::text as "sortKey", (select count(*) from seen) as total
    from page p join resource r on r.id = p.id ${JOINS}
    order by p.key ${order}, p.id ${order}`
}
