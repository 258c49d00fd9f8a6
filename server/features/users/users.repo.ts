import type { StoredAccess } from '@/lib/access'
import type { Levels } from '@/lib/permissions'
import type { Tx, WriteTx } from '@/server/db/scope'
import { Prisma } from '@/server/generated/prisma/client'
import type { Position } from '@/server/platform/cursor'
import { COUNT_CAP, likeAnywhere } from '@/server/platform/page-schema'
import type { ListUsers } from './users.schema'

export interface UserRecord {
  id: string
  homeTenantId: string
  username: string
  email: string
  firstName: string
  lastName: string
  status: 'active' | 'disabled'
  createdAt: Date
  lastSignInAt: Date | null
  mustChange: boolean | null
  passwordExpiresAt: Date | null
  /** Live assignments. */
  roles: {
    id: string
    name: string
    builtIn: string | null
    levels: Levels
    access: StoredAccess
    scope: string
  }[]
  /** All of them, ended ones too. */
  assignments: { roleId: string; name: string; scope: string; expiresAt: string | null; ended: boolean }[]
}
type SortedRecord = UserRecord & { key: string }

/** What is compared and sorted by; the id makes the order total. */
const KEYS = {
  name: Prisma.sql`lower(coalesce(nullif(btrim(u.first_name || ' ' || u.last_name), ''), u.username))`,
  username: Prisma.sql`u.username`,
  email: Prisma.sql`lower(u.email)`,
  status: Prisma.sql`u.status`,
  lastSignIn: Prisma.sql`to_char(coalesce(u.last_sign_in_at, 'epoch') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`,
} as const

const columns = (
  tenantId: string,
) => Prisma.sql`u.id, u.home_tenant_id as "homeTenantId", u.username, u.email, u.first_name as "firstName",
  u.last_name as "lastName", u.status, u.created_at as "createdAt", u.last_sign_in_at as "lastSignInAt", c.must_change as "mustChange",
  c.expires_at as "passwordExpiresAt",
  coalesce((select jsonb_agg(jsonb_build_object('id', r.id, 'name', r.name, 'builtIn', r.built_in, 'levels', r.levels, 'access', r.access,
    'scope', ra.scope) order by r.name, ra.scope)
    from role_assignment ra join user_role r on r.id = ra.role_id
    where ra.tenant_id = ${tenantId}::uuid and ra.user_id = u.id and (ra.expires_at is null or ra.expires_at > now())), '[]') as roles,
  coalesce((select jsonb_agg(jsonb_build_object('roleId', r.id, 'name', r.name, 'scope', ra.scope, 'expiresAt', ra.expires_at,
      'ended', coalesce(ra.expires_at <= now(), false)) order by r.name, ra.scope)
    from role_assignment ra join user_role r on r.id = ra.role_id
    where ra.tenant_id = ${tenantId}::uuid and ra.user_id = u.id), '[]') as assignments`

const credentialOf = (tenantId: string) =>
  Prisma.sql`left join user_credential c on c.user_id = u.id and c.tenant_id = ${tenantId}::uuid`

/**
 * The tenant's people that fit. Starts from its memberships, of which everybody homed there has one too: from user_account it
 * would read the people of all tenants.
 */
function peopleOf(tenantId: string, { search, status }: Pick<ListUsers, 'search' | 'status'>): Prisma.Sql {
  const like = likeAnywhere(search)
  const states = status.length > 0 ? Prisma.sql`and u.status = any(${status})` : Prisma.empty
  const text =
    search === ''
      ? Prisma.empty
      : Prisma.sql`and (u.username ilike ${like} or u.email ilike ${like} or u.first_name || ' ' || u.last_name ilike ${like})`
  return Prisma.sql`membership m join user_account u on u.id = m.user_id where m.tenant_id = ${tenantId}::uuid ${states} ${text}`
}

