import type { StoredAccess } from '@/lib/access'
import { MASTER_TENANT_ID } from '@/lib/master'
import type { Levels } from '@/lib/permissions'
import type { Holder } from '@/server/authz/effects'
import type { HeldRole } from '@/server/authz/reach'
import type { StoredRole } from '@/server/authz/rights'
import type { Tx } from '@/server/db/scope'
import { joinSql, type Sql, sql } from '@/server/db/sql'

export interface RoleRecord {
  id: string
  tenantId: string
  name: string
  description: string
  builtIn: string | null
  multiTenant: boolean
  locked: boolean
  templateId: string | null
  /** Of a copy: whether its template is locked now. */
  templateLocked: boolean | null
  levels: Levels
  access: StoredAccess
  landing: string
  updatedAt: Date
}

const COLUMNS = sql`r.id, r.tenant_id as "tenantId", r.name, r.description, r.built_in as "builtIn", r.multi_tenant as "multiTenant", r.locked,
  r.template_id as "templateId", (select o.locked from user_role o where o.id = r.template_id) as "templateLocked", r.levels, r.access, r.landing, r.updated_at as "updatedAt"`

/**
 * The roles of a tenant: its own, and in a subtenant the master's templates but for those that it edited (rule 7). Its own filter beside the
 * policy's, so that each layer holds alone.
 */
const visible = (tenantId: string): Sql =>
  tenantId === MASTER_TENANT_ID
    ? sql`r.tenant_id = ${tenantId}::uuid`
    : sql`(r.tenant_id = ${tenantId}::uuid or (r.multi_tenant and not exists (
        select 1 from user_role c where c.tenant_id = ${tenantId}::uuid and c.template_id = r.id)))`

/** All roles of the tenant: the built-in ones first, then by name. */
export function listRoles(tx: Tx, tenantId: string): Promise<RoleRecord[]> {
  return tx.$queryRaw<RoleRecord[]>`
    select ${COLUMNS} from user_role r where ${visible(tenantId)}
    order by r.multi_tenant desc, r.built_in is null, case when r.built_in is null then '' else r.id::text end, lower(r.name), r.id limit 1000`
}

/** Roles that users of the tenant can have: in the master itself nobody gets a template. */
export const assignableRoles = async (tx: Tx, tenantId: string): Promise<RoleRecord[]> =>
  (await listRoles(tx, tenantId)).filter((role) => tenantId !== MASTER_TENANT_ID || !role.multiTenant)

/** Roles of the tenant by a part of their name. */
export function searchRoles(
  tx: Tx,
  tenantId: string,
  like: string,
  limit: number,
): Promise<Pick<RoleRecord, 'id' | 'name' | 'multiTenant'>[]> {
  return tx.$queryRaw`
    select r.id, r.name, r.multi_tenant as "multiTenant" from user_role r
    where ${visible(tenantId)} and r.name ilike ${like} order by lower(r.name), r.id limit ${limit}`
}

/** One role of the tenant; null: none of its. */
export async function findRole(tx: Tx, tenantId: string, id: string): Promise<RoleRecord | null> {
  const rows = await tx.$queryRaw<RoleRecord[]>`
    select ${COLUMNS} from user_role r where r.id = ${id}::uuid and ${visible(tenantId)}`
  return rows[0] ?? null
}

/** The templates that copies of a subtenant were made from, hidden there by the copies. */
export const findTemplates = (tx: Tx, ids: readonly string[]): Promise<RoleRecord[]> =>
  tx.$queryRaw<RoleRecord[]>`
    select ${COLUMNS} from user_role r where r.id = any (${[...ids]}::uuid[]) and r.multi_tenant`

export const findTemplate = async (tx: Tx, id: string): Promise<RoleRecord | null> =>
  (await findTemplates(tx, [id]))[0] ?? null

