import type { Access } from '@/lib/access'
import type { GrantFact, RoleFact, ThingFact } from '@/server/authz/explain/facts'
import type { StoredRole } from '@/server/authz/rights'
import { sightSql, type Viewer } from '@/server/authz/sight'
import type { Tx } from '@/server/db/scope'

export interface PersonRecord {
  userId: string
  name: string
  homeTenantId: string
  parentLevel: boolean
  active: boolean
  mustChangePassword: boolean
}

/** A member of the tenant; null: none of it. */
export async function findPerson(tx: Tx, tenantId: string, userId: string): Promise<PersonRecord | null> {
  const rows = await tx.$queryRaw<PersonRecord[]>`
    select u.id as "userId", coalesce(nullif(btrim(u.first_name || ' ' || u.last_name), ''), u.username) as name,
      u.home_tenant_id as "homeTenantId", u.parent_level as "parentLevel", u.status = 'active' as active,
      coalesce(c.must_change, false) as "mustChangePassword"
    from membership m join user_account u on u.id = m.user_id left join user_credential c on c.user_id = u.id and c.tenant_id = m.tenant_id
    where m.tenant_id = ${tenantId}::uuid and u.id = ${userId}::uuid`
  return rows[0] ?? null
}

/** Every assignment of the person in the tenant, also those that are over. */
export function rolesOf(tx: Tx, tenantId: string, userId: string): Promise<RoleFact[]> {
  return tx.$queryRaw<RoleFact[]>`
    select r.id, r.name, r.built_in as "builtIn", r.levels, r.access, ra.scope,
      coalesce(ra.expires_at <= now(), false) as ended
    from role_assignment ra join user_role r on r.id = ra.role_id
    where ra.tenant_id = ${tenantId}::uuid and ra.user_id = ${userId}::uuid
    order by r.name, ra.scope`
}

export type ThingRecord = Omit<ThingFact, 'cloud' | 'grants' | 'groups' | 'tags'>

/** A resource that the viewer sees; null: there is none, or not for them. */
export async function findThing(tx: Tx, viewer: Viewer, id: string): Promise<ThingRecord | null> {
  const rows = await tx.$queryRaw<ThingRecord[]>`
    select r.id, r.kind, r.name, r.owner_id as "ownerId", r.assigned_id as "assignedId", a.name as "assignedName", r.visibility,
      r.cloud_id as "cloudId", r.created_by as "createdBy"
    from resource r left join tenant a on a.id = r.assigned_id
    where r.id = ${id}::uuid and ${sightSql(viewer)}`
  return rows[0] ?? null
}

/** Groups and tags of the tenant that it is in. */
export async function placesOf(
  tx: Tx,
  tenantId: string,
  id: string,
): Promise<{ groups: string[]; tags: string[] }> {
  const rows = await tx.$queryRaw<{ groups: string[]; tags: string[] }[]>`
    select array(select m.group_id::text from resource_group_member m where m.tenant_id = ${tenantId}::uuid and m.resource_id = ${id}::uuid) as groups,
      array(select t.tag from resource_tag t where t.tenant_id = ${tenantId}::uuid and t.resource_id = ${id}::uuid) as tags`
  return rows[0] ?? { groups: [], tags: [] }
}

/** Grants of one owner to the tenant: of the thing, and of all of its kind; also those that wait, rest or are over. */
export function grantsOf(
  tx: Tx,
  tenantId: string,
  thing: Pick<ThingRecord, 'id' | 'kind' | 'ownerId'>,
): Promise<GrantFact[]> {
  return tx.$queryRaw<GrantFact[]>`
    select g.role, g.status, coalesce(g.expires_at <= now(), false) as ended, false as all from access_grant g
    where g.resource_id = ${thing.id}::uuid and g.tenant_id = ${tenantId}::uuid and g.owner_id = ${thing.ownerId}::uuid
    union all
    select g.role, g.status, coalesce(g.expires_at <= now(), false), true from access_grant_all g
    where g.kind = ${thing.kind} and g.tenant_id = ${tenantId}::uuid and g.owner_id = ${thing.ownerId}::uuid`
}

export interface CloudRecord {
  name: string
  public: boolean
}

/** A cloud that the viewer sees. */
export async function findCloud(tx: Tx, viewer: Viewer, id: string): Promise<CloudRecord | null> {
  const rows = await tx.$queryRaw<CloudRecord[]>`
    select r.name, r.visibility = 'public' as public from resource r where r.id = ${id}::uuid and r.kind = 'cloud' and ${sightSql(viewer)}`
  return rows[0] ?? null
}

/** Whether the tenant has added the cloud, and what its tenant role gives of it as far as the cloud is public. */
export async function cloudHere(
  tx: Tx,
  tenantId: string,
  id: string,
): Promise<{ added: boolean; offered: Access }> {
  const rows = await tx.$queryRaw<{ added: boolean; offered: Access }[]>`
    select exists (select 1 from tenant_cloud tc where tc.tenant_id = ${tenantId}::uuid and tc.cloud_id = ${id}::uuid) as added,
      coalesce((select o.level from wall.ctx_offers() o where o.cloud_id = ${id}::uuid), 'none') as offered`
  return rows[0] ?? { added: false, offered: 'none' }
}

export interface CapRecord extends StoredRole {
  id: string
  name: string
  /** What it gives of the cloud, also of a private one. */
  offered: Access
}

/** The tenant role of a subtenant, for the master. @param cloudId of the thing, or null */
export async function findCap(tx: Tx, tenantId: string, cloudId: string | null): Promise<CapRecord | null> {
  const rows = await tx.$queryRaw<CapRecord[]>`
    select r.id, r.name, r.built_in as "builtIn", r.levels, coalesce(rc.level, r.default_cloud_level) as offered
    from tenant t join tenant_role r on r.id = t.tenant_role_id
    left join tenant_role_cloud rc on rc.tenant_role_id = r.id and rc.cloud_id = ${cloudId}::uuid
    where t.id = ${tenantId}::uuid`
  return rows[0] ?? null
}

/** People who hold a role in the whole tenant, with it: out of whom those are named that can help. */
export function roleHolders(tx: Tx, tenantId: string): Promise<(StoredRole & { name: string })[]> {
  return tx.$queryRaw<(StoredRole & { name: string })[]>`
    select coalesce(nullif(btrim(u.first_name || ' ' || u.last_name), ''), u.username) as name, r.built_in as "builtIn", r.levels
    from role_assignment ra join user_role r on r.id = ra.role_id join user_account u on u.id = ra.user_id
    where ra.tenant_id = ${tenantId}::uuid and u.status = 'active' and ra.scope = '' and (ra.expires_at is null or ra.expires_at > now())
      and (r.built_in is not null or r.levels ->> 'users' = 'full')
    order by r.built_in is null, r.name, name limit 100`
}
