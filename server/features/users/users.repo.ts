import type { StoredAccess } from '@/lib/access'
import { MASTER_TENANT_ID } from '@/lib/master'
import type { Levels } from '@/lib/permissions'
import type { Tx, WriteTx } from '@/server/db/scope'
import { Prisma } from '@/server/generated/prisma/client'
import type { StoredRole } from '@/server/authz/rights'
import type { Position } from '@/server/platform/cursor'
import { COUNT_CAP, likeAnywhere } from '@/server/platform/page-schema'
import { USER_KINDS, type UserKind } from './users.policy'
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
  parentLevel: boolean
  /** Name of the identity source that says who they are; null: a password does. */
  source: string | null
  /** Name of the SCIM connection that provisions them; null: none. */
  provisionedBy: string | null
  /** Homed here, and a guest of another tenant. */
  elsewhere: boolean
  /** Names of the master's roles of somebody of the provider, in a subtenant. */
  providerRoles: string[] | null
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

/** What is compared and sorted by, as the indexes have it; the id makes the order total. */
const KEYS = {
  name: Prisma.sql`lower(coalesce(nullif(btrim(u.first_name || ' ' || u.last_name), ''), u.username))`,
  username: Prisma.sql`u.username`,
  email: Prisma.sql`lower(u.email)`,
  status: Prisma.sql`u.status`,
  lastSignIn: Prisma.sql`coalesce(u.last_sign_in_at, 'epoch'::timestamptz)`,
} as const

