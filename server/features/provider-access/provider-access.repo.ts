import type { Tx, WriteTx } from '@/server/db/scope'
import { Prisma } from '@/server/generated/prisma/client'
import type { Policy } from '@/server/features/impersonation/impersonation.schema'
import type { Position } from '@/server/platform/cursor'

/** The acting tenant's own word and its cap's (`free`: none). */
export async function findAccess(tx: Tx): Promise<{ own: Policy; locked: Policy | 'free' }> {
  const rows = await tx.$queryRaw<
    { own: Policy; locked: Policy | 'free' }[]
  >`select own, locked from wall.ctx_provider_access()`
  const [row] = rows
  if (!row) throw new Error('the acting tenant is a subtenant')
  return row
}

export async function setPolicy(tx: WriteTx, tenantId: string, policy: Policy): Promise<void> {
  await tx.$executeRaw`update tenant set provider_access = ${policy} where id = ${tenantId}::uuid`
}

export interface VisitRecord {
  id: string
  at: Date
  /** `at` of the row's making in microseconds since 1970, as the list is sorted. */
  us: bigint
  actorName: string
  subjectName: string
  reason: string
  minutes: number
  readOnly: boolean
  approved: boolean | null
  decidedByName: string
  startedAt: Date | null
  endsAt: Date | null
  endedAt: Date | null
  endedWhy: string
  /** Its session can still be used, as far as this tenant knows. */
  live: boolean
  /** Asked for less than a day ago. */
  fresh: boolean
  acts: number
}

const COLUMNS = Prisma.sql`i.id, i.created_at as at, (extract(epoch from i.created_at) * 1000000)::bigint as us, i.actor_name as "actorName",
  i.subject_name as "subjectName", i.reason, i.minutes, i.read_only as "readOnly", i.approved, i.decided_by_name as "decidedByName",
  i.started_at as "startedAt", i.ends_at as "endsAt", i.ended_at as "endedAt", i.ended_why as "endedWhy",
  i.ended_at is null and exists (select 1 from session s where s.id = i.session_id and s.revoked_at is null and s.idle_expires_at > now()
    and s.absolute_expires_at > now()) as live,
  i.created_at > now() - interval '24 hours' as fresh,
  (select count(*)::int from (select 1 from audit_event e where e.tenant_id = i.tenant_id and e.acting_session_id = i.session_id limit 100) a) as acts`

/** What was asked for or begun, newest first; up to `limit` + 1 from the position on. */
export function listVisits(
  tx: Tx,
  tenantId: string,
  position: Position | null,
  limit: number,
): Promise<VisitRecord[]> {
  const [us, id] = position?.values ?? []
  const key = Prisma.sql`('epoch'::timestamptz + ${String(us)}::bigint * interval '1 microsecond', ${String(id)}::uuid)`
  const place = !position
    ? Prisma.sql`true`
    : position.back
      ? Prisma.sql`(i.created_at, i.id) > ${key}`
      : Prisma.sql`(i.created_at, i.id) < ${key}`
  const order = position?.back
    ? Prisma.sql`i.created_at asc, i.id asc`
    : Prisma.sql`i.created_at desc, i.id desc`
  return tx.$queryRaw<VisitRecord[]>`
    select ${COLUMNS} from impersonation i
    where i.tenant_id = ${tenantId}::uuid and (i.asked or i.started_at is not null) and ${place} order by ${order} limit ${limit + 1}`
}

/** One of the tenant's; null: none. */
export function findVisit(tx: Tx, tenantId: string, id: string) {
  return tx.impersonation.findFirst({
    where: { id, tenantId },
    select: { id: true, actorName: true, subjectName: true, sessionId: true, reason: true },
  })
}

/** Answers what was asked within the last day. False: it is answered, used or void. */
export async function decide(
  tx: WriteTx,
  tenantId: string,
  id: string,
  approve: boolean,
  by: string,
): Promise<boolean> {
  const changed = await tx.$executeRaw`
    update impersonation set approved = ${approve}, decided_at = now(), decided_by_name = ${by}
    where id = ${id}::uuid and tenant_id = ${tenantId}::uuid and asked and approved is null and created_at > now() - interval '24 hours'`
  return changed === 1
}

/** Ends one that runs, or all of them. @returns how many */
export async function cut(tx: WriteTx, id: string | null): Promise<number> {
  const [row] = await tx.$queryRaw<{ n: number }[]>`select wall.impersonation_cut(${id}::uuid) as n`
  return row?.n ?? 0
}
