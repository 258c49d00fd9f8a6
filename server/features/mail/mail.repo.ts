import type { Tx, WriteTx } from '@/server/db/scope'
import { nothing, type Sql, sql } from '@/server/db/sql'
import type { Position } from '@/server/platform/cursor'
import { COUNT_CAP, likeAnywhere } from '@/server/platform/page-schema'
import type { MailKind } from './mail.body'
import type { ListMail, MailRow } from './mail.schema'

export interface NewMail {
  id: string
  kind: MailKind
  to: string
  subject: string
  /** Sealed, in hex. */
  body: string
}

/** In one statement. Without RETURNING: who queues a mail may not read it back. */
export async function insertMails(tx: WriteTx, tenantId: string, mails: readonly NewMail[]): Promise<void> {
  const all = <K extends keyof NewMail>(field: K) => mails.map((mail) => mail[field])
  await tx.$executeRaw`
    insert into mail_message (id, tenant_id, kind, to_address, subject, body)
    select x.id, ${tenantId}::uuid, x.kind, x.to_address, x.subject, decode(x.body, 'hex')
    from unnest(${all('id')}::uuid[], ${all('kind')}::text[], ${all('to')}::text[], ${all('subject')}::text[], ${all('body')}::text[])
      x(id, kind, to_address, subject, body)`
}

export interface MailRecord {
  id: string
  tenantId: string
  tenantName: string
  kind: MailKind
  to: string
  subject: string
  status: MailRow['status']
  error: string
  createdAt: Date
  sentAt: Date | null
  hasBody: boolean
  key: string
}

const KEY = sql`to_char(m.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`
const COLUMNS = sql`m.id, m.tenant_id as "tenantId", t.name as "tenantName", m.kind, m.to_address as "to", m.subject, m.status, m.error,
  m.created_at as "createdAt", m.sent_at as "sentAt", m.body is not null as "hasBody", ${KEY} as key`

const that = ({ search, status }: Pick<ListMail, 'search' | 'status'>): Sql => sql`true
  ${status.length > 0 ? sql`and m.status = any (${status})` : nothing}
  ${search === '' ? nothing : sql`and (m.to_address ilike ${likeAnywhere(search)} or m.subject ilike ${likeAnywhere(search)})`}`

/** Up to `limit` + 1 mails, the newest first; reversed when the position says back. */
export function listMail(tx: Tx, input: ListMail, position: Position | null): Promise<MailRecord[]> {
  const [order, beyond] = position?.back ? [sql`asc`, sql`>`] : [sql`desc`, sql`<`]
  const [key, id] = position?.values ?? []
  const after = position
    ? sql`and (m.created_at, m.id) ${beyond} (${String(key)}::timestamp at time zone 'UTC', ${String(id)}::uuid)`
    : nothing
  return tx.$queryRaw<MailRecord[]>`
    select ${COLUMNS} from mail_message m join tenant t on t.id = m.tenant_id where ${that(input)} ${after}
    order by m.created_at ${order}, m.id ${order} limit ${input.limit + 1}`
}

/** How many fit; stops counting at COUNT_CAP + 1. */
export async function countMail(tx: Tx, input: ListMail): Promise<number> {
  const [row] = await tx.$queryRaw<{ n: bigint }[]>`
    select count(*) as n from (select 1 from mail_message m where ${that(input)} limit ${COUNT_CAP + 1}) x`
  return Number(row?.n ?? 0)
}

export async function findMail(
  tx: Tx,
  id: string,
): Promise<(MailRecord & { body: Uint8Array | null }) | null> {
  const rows = await tx.$queryRaw<(MailRecord & { body: Uint8Array | null })[]>`
    select ${COLUMNS}, m.body from mail_message m join tenant t on t.id = m.tenant_id where m.id = ${id}::uuid`
  return rows[0] ?? null
}

/** Puts a failed mail back into the queue. @returns whether there was one */
export async function retryMail(tx: WriteTx, id: string): Promise<boolean> {
  const rows = await tx.$queryRaw<{ done: boolean }[]>`select wall.mail_retry(${id}::uuid) as done`
  return rows[0]?.done ?? false
}
