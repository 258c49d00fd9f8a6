import { MASTER_TENANT_ID } from '@/lib/master'
import type { Tx, WriteTx } from '@/server/db/scope'
import { Prisma } from '@/server/generated/prisma/client'
import type { Position } from '@/server/platform/cursor'
import { COUNT_CAP, likeAnywhere } from '@/server/platform/page-schema'
import type { CreateTenant, TenantFilter } from './tenants.schema'

export interface TenantRecord {
  id: string
  name: string
  slug: string
  icon: string
  status: 'active' | 'disabled' | 'deleted'
  statusReason: string
  createdAt: Date
  purgeAfter: Date | null
  roleId: string | null
  roleName: string | null
}
type SortedRecord = TenantRecord & { keyName: string; keyCreated: string }

const COLUMNS = Prisma.sql`t.id, t.name, t.slug, t.icon, t.status, t.status_reason as "statusReason", t.created_at as "createdAt",
  t.purge_after as "purgeAfter", r.id as "roleId", r.name as "roleName"`
/** The sort columns, the id last, so that the order is total. Names sort without regard to case. */
const KEYS = {
  name: [Prisma.sql`lower(t.name)`, Prisma.sql`t.id`],
  status: [Prisma.sql`t.status`, Prisma.sql`lower(t.name)`, Prisma.sql`t.id`],
  createdAt: [Prisma.sql`t.created_at`, Prisma.sql`t.id`],
} as const
const CASTS = {
  name: [Prisma.sql`text`, Prisma.sql`uuid`],
  status: [Prisma.sql`text`, Prisma.sql`text`, Prisma.sql`uuid`],
  createdAt: [Prisma.sql`timestamptz`, Prisma.sql`uuid`],
} as const

/** A row's values of its sort columns, as the next page's query compares them. */
export function sortValues(sort: TenantFilter['sort'], row: SortedRecord): string[] {
  if (sort === 'createdAt') return [row.keyCreated, row.id]
  return sort === 'status' ? [row.status, row.keyName, row.id] : [row.keyName, row.id]
}

/** Without a chosen status: all but deleted ones, as the index of names has them. */
function where({ search, status }: Pick<TenantFilter, 'search' | 'status'>): Prisma.Sql {
  const states = status.length > 0 ? Prisma.sql`t.status = any(${status})` : Prisma.sql`t.status <> 'deleted'`
  const like = likeAnywhere(search)
  return search === '' ? states : Prisma.sql`${states} and (t.name ilike ${like} or t.slug ilike ${like})`
}

/** Up to `limit` + 1 tenants from `position` on; reversed when that says back. */
export function listTenants(
  tx: Tx,
  filter: TenantFilter,
  position: Position | null,
  limit: number,
): Promise<SortedRecord[]> {
  const down = filter.desc !== (position?.back ?? false)
  const direction = down ? Prisma.sql`desc` : Prisma.sql`asc`
  const keys = KEYS[filter.sort]
  const place = position?.values
    .slice(0, keys.length)
    .map((value, i) => Prisma.sql`${String(value)}::${CASTS[filter.sort][i] ?? Prisma.sql`text`}`)
  const after = place
    ? Prisma.sql`and (${Prisma.join([...keys])}) ${down ? Prisma.sql`<` : Prisma.sql`>`} (${Prisma.join(place)})`
    : Prisma.empty
  const order = Prisma.join(keys.map((key) => Prisma.sql`${key} ${direction}`))
  // The page first: what is computed of each row must not be computed of all before the sort.
  return tx.$queryRaw<SortedRecord[]>`
    select ${COLUMNS}, lower(t.name) as "keyName", to_char(t.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "keyCreated"
    from (select t.* from tenant t where ${where(filter)} ${after} order by ${order} limit ${limit + 1}) t
    left join tenant_role r on r.id = t.tenant_role_id order by ${order}`
}

/** How many fit the filter; stops counting at COUNT_CAP + 1. */
export async function countTenants(tx: Tx, filter: Pick<TenantFilter, 'search' | 'status'>): Promise<number> {
  const rows = await tx.$queryRaw<{ n: bigint }[]>`
    select count(*) as n from (select 1 from tenant t where ${where(filter)} limit ${COUNT_CAP + 1}) counted`
  return Number(rows[0]?.n ?? 0)
}