/** Whether another visible role has the name, whatever its case. */
export async function nameTaken(
  tx: Tx,
  tenantId: string,
  name: string,
  except: readonly string[],
): Promise<boolean> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select r.id from user_role r where lower(r.name) = lower(${name}) and ${visible(tenantId)} and r.id <> all (${[...except]}::uuid[]) limit 1`
  return rows.length > 0
}

const LIVE = sql`(ra.expires_at is null or ra.expires_at > now())`
const PERSON = sql`coalesce(nullif(btrim(u.first_name || ' ' || u.last_name), ''), u.username)`

/** How many people of the tenant hold each role now. */
export async function holderCounts(tx: Tx, tenantId: string): Promise<Map<string, number>> {
  const rows = await tx.$queryRaw<{ roleId: string; n: bigint }[]>`
    select ra.role_id as "roleId", count(distinct ra.user_id) as n from role_assignment ra
    where ra.tenant_id = ${tenantId}::uuid and ${LIVE} group by 1`
  return new Map(rows.map(({ roleId, n }) => [roleId, Number(n)]))
}

export interface HolderRow {
  id: string
  name: string
  scope: string
  expiresAt: Date | null
  ended: boolean
}

/** Who of the tenant holds a role, ended assignments too: the first by name. */
export function holdersOf(tx: Tx, tenantId: string, roleId: string, limit: number): Promise<HolderRow[]> {
  return tx.$queryRaw<HolderRow[]>`
    select u.id, ${PERSON} as name, ra.scope, ra.expires_at as "expiresAt", coalesce(ra.expires_at <= now(), false) as ended
    from role_assignment ra join user_account u on u.id = ra.user_id
    where ra.tenant_id = ${tenantId}::uuid and ra.role_id = ${roleId}::uuid order by lower(${PERSON}), u.id, ra.scope limit ${limit}`
}

export interface TemplateUse {
  tenantId: string
  name: string
  users: number
  diverged: boolean
}

/** In which subtenants a template or its copy is held, by how many. In the master. */
export async function templateUse(tx: Tx, roleId: string): Promise<TemplateUse[]> {
  const rows = await tx.$queryRaw<(Omit<TemplateUse, 'users'> & { users: bigint })[]>`
    select u.tenant_id as "tenantId", t.name, u.users, u.diverged from wall.template_use(${roleId}::uuid) u
    join tenant t on t.id = u.tenant_id order by lower(t.name), u.diverged limit 1000`
  return rows.map((row) => ({ ...row, users: Number(row.users) }))
}

const HELD = sql`jsonb_agg(jsonb_build_object('id', r.id, 'name', r.name, 'builtIn', r.built_in, 'levels', r.levels, 'access', r.access, 'scope', ra.scope)
  order by r.id, ra.scope)`

/** People of the tenant, with all that they hold in it now: those of these ids, or who hold one of these roles. */
export async function peopleHolding(
  tx: Tx,
  tenant: { id: string; name: string; cap: StoredRole | null },
  which: { users?: readonly string[]; roles?: readonly string[] },
): Promise<Holder[]> {
  const ids = sql`u.id = any (${[...(which.users ?? [])]}::uuid[])`
  const holds = sql`exists (select 1 from role_assignment x where x.tenant_id = ${tenant.id}::uuid and x.user_id = u.id
    and x.role_id = any (${[...(which.roles ?? [])]}::uuid[]))`
  const rows = await tx.$queryRaw<{ id: string; name: string; roles: HeldRole[] | null }[]>`
    select u.id, ${PERSON} as name, (select ${HELD} from role_assignment ra join user_role r on r.id = ra.role_id
      where ra.tenant_id = ${tenant.id}::uuid and ra.user_id = u.id and ${LIVE}) as roles
    from membership m join user_account u on u.id = m.user_id
    where m.tenant_id = ${tenant.id}::uuid and (${joinSql([ids, holds], ' or ')})`
  return rows.map(({ id, name, roles }) => ({
    ...{ key: id, tenantId: tenant.id, tenant: tenant.name, who: name, count: 1 },
    ...{ roles: roles ?? [], cap: tenant.cap },
  }))
}

interface HolderSet {
  tenantId: string
  tenant: string
  cap: StoredRole
  roles: (HeldRole & { id: string })[]
  users: bigint
}
const SET = sql`tenant_id as "tenantId", tenant, cap, roles, users`

const setHolder = ({ tenantId, tenant, cap, roles, users }: HolderSet): Holder => ({
  key: `${tenantId} ${roles.map(({ id, scope }) => `${id}@${scope ?? ''}`).join(',')}`,
  ...{ tenantId, tenant, who: null, count: Number(users), roles, cap },
})

/** As peopleHolding, over all subtenants that a template or a tenant role concerns: counted, not named. In the master. */
export async function holderSets(tx: Tx, roleId: string | null, capId: string | null): Promise<Holder[]> {
  const rows = await tx.$queryRaw<HolderSet[]>`
    select ${SET} from wall.holder_sets(${roleId}::uuid, ${capId}::uuid)`
  return rows.map(setHolder)
}

/** The same, of all people of one subtenant. In the master. */
export async function tenantHolderSets(tx: Tx, tenantId: string): Promise<Holder[]> {
  const rows = await tx.$queryRaw<HolderSet[]>`select ${SET} from wall.tenant_holder_sets(${tenantId}::uuid)`
  return rows.map(setHolder)
}

/** Groups of the tenant by a part of their name. */
export function groupChoices(
  tx: Tx,
  tenantId: string,
  like: string,
): Promise<{ id: string; name: string }[]> {
  return tx.$queryRaw`
    select g.id, g.name from resource_group g where g.tenant_id = ${tenantId}::uuid and g.name ilike ${like} order by lower(g.name), g.id limit 50`
}

/** Tags that the tenant uses, by a part of them. */
export function tagChoices(tx: Tx, tenantId: string, like: string): Promise<{ id: string; name: string }[]> {
  return tx.$queryRaw`
    select distinct t.tag as id, t.tag as name from resource_tag t where t.tenant_id = ${tenantId}::uuid and t.tag ilike ${like} order by 1 limit 50`
}

/** Names of groups and resources that the acting tenant sees, by id. */
export async function namesOf(
  tx: Tx,
  tenantId: string,
  ids: readonly string[],
  sight: Sql,
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await tx.$queryRaw<{ id: string; name: string }[]>`
    select r.id, r.name from resource r where r.id = any (${[...ids]}::uuid[]) and ${sight}
    union all select g.id, g.name from resource_group g where g.id = any (${[...ids]}::uuid[]) and g.tenant_id = ${tenantId}::uuid`
  return new Map(rows.map(({ id, name }) => [id, name]))
}

/** Kinds of resources by id, as far as the condition on `resource r` holds; groups of the tenant have the kind `group`. */
export async function kindsOf(
  tx: Tx,
  tenantId: string,
  ids: readonly string[],
  condition: Sql,
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await tx.$queryRaw<{ id: string; kind: string }[]>`
    select r.id, r.kind from resource r where r.id = any (${[...ids]}::uuid[]) and ${condition}
    union all select g.id, 'group' from resource_group g where g.id = any (${[...ids]}::uuid[]) and g.tenant_id = ${tenantId}::uuid`
  return new Map(rows.map(({ id, kind }) => [id, kind]))
}
