import { MASTER_TENANT_ID } from '@/lib/master'
import type { Reach } from '@/server/authz/reach'
import { reachSql } from '@/server/authz/reach-sql'
import { reachStarts } from '@/server/authz/reach-start'
import { joinSql, type Sql, sql } from '@/server/db/sql'

/** A tenant of a union, as its statement carries it: where in the order, who reaches how far in it, what it added and was granted. */
export interface SeenFrom {
  id: string
  /** Index of its `Sort`. */
  sort: number
  clouds: string[]
  kinds: string[]
}

/** Tenants in which the person reaches equally far: their rows are looked for in one and the same way. */
export interface Sort {
  /** A condition on `resource r`, on behalf of the tenant `te`; null: everything that the tenant sees. */
  reach: Sql | null
  /** Queries of ids among which all is that the person reaches; null: it may be anywhere. */
  starts: Sql[] | null
}

const TENANT = sql`te.id`
const master = sql`${MASTER_TENANT_ID}::uuid`
const live = sql`g.status = 'live' and (g.expires_at is null or g.expires_at > now())`

/** How far the person reaches in tenants of this sort; null: nothing of this kind. */
export function sortOf(reach: Reach, kind: string): Sort | null {
  const condition = reachSql(reach, 'see', [kind], TENANT)
  if (condition === null) return { reach: null, starts: null }
  return condition.sql === 'false' ? null : { reach: condition, starts: reachStarts(reach, [kind], TENANT) }
}

/** The same text for sorts that ask the same of the database. */
export const keyOf = ({ reach, starts }: Sort): string =>
  JSON.stringify([reach, ...(starts ?? [])].map((one) => one && [one.sql, one.values]))

/** A place to start from, with the columns that rows are ordered by. */
interface Start {
  from: Sql
  where: Sql
  id: Sql
  name: Sql
}

const onResource = (where: Sql, from = sql`resource r`): Start => ({
  from,
  where,
  id: sql`r.id`,
  name: sql`r.name`,
})

/** The ways in which `te` sees things, one by one: PRODUCT rules 1, 2 and 5, as `sightArms` has them for one tenant. */
function arms(kind: string): Start[] {
  const other = sql`not te.is_master`
  const all = sql`r.owner_id = ${master} and r.assigned_id = r.owner_id and te.kinds @> array[${kind}]`
  return [
    onResource(sql`${other} and r.assigned_id = te.id and r.kind = ${kind}`),
    onResource(sql`te.is_master and r.owner_id = ${master} and r.kind = ${kind}`),
    onResource(sql`${other} and r.visibility = 'public' and r.cloud_id is null and r.kind = ${kind}`),
    onResource(
      sql`${other} and r.visibility = 'public' and r.cloud_id = c.cloud and r.kind = ${kind}`,
      sql`unnest(te.clouds) c(cloud) cross join resource r`,
    ),
    onResource(sql`${other} and ${all} and r.kind = ${kind}`),
    {
      from: sql`access_grant g join resource r on r.id = g.resource_id`,
      where: sql`${other} and g.tenant_id = te.id and g.kind = ${kind} and ${live}`,
      id: sql`g.resource_id`,
      name: sql`g.name`,
    },
  ]
}

/** The same as one condition on `resource r`, for ids that are known beforehand. */
const sight = (kind: string): Sql => sql`(
  not te.is_master and (r.assigned_id = te.id
    or r.visibility = 'public' and (r.cloud_id is null or r.cloud_id = any (te.clouds))
    or r.owner_id = ${master} and r.assigned_id = r.owner_id and te.kinds @> array[${kind}]
    or exists (select 1 from access_grant g where g.resource_id = r.id and g.tenant_id = te.id and ${live}))
  or te.is_master and r.owner_id = ${master})`

/** Where lists of tenants of a sort start from. */
export function startsOf({ reach, starts }: Sort, kind: string): Start[] {
  const found =
    starts === null
      ? arms(kind)
      : [
          onResource(
            sql`r.kind = ${kind} and ${sight(kind)}`,
            sql`(select distinct x.id from (${joinSql(starts, ' union all ')}) x(id)) n join resource r on r.id = n.id`,
          ),
        ]
  return reach === null ? found : found.map((one) => ({ ...one, where: sql`${one.where} and ${reach}` }))
}
