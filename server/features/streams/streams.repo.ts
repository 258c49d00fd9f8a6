import { reachSql } from '@/server/authz/reach-sql'
import { seenNameSql, sightSql, type Viewer } from '@/server/authz/sight'
import type { Tx } from '@/server/db/scope'
import { joinSql, nothing, type Sql, sql } from '@/server/db/sql'
import type { Position } from '@/server/platform/cursor'
import { COUNT_CAP } from '@/server/platform/page-schema'

/** What narrows a stream, and which page of it. */
export interface StreamQuery {
  cloudId?: string
  resourceId?: string
  search: string
  position: Position | null
  limit: number
}
export interface ActivityQuery extends StreamQuery {
  kind: 'task' | 'event'
  status?: readonly string[]
}
export interface BackupsQuery extends StreamQuery {
  state?: readonly string[]
}

interface StreamRow {
  id: string
  aboutId: string
  aboutKind: string
  aboutName: string
  cloudId: string
  cloudName: string | null
  /** Microseconds since 1970: a Date is too coarse to page by. */
  at: string
}
export interface ActivityRecord extends StreamRow {
  kind: 'task' | 'event'
  title: string
  target: string
  actor: string
  status: 'running' | 'ok' | 'failed' | 'info' | 'unknown'
  message: string
  startedAt: Date
  endedAt: Date | null
}
export interface BackupRecord extends StreamRow {
  guest: string
  takenAt: Date
  size: bigint | null
  format: string
  protected: boolean
  verified: '' | 'ok' | 'failed'
  notes: string
  goneAt: Date | null
  datastoreId: string | null
  datastoreName: string | null
}

/** A table whose rows `x` are about a resource, by the time in `at`. */
interface Stream {
  table: Sql
  at: Sql
  where: Sql
}

/**
 * Whose a row is: of who owns the thing that it is about, and of who uses it and did so when the row was read first. The policies of both
 * tables say the same; each holds without the other (attack A11).
 */
function arms(viewer: Viewer): Sql[] {
  const tenant = sql`${viewer.tenantId}::uuid`
  return [
    sql`x.owner_id = ${tenant} and r.owner_id = ${tenant}`,
    sql`x.assigned_id = ${tenant} and r.assigned_id = ${tenant} and x.owner_id <> x.assigned_id`,
  ]
}

/**
 * Each of its own run in an index of times. The resource is looked up row by row (`offset 0`): where a tenant has very many, PostgreSQL underrates
 * them and would pair all rows with all resources.
 */
function runs(viewer: Viewer, stream: Stream, query: StreamQuery, columns: Sql, rest: Sql): Sql {
  const reach = viewer.reach && reachSql(viewer.reach, 'see')
  const more = [
    stream.where,
    query.cloudId && sql`x.cloud_id = ${query.cloudId}::uuid`,
    query.resourceId && sql`x.resource_id = ${query.resourceId}::uuid`,
    reach,
  ].filter((one): one is Sql => Boolean(one))
  const each = arms(viewer).map(
    (arm) =>
      sql`(select ${columns} from ${stream.table} x cross join lateral (select r.* from resource r where r.id = x.resource_id offset 0) r where ${arm} and ${joinSql(more, ' and ')} ${rest})`,
  )
  return joinSql(each, ' union all ')
}

/** Ids of the page's rows in the order of reading, the newest first; away from the position, so turned round for the page before. */
function page(viewer: Viewer, stream: Stream, query: StreamQuery): { ids: Sql; order: Sql } {
  const back = query.position?.back ?? false
  const [us, id] = query.position?.values ?? []
  const place = sql`('epoch'::timestamptz + ${String(us)}::bigint * interval '1 microsecond', ${String(id)}::uuid)`
  const after = !query.position
    ? nothing
    : back
      ? sql`and (${stream.at}, x.id) > ${place}`
      : sql`and (${stream.at}, x.id) < ${place}`
  const way = back ? sql`asc` : sql`desc`
  const limit = sql`limit ${query.limit + 1}`
  const run = sql`${after} order by ${stream.at} ${way}, x.id ${way} ${limit}`
  return {
    ids: sql`select * from (${runs(viewer, stream, query, sql`x.id, ${stream.at} as at`, run)}) u order by at ${way}, id ${way} ${limit}`,
    order: sql`p.at ${way}, p.id ${way}`,
  }
}

