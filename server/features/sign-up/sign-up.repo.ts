import type { Tx, WriteTx } from '@/server/db/scope'
import { nothing, type Sql, sql } from '@/server/db/sql'
import type { Position } from '@/server/platform/cursor'
import { COUNT_CAP, likeAnywhere } from '@/server/platform/page-schema'
import type { ListSignUps, SetPolicy, SignUpRow } from './sign-up.schema'

/** How people sign up, as the master said. */
export async function findPolicy(tx: Tx): Promise<SetPolicy> {
  const rows = await tx.$queryRaw<SetPolicy[]>`
    select enabled, tenant_role_id as "tenantRoleId", first_role as "firstRole", mail_domains as "mailDomains", approval,
      terms_url as "termsUrl", daily_limit as "dailyLimit" from sign_up_policy where id = 1`
  const [row] = rows
  if (!row) throw new Error('the row of sign_up_policy is missing')
  return row
}

export async function savePolicy(tx: WriteTx, p: SetPolicy): Promise<void> {
  await tx.$executeRaw`
    update sign_up_policy set enabled = ${p.enabled}, tenant_role_id = ${p.tenantRoleId}::uuid, first_role = ${p.firstRole},
      mail_domains = ${p.mailDomains}::text[], approval = ${p.approval}, terms_url = ${p.termsUrl}, daily_limit = ${p.dailyLimit}
    where id = 1`
}

/** Tenants made by sign-up in the last 24 hours, and requests that wait for an answer. */
export async function countsNow(tx: Tx): Promise<{ madeToday: number; waiting: number }> {
  const rows = await tx.$queryRaw<{ made: bigint; waiting: bigint }[]>`
    select count(*) filter (where status = 'done' and ended_at > now() - interval '24 hours') as made,
      count(*) filter (where status = 'waiting' and expires_at > now()) as waiting from sign_up`
  return { madeToday: Number(rows[0]?.made ?? 0), waiting: Number(rows[0]?.waiting ?? 0) }
}

export type SignUpRecord = Omit<SignUpRow, 'createdAt' | 'expiresAt' | 'endedAt'> & {
  createdAt: Date
  expiresAt: Date
  endedAt: Date | null
  key: string
}

const STATUS = sql`case when s.ended_at is null and s.expires_at <= now() then 'expired' else s.status end`
const COLUMNS = sql`s.id, s.email, s.name, s.slug, ${STATUS} as status, t.id as "tenantId", s.reason, s.decided_by_name as "decidedBy",
  s.created_at as "createdAt", s.expires_at as "expiresAt", s.ended_at as "endedAt",
  to_char(s.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as key`

const that = ({ search, status }: Pick<ListSignUps, 'search' | 'status'>): Sql => sql`true
  ${status.length > 0 ? sql`and ${STATUS} = any (${status})` : nothing}
  ${search === '' ? nothing : sql`and (s.email ilike ${likeAnywhere(search)} or s.name ilike ${likeAnywhere(search)} or s.slug ilike ${likeAnywhere(search)})`}`

/** Up to `limit` + 1 sign-ups, the newest first; reversed when the position says back. */
export function listSignUps(tx: Tx, input: ListSignUps, position: Position | null): Promise<SignUpRecord[]> {
  const [order, beyond] = position?.back ? [sql`asc`, sql`>`] : [sql`desc`, sql`<`]
  const [key, id] = position?.values ?? []
  const after = position
    ? sql`and (s.created_at, s.id) ${beyond} (${String(key)}::timestamp at time zone 'UTC', ${String(id)}::uuid)`
    : nothing
  return tx.$queryRaw<SignUpRecord[]>`
    select ${COLUMNS} from sign_up s left join tenant t on t.id = s.tenant_id where ${that(input)} ${after}
    order by s.created_at ${order}, s.id ${order} limit ${input.limit + 1}`
}

/** How many fit; stops counting at COUNT_CAP + 1. */
export async function countSignUps(tx: Tx, input: Pick<ListSignUps, 'search' | 'status'>): Promise<number> {
  const rows = await tx.$queryRaw<{ n: bigint }[]>`
    select count(*) as n from (select 1 from sign_up s where ${that(input)} limit ${COUNT_CAP + 1}) x`
  return Number(rows[0]?.n ?? 0)
}

export async function findSignUp(tx: Tx, id: string): Promise<SignUpRecord | null> {
  const rows = await tx.$queryRaw<SignUpRecord[]>`
    select ${COLUMNS} from sign_up s left join tenant t on t.id = s.tenant_id where s.id = ${id}::uuid`
  return rows[0] ?? null
}

/**
 * Answers who waits. @param tokenHash of the link that lets them go on, for 7 days; null: they are declined
 * @returns false when somebody else was quicker, or the request ran out
 */
export async function decide(
  tx: WriteTx,
  id: string,
  tokenHash: Uint8Array<ArrayBuffer> | null,
  reason: string,
): Promise<boolean> {
  const rows = await tx.$queryRaw<{ done: boolean }[]>`
    select wall.sign_up_decide(${id}::uuid, ${tokenHash}::bytea, ${reason}) as done`
  return rows[0]?.done ?? false
}