/** Up to `limit` + 1 users from `position` on; reversed when that says back. */
export function listUsers(
  tx: Tx,
  tenantId: string,
  input: ListUsers,
  position: Position | null,
): Promise<SortedRecord[]> {
  const down = input.desc !== (position?.back ?? false)
  const direction = down ? Prisma.sql`desc` : Prisma.sql`asc`
  const key = KEYS[input.sort]
  const order = Prisma.sql`order by ${key} ${direction}, u.id ${direction}`
  const after = position
    ? Prisma.sql`and (${key}, u.id) ${down ? Prisma.sql`<` : Prisma.sql`>`} (${String(position.values[0])}, ${String(position.values[1])}::uuid)`
    : Prisma.empty
  // The page first, then what belongs to its rows.
  return tx.$queryRaw<SortedRecord[]>`
    select ${columns(tenantId)}, ${key} as key
    from (select u.* from ${peopleOf(tenantId, input)} ${after} ${order} limit ${input.limit + 1}) u
    ${credentialOf(tenantId)} ${order}`
}

/** How many fit the filter; stops counting at COUNT_CAP + 1. */
export async function countUsers(
  tx: Tx,
  tenantId: string,
  input: Pick<ListUsers, 'search' | 'status'>,
): Promise<number> {
  const rows = await tx.$queryRaw<{ n: bigint }[]>`
    select count(*) as n from (select 1 from ${peopleOf(tenantId, input)} limit ${COUNT_CAP + 1}) counted`
  return Number(rows[0]?.n ?? 0)
}

/** One person of the tenant; null: none of its people. */
export async function findUser(tx: Tx, tenantId: string, id: string): Promise<UserRecord | null> {
  const rows = await tx.$queryRaw<UserRecord[]>`
    select ${columns(tenantId)} from user_account u ${credentialOf(tenantId)}
    where u.id = ${id}::uuid and (u.home_tenant_id = ${tenantId}::uuid
      or exists (select 1 from membership m where m.user_id = u.id and m.tenant_id = ${tenantId}::uuid))`
  return rows[0] ?? null
}

/** How many active people of the tenant hold one of these built-in roles. */
export async function countHolders(tx: Tx, tenantId: string, builtIn: readonly string[]): Promise<number> {
  const rows = await tx.$queryRaw<{ n: bigint }[]>`
    select count(distinct u.id) as n from role_assignment ra
    join user_role r on r.id = ra.role_id and r.built_in = any(${[...builtIn]})
    join user_account u on u.id = ra.user_id and u.status = 'active'
    where ra.tenant_id = ${tenantId}::uuid and (ra.expires_at is null or ra.expires_at > now())`
  return Number(rows[0]?.n ?? 0)
}

/** Status of the tenant that is acted in. */
export async function tenantStatus(tx: Tx, tenantId: string): Promise<string | null> {
  const tenant = await tx.tenant.findUnique({ where: { id: tenantId }, select: { status: true } })
  return tenant?.status ?? null
}

export interface NewUser {
  id: string
  username: string
  email: string
  firstName: string
  lastName: string
  createdBy: string
}

/** A user homed in the tenant, with its membership. False when the username is taken there. */
export async function insertUser(tx: WriteTx, tenantId: string, u: NewUser): Promise<boolean> {
  const inserted = await tx.$executeRaw`
    insert into user_account (id, home_tenant_id, username, email, first_name, last_name, created_by)
    values (${u.id}::uuid, ${tenantId}::uuid, ${u.username}, ${u.email}, ${u.firstName}, ${u.lastName}, ${u.createdBy}::uuid)
    on conflict do nothing`
  if (inserted !== 1) return false
  await tx.$executeRaw`insert into membership (tenant_id, user_id) values (${tenantId}::uuid, ${u.id}::uuid)`
  return true
}

/**
 * Sets a password that an administrator knows: it must be changed at the first sign-in, within `hours`. Two statements: the
 * hash cannot be read, not even as what an upsert was about to insert.
 */