const columns = (
  tenantId: string,
) => Prisma.sql`u.id, u.home_tenant_id as "homeTenantId", u.username, u.email, u.first_name as "firstName",
  u.last_name as "lastName", u.status, u.created_at as "createdAt", u.last_sign_in_at as "lastSignInAt", c.must_change as "mustChange",
  c.expires_at as "passwordExpiresAt", u.parent_level as "parentLevel", u.provider_roles as "providerRoles",
  (not u.parent_level and wall.reaches_out(u.id)) as elsewhere,
  (select s.name from user_identity i join identity_source s on s.id = i.source_id
    where i.tenant_id = ${tenantId}::uuid and i.user_id = u.id) as source,
  (select n.name from scim_user p join scim_connection n on n.id = p.connection_id
    where p.tenant_id = ${tenantId}::uuid and p.user_id = u.id) as "provisionedBy",
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

/** When somebody from elsewhere was last signed in here: what they do in other tenants is not this one's to know. */
const lastHere = (tenantId: string, id: Prisma.Sql) =>
  Prisma.sql`(select max(s.created_at) from session s where s.tenant_id = ${tenantId}::uuid and s.user_id = ${id}) as last_sign_in_at`

/**
 * Where a tenant's people come from, as `u`: those homed there, guests, and the provider's who reach every subtenant. A list starts from
 * each of them by itself: homed people from an index in the order of the list, of whom there may be many; the others are few.
 */
const SOURCES: Record<UserKind, (tenantId: string) => Prisma.Sql> = {
  home: (tenantId) => Prisma.sql`user_account u where u.home_tenant_id = ${tenantId}::uuid`,
  guest: (tenantId) => Prisma.sql`(
    select g.id, g.home_tenant_id, g.username, g.email, g.first_name, g.last_name, g.created_at, g.parent_level,
      case when wall.guest_active(g.id) then g.status else 'disabled' end as status, ${lastHere(tenantId, Prisma.sql`g.id`)}
    from membership m join user_account g on g.id = m.user_id where m.tenant_id = ${tenantId}::uuid and m.guest) u where true`,
  provider: (tenantId) => Prisma.sql`(
    select p.id, ${MASTER_TENANT_ID}::uuid as home_tenant_id, p.username, p.email, p.first_name, p.last_name, p.created_at, true as parent_level,
      'active' as status, p.roles, ${lastHere(tenantId, Prisma.sql`p.id`)}
    from wall.parent_people() p) u where true`,
}
const fields = (
  kind: UserKind,
) => Prisma.sql`u.id, u.home_tenant_id, u.username, u.email, u.first_name, u.last_name, u.status, u.created_at,
  u.last_sign_in_at, u.parent_level, ${kind === 'provider' ? Prisma.sql`u.roles` : Prisma.sql`null::text[]`} as provider_roles`

type Filter = Pick<ListUsers, 'search' | 'status' | 'kind'>

/** The sources that fit; nobody comes to the master from elsewhere. */
const kindsOf = (tenantId: string, { kind }: Pick<Filter, 'kind'>): UserKind[] =>
  USER_KINDS.filter(
    (one) => (one === 'home' || tenantId !== MASTER_TENANT_ID) && (kind.length === 0 || kind.includes(one)),
  )

function conditions({ search, status }: Omit<Filter, 'kind'>): Prisma.Sql {
  const like = likeAnywhere(search)
  const states = status.length > 0 ? Prisma.sql`and u.status = any(${status})` : Prisma.empty
  const text =
    search === ''
      ? Prisma.empty
      : Prisma.sql`and (u.username ilike ${like} or u.email ilike ${like} or u.first_name || ' ' || u.last_name ilike ${like})`
  return Prisma.sql`${states} ${text}`
}

/** No rows where no source fits: a master's guests. */
const NOBODY = Prisma.sql`select ${fields('home')}, '' as key from user_account u where false`
const unionOf = (parts: Prisma.Sql[]): Prisma.Sql =>
  parts.length === 0 ? NOBODY : Prisma.join(parts, ' union all ')

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
  const type = input.sort === 'lastSignIn' ? Prisma.sql`timestamptz` : Prisma.sql`text`
  const after = position
    ? Prisma.sql`and (${key}, u.id) ${down ? Prisma.sql`<` : Prisma.sql`>`} (${String(position.values[0])}::text::${type}, ${String(position.values[1])}::uuid)`
    : Prisma.empty
  const pages = kindsOf(tenantId, input).map(
    (
      kind,
    ) => Prisma.sql`(select ${fields(kind)}, ${key} as key from ${SOURCES[kind](tenantId)} ${conditions(input)} ${after}
      order by ${key} ${direction}, u.id ${direction} limit ${input.limit + 1})`,
  )
  // The page first, then what belongs to its rows.
  return tx.$queryRaw<SortedRecord[]>`
    select ${columns(tenantId)}, u.key::text as key
    from (select * from (${unionOf(pages)}) u order by u.key ${direction}, u.id ${direction} limit ${input.limit + 1}) u
    ${credentialOf(tenantId)} order by u.key ${direction}, u.id ${direction}`
}

/** How many fit the filter; stops counting at COUNT_CAP + 1. */
export async function countUsers(tx: Tx, tenantId: string, input: Filter): Promise<number> {
  const everybody = input.search === '' && input.status.length === 0 && input.kind.length === 0
  const kinds = kindsOf(tenantId, input)
  const parts = (everybody ? kinds.filter((kind) => kind === 'provider') : kinds).map(
    (kind) =>
      Prisma.sql`(select u.id from ${SOURCES[kind](tenantId)} ${conditions(input)} limit ${COUNT_CAP + 1})`,
  )
  // Who is homed here and who is a guest are the members: an index alone counts them.
  if (everybody)
    parts.push(
      Prisma.sql`(select m.user_id from membership m where m.tenant_id = ${tenantId}::uuid limit ${COUNT_CAP + 1})`,
    )
  if (parts.length === 0) return 0
  const rows = await tx.$queryRaw<{ n: bigint }[]>`
    select count(*) as n from (${unionOf(parts)}) counted`
  return Number(rows[0]?.n ?? 0)
}

/** One person of the tenant; null: none of its people. */
export async function findUser(tx: Tx, tenantId: string, id: string): Promise<UserRecord | null> {
  const parts = kindsOf(tenantId, { kind: [] }).map(
    (kind) => Prisma.sql`(select ${fields(kind)} from ${SOURCES[kind](tenantId)} and u.id = ${id}::uuid)`,
  )
  const rows = await tx.$queryRaw<UserRecord[]>`
    select ${columns(tenantId)} from (${unionOf(parts)}) u ${credentialOf(tenantId)}`
  return rows[0] ?? null
}

/** How many active people of the tenant that is acted in hold one of these built-in roles. */
export async function countHolders(tx: Tx, builtIn: readonly string[]): Promise<number> {
  const rows = await tx.$queryRaw<{ n: bigint }[]>`select wall.holders_active(${[...builtIn]}::text[]) as n`
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

/** Ends a guest's membership of the tenant that is acted in, with roles and sessions there. @returns sessions ended; null: no guest */
export async function removeGuest(tx: WriteTx, userId: string): Promise<number | null> {
  const rows = await tx.$queryRaw<{ n: number | null }[]>`select wall.guest_remove(${userId}::uuid) as n`
  return rows[0]?.n ?? null
}

/** What became of adding a guest; see wall.guest_add. */
export type GuestOutcome =
  'ok' | 'unknown' | 'parent' | 'master' | 'home' | 'moved' | 'closed' | 'home_closed' | 'disabled' | 'member'

/** Makes somebody homed in another subtenant a member of the one that is acted in. */
export async function addGuest(tx: WriteTx, userId: string, homeId: string): Promise<GuestOutcome> {
  const rows = await tx.$queryRaw<{ outcome: GuestOutcome }[]>`
    select wall.guest_add(${userId}::uuid, ${homeId}::uuid) as outcome`
  return rows[0]?.outcome ?? 'unknown'
}

/** Names of tenants, for the master. */
export async function tenantNames(tx: Tx, ids: readonly string[]) {
  return tx.tenant.findMany({ where: { id: { in: [...ids] } }, select: { id: true, name: true, slug: true } })
}

/** Another tenant of which whoever acts is a member, with what decides their rights there. */
export interface OwnMembership {
  id: string
  name: string
  slug: string
  cap: StoredRole
  roles: StoredRole[]
}

/** The other active subtenants of which whoever acts is a member. */
export const ownMemberships = (tx: Tx): Promise<OwnMembership[]> =>
  tx.$queryRaw<OwnMembership[]>`select tenant_id as id, name, slug, cap, roles from wall.my_memberships()`

/** Somebody with an account in another tenant, who is no member of the one that is acted in. */
export interface PersonElsewhere {
  id: string
  username: string
  email: string
  firstName: string
  lastName: string
  homeId: string
  homeName: string
  homeSlug: string
}

/** People homed in these tenants. @param tenantIds null: in all, for the provider @param id of the only one that is meant */
export const peopleElsewhere = (
  tx: Tx,
  tenantIds: readonly string[] | null,
  { search = '', id = null, limit = 1 }: { search?: string; id?: string | null; limit?: number },
): Promise<PersonElsewhere[]> =>
  tx.$queryRaw<PersonElsewhere[]>`
    select id, username, email, first_name as "firstName", last_name as "lastName", home_tenant_id as "homeId", home_name as "homeName",
      home_slug as "homeSlug"
    from wall.people_elsewhere(${tenantIds === null ? null : [...tenantIds]}::uuid[], ${id}::uuid, ${likeAnywhere(search)}, ${limit}::int)`

/** Where somebody is homed, for the master; null: nobody, or in a tenant that is deleted. */
export async function homeOf(tx: Tx, id: string): Promise<string | null> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select tenant_id as id from wall.person_memberships(${id}::uuid) where not guest`
  return rows[0]?.id ?? null
}

/** Whether somebody homed in the tenant that is acted in may be writing in others: a parent-level user, or a guest somewhere. */
export async function reachesOut(tx: Tx, userId: string): Promise<boolean> {
  const rows = await tx.$queryRaw<{ out: boolean }[]>`select wall.reaches_out(${userId}::uuid) as out`
  return rows[0]?.out ?? false
}
