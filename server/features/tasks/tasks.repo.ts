import type { Tx, WriteTx } from '@/server/db/scope'
import { nothing, sql, type Sql } from '@/server/db/sql'
import type { Position } from '@/server/platform/cursor'
import { COUNT_CAP } from '@/server/platform/page-schema'

export interface TaskRecord {
  id: string
  kind: string
  title: string
  status: 'queued' | 'running' | 'done' | 'failed'
  done: number
  total: number
  createdBy: string
  by: string | null
  error: string
  result: { lines?: string[] } | null
  createdAt: Date
  startedAt: Date | null
  finishedAt: Date | null
}

/** Whose tasks: the tenant's, or only those of one of its people. */
export interface Whose {
  tenantId: string
  userId: string | null
}

const COLUMNS = sql`
  k.id, k.kind, k.title, k.status, k.done, k.total, k.created_by as "createdBy",
  (select coalesce(nullif(btrim(u.first_name || ' ' || u.last_name), ''), u.username) from user_account u where u.id = k.created_by) as by,
  k.error, k.result, k.created_at as "createdAt", k.started_at as "startedAt", k.finished_at as "finishedAt"`
const whose = ({ tenantId, userId }: Whose): Sql =>
  sql`k.tenant_id = ${tenantId}::uuid ${userId === null ? nothing : sql`and k.created_by = ${userId}::uuid`}`

/** Tasks, newest first, `limit` + 1 of them. */
export function listTasks(
  tx: Tx,
  who: Whose,
  position: Position | null,
  limit: number,
): Promise<(TaskRecord & { sortKey: string; total_: bigint })[]> {
  const order = position?.back ? sql`asc` : sql`desc`
  const beyond = position?.back ? sql`>` : sql`<`
  const [key, id] = position?.values ?? []
  const micros = sql`(extract(epoch from k.created_at) * 1000000)::bigint`
  const after = position ? sql`and (${micros}, k.id) ${beyond} (${key}::bigint, ${id}::uuid)` : nothing
  return tx.$queryRaw<(TaskRecord & { sortKey: string; total_: bigint })[]>`
    select ${COLUMNS}, ${micros}::text as "sortKey",
      (select count(*) from (select 1 from background_task k where ${whose(who)} limit ${COUNT_CAP + 1}) c) as total_
    from background_task k where ${whose(who)} ${after} order by k.created_at ${order}, k.id ${order} limit ${limit + 1}`
}

export async function findTask(tx: Tx, who: Whose, id: string): Promise<TaskRecord | undefined> {
  const [row] = await tx.$queryRaw<TaskRecord[]>`
    select ${COLUMNS} from background_task k where k.id = ${id}::uuid and ${whose(who)}`
  return row
}

export interface NewTask {
  id: string
  tenantId: string
  kind: string
  title: string
  total: number
  input: Record<string, unknown>
  createdBy: string
  requestId: string
  ip: string
}

export async function insertTask(tx: WriteTx, k: NewTask): Promise<void> {
  await tx.$executeRaw`
    insert into background_task (id, tenant_id, kind, title, total, input, created_by, request_id, ip)
    values (${k.id}::uuid, ${k.tenantId}::uuid, ${k.kind}, ${k.title}, ${k.total}, ${JSON.stringify(k.input)}::jsonb, ${k.createdBy}::uuid,
      ${k.requestId}, ${k.ip})`
}

/** In the transaction of its work. @throws a refusal of the database when another attempt has taken over */
export async function finishTask(tx: WriteTx, id: string, attempt: number, result: object): Promise<void> {
  await tx.$executeRaw`select wall.task_finish(${id}::uuid, ${attempt}::int, ${JSON.stringify(result)}::jsonb)`
}