/** Instances and users of each tenant, by id. */
export async function totalsOf(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, { instances: number; users: number }>> {
  const rows = await tx.$queryRaw<{ tenant_id: string; instances: bigint; users: bigint }[]>`
    select * from wall.tenant_totals(${[...ids]}::uuid[])`
  return new Map(
    rows.map((row) => [row.tenant_id, { instances: Number(row.instances), users: Number(row.users) }]),
  )
}

/** One tenant with all its fields, whatever its status. */
export function findTenant(tx: Tx, id: string) {
  return tx.tenant.findUnique({
    where: { id },
    include: { tenantRole: { select: { id: true, name: true } } },
  })
}
export type FullTenant = NonNullable<Awaited<ReturnType<typeof findTenant>>>

export async function tenantRoleExists(tx: Tx, id: string): Promise<boolean> {
  return (await tx.tenantRole.count({ where: { id } })) > 0
}

/** Whether a tenant, living, deleted or gone for less than 90 days, has the subdomain (PRODUCT rule 18). */
export async function slugTaken(tx: Tx, slug: string): Promise<boolean> {
  const rows = await tx.$queryRaw<{ taken: boolean }[]>`
    select exists (select 1 from tenant where slug = ${slug}) or exists (select 1 from slug_rest where slug = ${slug} and until > now()) as taken`
  return rows[0]?.taken ?? true
}

/** Whether another living tenant has the name, whatever its case. */
export async function nameTaken(tx: Tx, name: string, exceptId?: string): Promise<boolean> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select id from tenant where lower(name) = lower(${name}) and status <> 'deleted' limit 2`
  return rows.some(({ id }) => id !== exceptId)
}

/** False when a tenant with that name or subdomain came first. */
export async function insertTenant(tx: WriteTx, id: string, t: CreateTenant): Promise<boolean> {
  const inserted = await tx.$executeRaw`
    insert into tenant (id, slug, name, description, icon, tenant_role_id, currency, account_number, account_name, customer_number)
    values (${id}::uuid, ${t.slug}, ${t.name}, ${t.description}, ${t.icon}, ${t.tenantRoleId}::uuid, ${t.currency}, ${t.accountNumber},
      ${t.accountName}, ${t.customerNumber})
    on conflict do nothing`
  return inserted === 1
}

/** Changes fields of a tenant; `updated_at` follows. */
export async function updateTenant(
  tx: WriteTx,
  id: string,
  data: Prisma.TenantUncheckedUpdateInput,
): Promise<void> {
  await tx.tenant.update({ where: { id }, data: { ...data, updatedAt: new Date() }, select: { id: true } })
}

/** What was skipped of the guided set-up; `updated_at` stays, so that no open form is refused for it. */
export async function saveSetup(tx: WriteTx, id: string, setup: Prisma.InputJsonObject): Promise<void> {
  await tx.tenant.update({ where: { id }, data: { setup }, select: { id: true } })
}

/** Tenants that these share with, or have offered something. */
export async function sharePartners(tx: Tx, owners: readonly string[]): Promise<string[]> {
  if (owners.length === 0) return []
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select p.tenant_id as id from wall.share_partners(${[...owners]}::uuid[]) p`
  return rows.map(({ id }) => id)
}

/** Ends all sessions in the tenant. @returns how many */
export async function endSessions(tx: WriteTx, id: string): Promise<number> {
  const rows = await tx.$queryRaw<{ n: number }[]>`select wall.tenant_sessions_end(${id}::uuid) as n`
  return rows[0]?.n ?? 0
}

/** Hosts that the master owns and dedicated to the tenant: how many, and the first ones by name. */
export async function dedicatedHosts(tx: Tx, id: string, most: number): Promise<Counted> {
  const rows = await tx.$queryRaw<{ total: bigint; names: string[] | null }[]>`
    select count(*) as total, (array_agg(r.name order by r.name))[1:${most}::int] as names from resource r
    where r.assigned_id = ${id}::uuid and r.owner_id = ${MASTER_TENANT_ID}::uuid and r.kind = 'host'`
  return { total: Number(rows[0]?.total ?? 0), names: rows[0]?.names ?? [] }
}

/** What the master owns and had assigned to the tenant comes back to it. @returns how many resources */
export function returnResources(tx: WriteTx, id: string): Promise<number> {
  return tx.$executeRaw`
    update resource set assigned_id = ${MASTER_TENANT_ID}::uuid, updated_at = now()
    where assigned_id = ${id}::uuid and owner_id = ${MASTER_TENANT_ID}::uuid`
}

/** From now on nobody gets the subdomain for `days`. */
export async function restSlug(tx: WriteTx, slug: string, tenantId: string, days: number): Promise<void> {
  await wakeSlug(tx, slug)
  await tx.$executeRaw`
    insert into slug_rest (slug, tenant_id, until) values (${slug}, ${tenantId}::uuid, now() + make_interval(days => ${days}::int))`
}

/** The subdomain's rest is over: its tenant is back. */
export async function wakeSlug(tx: WriteTx, slug: string): Promise<void> {
  await tx.$executeRaw`delete from slug_rest where slug = ${slug}`
}