export async function setPassword(
  tx: WriteTx,
  tenantId: string,
  userId: string,
  hash: string,
  hours: number,
): Promise<void> {
  const updated = await tx.$executeRaw`
    update user_credential set password_hash = ${hash}, changed_at = now(), must_change = true, expires_at = now() + make_interval(hours => ${hours}::int)
    where user_id = ${userId}::uuid and tenant_id = ${tenantId}::uuid`
  if (updated > 0) return
  await tx.$executeRaw`
    insert into user_credential (user_id, tenant_id, password_hash, must_change, expires_at)
    values (${userId}::uuid, ${tenantId}::uuid, ${hash}, true, now() + make_interval(hours => ${hours}::int))`
}

/**
 * Gives exactly these roles in the tenant. One that is held already stays as it is, in its scopes and until its end; a new one holds in the whole
 * tenant, for good.
 */
export async function replaceRoles(
  tx: WriteTx,
  tenantId: string,
  userId: string,
  roleIds: readonly string[],
  by: string,
): Promise<void> {
  await tx.$executeRaw`
    delete from role_assignment where tenant_id = ${tenantId}::uuid and user_id = ${userId}::uuid
      and (role_id <> all(${[...roleIds]}::uuid[]) or expires_at <= now())`
  await tx.$executeRaw`
    insert into role_assignment (tenant_id, user_id, role_id, created_by)
    select ${tenantId}::uuid, ${userId}::uuid, r, ${by}::uuid from unnest(${[...roleIds]}::uuid[]) r
    where not exists (select 1 from role_assignment ra where ra.tenant_id = ${tenantId}::uuid and ra.user_id = ${userId}::uuid and ra.role_id = r)`
}

/** Gives exactly these assignments in the tenant; one that is there keeps who made it and when. */
export async function replaceAssignments(
  tx: WriteTx,
  tenantId: string,
  userId: string,
  list: readonly { roleId: string; scope: string; expiresAt: string | null }[],
  by: string,
): Promise<void> {
  const roles = list.map(({ roleId }) => roleId)
  const scopes = list.map(({ scope }) => scope)
  const ends = list.map(({ expiresAt }) => expiresAt)
  const wanted = Prisma.sql`unnest(${roles}::uuid[], ${scopes}::text[], ${ends}::timestamptz[]) w(role_id, scope, expires_at)`
  await tx.$executeRaw`
    delete from role_assignment ra where ra.tenant_id = ${tenantId}::uuid and ra.user_id = ${userId}::uuid
      and not exists (select 1 from ${wanted} where w.role_id = ra.role_id and w.scope = ra.scope)`
  await tx.$executeRaw`
    insert into role_assignment (tenant_id, user_id, role_id, scope, expires_at, created_by)
    select ${tenantId}::uuid, ${userId}::uuid, w.role_id, w.scope, w.expires_at, ${by}::uuid from ${wanted}
    on conflict (tenant_id, user_id, role_id, scope) do update set expires_at = excluded.expires_at`
}

export type UserChange = Partial<Pick<UserRecord, 'username' | 'email' | 'firstName' | 'lastName' | 'status'>>

/** Changes an account that is homed in the tenant. */
export async function updateUser(tx: WriteTx, tenantId: string, id: string, data: UserChange): Promise<void> {
  await tx.user.updateMany({
    where: { id, homeTenantId: tenantId },
    data: { ...data, updatedAt: new Date() },
  })
}

/** Removes an account homed in the tenant, with its password, memberships, roles and sessions. */
export async function deleteUser(tx: WriteTx, tenantId: string, id: string): Promise<void> {
  await tx.$executeRaw`delete from user_account where id = ${id}::uuid and home_tenant_id = ${tenantId}::uuid`
}

/** Ends all sessions of a person homed in the tenant, in every tenant. @returns how many */
export async function endSessions(tx: WriteTx, userId: string): Promise<number> {
  const rows = await tx.$queryRaw<{ n: number }[]>`select wall.user_sessions_end(${userId}::uuid) as n`
  return rows[0]?.n ?? 0
}

/** Ends a guest's sessions in this tenant only. @returns how many */
export function endSessionsHere(tx: WriteTx, tenantId: string, userId: string): Promise<number> {
  return tx.$executeRaw`
    update session set revoked_at = now() where tenant_id = ${tenantId}::uuid and user_id = ${userId}::uuid and revoked_at is null`
}