/** How many there are; where the first page is not full, its rows. */
async function count(
  tx: Tx,
  viewer: Viewer,
  stream: Stream,
  query: StreamQuery,
  onPage: number,
): Promise<number> {
  if (!query.position && onPage <= query.limit) return onPage
  const cap = sql`limit ${COUNT_CAP + 1}`
  const rows = await tx.$queryRaw<{ n: bigint }[]>`
    select count(*) as n from (select 1 from (${runs(viewer, stream, query, sql`1`, cap)}) u ${cap}) c`
  return Number(rows[0]?.n ?? 0)
}

const ABOUT = (
  viewer: Viewer,
) => sql`x.id, r.id as "aboutId", r.kind as "aboutKind", r.name as "aboutName", x.cloud_id as "cloudId",
  ${seenNameSql(viewer, sql`x.cloud_id`, 'cloud')} as "cloudName", (extract(epoch from p.at) * 1000000)::bigint::text as at`

const found = (search: string, text: Sql): Sql =>
  search === '' ? nothing : sql` and position(lower(${search}) in lower(${text})) > 0`

const activityStream = ({ kind, status, search }: ActivityQuery): Stream => ({
  table: sql`cloud_activity`,
  at: sql`x.started_at`,
  where: sql`x.kind = ${kind}${status?.length ? sql` and x.status = any (${[...status]})` : nothing}${found(search, sql`x.title || ' ' || x.actor || ' ' || x.message || ' ' || x.target || ' ' || r.name`)}`,
})

export async function listActivity(tx: Tx, viewer: Viewer, query: ActivityQuery) {
  const stream = activityStream(query)
  const { ids, order } = page(viewer, stream, query)
  const rows = await tx.$queryRaw<ActivityRecord[]>`
    with p as (${ids})
    select ${ABOUT(viewer)}, x.kind, x.title, x.target, x.actor, x.status, x.message, x.started_at as "startedAt", x.ended_at as "endedAt"
    from p join cloud_activity x on x.id = p.id join resource r on r.id = x.resource_id order by ${order}`
  return { rows, total: await count(tx, viewer, stream, query, rows.length) }
}

const STATES: Readonly<Record<string, Sql>> = {
  protected: sql`x.protected`,
  verified: sql`x.verified = 'ok'`,
  broken: sql`x.verified = 'failed'`,
  gone: sql`x.gone_at is not null`,
}

function backupStream({ state, search }: BackupsQuery): Stream {
  const states = (state ?? []).flatMap((one) => STATES[one] ?? [])
  const where = states.length > 0 ? sql`(${joinSql(states, ' or ')})` : sql`true`
  return {
    table: sql`cloud_backup`,
    at: sql`x.taken_at`,
    where: sql`${where}${found(search, sql`r.name || ' ' || x.guest || ' ' || x.notes || ' ' || x.format`)}`,
  }
}

/** Of a data store that the person does not see, nothing is told. */
const DATASTORE = (viewer: Viewer) => sql`
  left join lateral (select r.id, r.name from cloud_item i join resource r on r.id = i.resource_id
    where i.cloud_id = x.cloud_id and i.external_id = x.datastore and ${sightSql(viewer, 'datastore')}) d on true`

export async function listBackups(tx: Tx, viewer: Viewer, query: BackupsQuery) {
  const stream = backupStream(query)
  const { ids, order } = page(viewer, stream, query)
  const rows = await tx.$queryRaw<BackupRecord[]>`
    with p as (${ids})
    select ${ABOUT(viewer)}, x.guest, x.taken_at as "takenAt", x.size, x.format, x.protected, x.verified, x.notes, x.gone_at as "goneAt",
      d.id as "datastoreId", d.name as "datastoreName"
    from p join cloud_backup x on x.id = p.id join resource r on r.id = x.resource_id ${DATASTORE(viewer)} order by ${order}`
  return { rows, total: await count(tx, viewer, stream, query, rows.length) }
}