interface Counted {
  total: number
  names: string[]
}

/** Users homed in the tenant: how many, and the first 50 by name. In a drill-in. */
export async function usersOf(tx: Tx, tenantId: string): Promise<Counted & { signedIn: boolean }> {
  const rows = await tx.$queryRaw<{ total: bigint; names: string[] | null; signed_in: boolean | null }[]>`
    select count(*) as total, (array_agg(person order by lower(person)) )[1:50] as names, bool_or(last_sign_in_at is not null) as signed_in
    from (select btrim(first_name || ' ' || last_name || ' (' || username || ')') as person, last_sign_in_at
          from user_account where home_tenant_id = ${tenantId}::uuid) people`
  const [row] = rows
  return { total: Number(row?.total ?? 0), names: row?.names ?? [], signedIn: row?.signed_in ?? false }
}

interface OfKind extends Counted {
  kind: string
}

/** What the tenant uses, by owner and kind: how many, and the first 50 by name; `agents`: of its own hosts that ever reported. In a drill-in. */
export async function thingsOf(
  tx: Tx,
  tenantId: string,
): Promise<{ owned: OfKind[]; returned: OfKind[]; agents: number }> {
  const rows = await tx.$queryRaw<
    { own: boolean; kind: string; total: bigint; names: string[]; agents: bigint }[]
  >`
    select r.owner_id = ${tenantId}::uuid as own, r.kind, count(*) as total, (array_agg(r.name order by r.name))[1:50] as names, count(s.last_seen_at) as agents
    from resource r left join resource_state s on s.resource_id = r.id
    where r.assigned_id = ${tenantId}::uuid group by 1, 2 order by 2`
  const of = (own: boolean) =>
    rows
      .filter((row) => row.own === own)
      .map(({ kind, total, names }) => ({ kind, total: Number(total), names }))
  const agents = rows.filter((row) => row.own).reduce((sum, row) => sum + Number(row.agents), 0)
  return { owned: of(true), returned: of(false), agents }
}

/** Roles, groups and shares of the tenant. In a drill-in. */
export async function rulesOf(
  tx: Tx,
  tenantId: string,
): Promise<{ roles: number; groups: number; sharesOut: number; sharesIn: number }> {
  const rows = await tx.$queryRaw<Record<'roles' | 'groups' | 'out' | 'in', bigint>[]>`
    select (select count(*) from user_role r where r.tenant_id = ${tenantId}::uuid) as roles,
      (select count(*) from resource_group g where g.tenant_id = ${tenantId}::uuid) as groups,
      (select count(*) from access_grant g where g.owner_id = ${tenantId}::uuid) as out,
      (select count(*) from access_grant g where g.tenant_id = ${tenantId}::uuid) as in`
  const [row] = rows
  return {
    roles: Number(row?.roles ?? 0),
    groups: Number(row?.groups ?? 0),
    sharesOut: Number(row?.out ?? 0),
    sharesIn: Number(row?.in ?? 0),
  }
}

/** Live enrolment tokens and sessions of the tenant. In a drill-in. */
export async function keysOf(
  tx: Tx,
  tenantId: string,
): Promise<{ enrolmentTokens: number; sessions: number }> {
  const rows = await tx.$queryRaw<{ tokens: bigint; sessions: bigint }[]>`
    select (select count(*) from enrolment_token e where e.tenant_id = ${tenantId}::uuid and e.revoked_at is null and e.expires_at > now()
              and e.uses < e.max_uses) as tokens,
           (select count(*) from session s where s.tenant_id = ${tenantId}::uuid and s.revoked_at is null and s.idle_expires_at > now()
              and s.absolute_expires_at > now()) as sessions`
  return { enrolmentTokens: Number(rows[0]?.tokens ?? 0), sessions: Number(rows[0]?.sessions ?? 0) }
}

export interface TenantChoice {
  id: string
  name: string
  icon: string
  status: string
}

/** Tenants that something may be given to, by name. Only the master's scope sees more than its own. */
export function findTenantChoices(tx: Tx, search: string, limit: number): Promise<TenantChoice[]> {
  const match = search ? Prisma.sql`and position(lower(${search}) in lower(t.name)) > 0` : Prisma.empty
  return tx.$queryRaw<TenantChoice[]>`
    select t.id, t.name, t.icon, t.status from tenant t where t.status = 'active' ${match} order by lower(t.name), t.id limit ${limit}`
}

export function findTenantChoice(tx: Tx, id: string): Promise<TenantChoice | null> {
  return tx.tenant.findFirst({
    where: { id, status: { not: 'deleted' } },
    select: { id: true, name: true, icon: true, status: true },
  })
}
