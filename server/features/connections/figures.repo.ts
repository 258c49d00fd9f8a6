import { sightSql, type Viewer } from '@/server/authz/sight'
import type { Tx } from '@/server/db/scope'
import { joinSql, type Sql, sql } from '@/server/db/sql'

/** Machines are counted, and summed up, as far as this. */
export const MOST_COUNTED = 10_000

export interface Sums {
  cloudId: string
  kind: 'host' | 'datastore' | 'virtual_machine'
  n: number
  memoryUsed: number
  memoryTotal: number
  diskUsed: number
  diskTotal: number
}
export interface FiguresRecord {
  id: string
  connector: string | null
  okAt: Date | null
  everySeconds: number | null
  machines: number
}

const usage = (field: string): Sql =>
  sql`(case when jsonb_typeof(s.facts #> ${`{usage,${field}}`}::text[]) = 'number' then (s.facts #>> ${`{usage,${field}}`}::text[])::float8 end)`

/** What the tenant owns or uses of a kind in a cloud. */
const own = (
  viewer: Viewer,
  kind: string,
  cloudId: Sql,
): Sql => sql`r.cloud_id = ${cloudId} and r.kind = ${kind}
  and (r.owner_id = ${viewer.tenantId}::uuid or r.assigned_id = ${viewer.tenantId}::uuid) and ${sightSql(viewer, kind)}`

/** In one cloud, of so many; where there are more than are counted, nothing is summed up. */
const summed = (viewer: Viewer, kind: Sums['kind'], ids: readonly string[]): Sql => {
  const given = (field: string, spec: string): Sql =>
    kind === 'virtual_machine'
      ? sql`coalesce(${usage(field)}, case when jsonb_typeof(x.spec -> ${spec}) = 'number' then (x.spec ->> ${spec})::float8 end, 0)`
      : sql`coalesce(${usage(field)}, 0)`
  return sql`
    select c.id as "cloudId", ${kind}::text as kind, t.* from unnest(${[...ids]}::uuid[]) c (id) cross join lateral (
      with x as materialized (select r.id, r.spec from resource r where ${own(viewer, kind, sql`c.id`)} limit ${MOST_COUNTED + 1}), many as (select count(*)::int as n from x)
      select case when (select n from many) > ${MOST_COUNTED} then (select n from many) else count(*)::int end as n, coalesce(sum(coalesce(${usage('memoryUsed')}, 0)), 0) as "memoryUsed", coalesce(sum(${given('memoryTotal', 'memory')}), 0) as "memoryTotal",
        coalesce(sum(coalesce(${usage('diskUsed')}, 0)), 0) as "diskUsed", coalesce(sum(${given('diskTotal', 'disk')}), 0) as "diskTotal"
      from x join resource_state s on s.resource_id = x.id where (select n from many) <= ${MOST_COUNTED}) t`
}

/** Sums over what the tenant owns or uses of these kinds in each of these clouds, in one statement. */
export const sumsOf = (
  tx: Tx,
  viewer: Viewer,
  kinds: readonly Sums['kind'][],
  ids: readonly string[],
): Promise<Sums[]> =>
  tx.$queryRaw<Sums[]>`${joinSql(
    kinds.map((kind) => summed(viewer, kind, ids)),
    ' union all ',
  )}`

/** How each of these clouds is connected, when it was seen whole, and how many machines the person sees in it. */
export function cloudRecords(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<FiguresRecord[]> {
  const tenant = sql`${viewer.tenantId}::uuid`
  return tx.$queryRaw<FiguresRecord[]>`
    select c.id, n.connector, y.ok_at as "okAt", y.every_seconds as "everySeconds",
      (select count(*)::int from (select 1 from resource r where r.cloud_id = c.id and ${sightSql(viewer, 'virtual_machine')} limit ${MOST_COUNTED + 1}) m) as machines
    from (select r.id, r.name, r.owner_id, r.assigned_id from resource r where r.id = any (${[...ids]}::uuid[]) and ${sightSql(viewer, 'cloud')}) c
      left join cloud_connection n on n.cloud_id = c.id and c.owner_id = ${tenant}
      left join cloud_sync y on y.cloud_id = c.id and (c.owner_id = ${tenant} or c.assigned_id = ${tenant})
    order by c.name, c.id`
}
