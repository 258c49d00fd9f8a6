import type { Tx, WriteTx } from '@/server/db/scope'
import { nothing, type Sql, sql } from '@/server/db/sql'
import type { Position } from '@/server/platform/cursor'
import { COUNT_CAP, likeAnywhere } from '@/server/platform/page-schema'
import type { ListInvitations } from './invitations.schema'

export interface NewInvitation {
  email: string
  /** Null: the tenant's default role at the time of acceptance. */
  roleId: string | null
  /** Of the link's token, in hex. */
  tokenHash: string
  sends: number
}
interface By {
  id: string
  name: string
}

/** Puts invitations in, for 7 days, in one statement. Without RETURNING: the token's hash is nobody's to read. */
export async function insertInvitations(
  tx: WriteTx,
  tenantId: string,
  list: readonly NewInvitation[],
  by: By,
): Promise<void> {
  if (list.length === 0) return
  await tx.$executeRaw`
    insert into invitation (id, tenant_id, email, gives_role_id, token_hash, sends, invited_by, invited_by_name, expires_at)
    select gen_random_uuid(), ${tenantId}::uuid, x.email, nullif(x.role_id, '')::uuid, decode(x.token_hash, 'hex'), x.sends, ${by.id}::uuid, ${by.name},
      now() + interval '7 days'
    from unnest(${list.map((one) => one.email)}::text[], ${list.map((one) => one.roleId ?? '')}::text[], ${list.map((one) => one.tokenHash)}::text[],
      ${list.map((one) => one.sends)}::int[]) x(email, role_id, token_hash, sends)`
}

export interface InvitationRecord {
  id: string
  email: string
  roleId: string | null
  roleName: string | null
  outcome: 'accepted' | 'declined' | 'revoked' | null
  expired: boolean
  sends: number
  by: string
  createdAt: Date
  expiresAt: Date
  endedAt: Date | null
  key: string
}

const STATUS = sql`coalesce(i.outcome, case when i.expires_at <= now() then 'expired' else 'pending' end)`
/** The place in a list: to the microsecond. */
export const INVITATION_KEY = sql`to_char(i.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`
const COLUMNS = sql`i.id, i.email, i.gives_role_id as "roleId", r.name as "roleName", i.outcome, i.expires_at <= now() as expired, i.sends,
  i.invited_by_name as by, i.created_at as "createdAt", i.expires_at as "expiresAt", i.ended_at as "endedAt",
  ${INVITATION_KEY} as key`
const that = (tenantId: string, { search, status }: Pick<ListInvitations, 'search' | 'status'>): Sql => sql`
  i.tenant_id = ${tenantId}::uuid
  ${status.length > 0 ? sql`and ${STATUS} = any (${status})` : nothing}
  ${search === '' ? nothing : sql`and i.email ilike ${likeAnywhere(search)}`}`

/** Up to `limit` + 1 invitations, the newest first; reversed when the position says back. */
export function listInvitations(
  tx: Tx,
  tenantId: string,
  input: ListInvitations,
  position: Position | null,
): Promise<InvitationRecord[]> {
  const [order, beyond] = position?.back ? [sql`asc`, sql`>`] : [sql`desc`, sql`<`]
  const [key, id] = position?.values ?? []
  const after = position
    ? sql`and (i.created_at, i.id) ${beyond} (${String(key)}::timestamp at time zone 'UTC', ${String(id)}::uuid)`
    : nothing
  return tx.$queryRaw<InvitationRecord[]>`
    select ${COLUMNS} from invitation i left join user_role r on r.id = i.gives_role_id where ${that(tenantId, input)} ${after}
    order by i.created_at ${order}, i.id ${order} limit ${input.limit + 1}`
}

/** How many fit; stops counting at COUNT_CAP + 1. */
export async function countInvitations(
  tx: Tx,
  tenantId: string,
  input: Pick<ListInvitations, 'search' | 'status'>,
): Promise<number> {
  const [row] = await tx.$queryRaw<{ n: bigint }[]>`
    select count(*) as n from (select 1 from invitation i where ${that(tenantId, input)} limit ${COUNT_CAP + 1}) x`
  return Number(row?.n ?? 0)
}

export async function findInvitation(tx: Tx, tenantId: string, id: string): Promise<InvitationRecord | null> {
  const rows = await tx.$queryRaw<InvitationRecord[]>`
    select ${COLUMNS} from invitation i left join user_role r on r.id = i.gives_role_id
    where i.tenant_id = ${tenantId}::uuid and i.id = ${id}::uuid`
  return rows[0] ?? null
}

/** Takes pending ones back. @returns how many of them were pending still */
export async function revokeInvitations(
  tx: WriteTx,
  tenantId: string,
  ids: readonly string[],
): Promise<number> {
  if (ids.length === 0) return 0
  return tx.$executeRaw`
    update invitation set outcome = 'revoked', ended_at = now()
    where tenant_id = ${tenantId}::uuid and id = any (${[...ids]}::uuid[]) and outcome is null`
}

export async function setRole(
  tx: WriteTx,
  tenantId: string,
  id: string,
  roleId: string | null,
): Promise<boolean> {
  const n = await tx.$executeRaw`
    update invitation set gives_role_id = ${roleId}::uuid
    where tenant_id = ${tenantId}::uuid and id = ${id}::uuid and outcome is null`
  return n > 0
}

/** Addresses among these that wait already, with their pending invitations; ones that ran out are made room for. */
export async function pendingOf(tx: Tx, tenantId: string, emails: readonly string[]) {
  return tx.$queryRaw<{ id: string; email: string; expired: boolean }[]>`
    select i.id, i.email, i.expires_at <= now() as expired from invitation i
    where i.tenant_id = ${tenantId}::uuid and i.outcome is null and i.email = any (${[...emails]})`
}

/** Which of these addresses belong to people of the tenant already. */
export async function membersOf(tx: Tx, tenantId: string, emails: readonly string[]): Promise<string[]> {
  const rows = await tx.$queryRaw<{ email: string }[]>`
    select distinct lower(u.email) as email from membership m join user_account u on u.id = m.user_id
    where m.tenant_id = ${tenantId}::uuid and lower(u.email) = any (${[...emails]})`
  return rows.map(({ email }) => email)
}

/** Id of the role that people get who are invited without one. */
export async function defaultRoleId(tx: Tx): Promise<string> {
  const rows = await tx.$queryRaw<{ id: string }[]>`select wall.ctx_default_role() as id`
  return rows[0]?.id ?? ''
}

export async function setDefaultRole(tx: WriteTx, roleId: string): Promise<boolean> {
  const rows = await tx.$queryRaw<{ done: boolean }[]>`select wall.default_role_set(${roleId}::uuid) as done`
  return rows[0]?.done ?? false
}
