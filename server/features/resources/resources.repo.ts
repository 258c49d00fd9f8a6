import type { Verb } from '@/lib/access'
import type { Spec } from '@/lib/resource-kinds/kind'
import { reachSql } from '@/server/authz/reach-sql'
import type { GrantRole } from '@/server/authz/relation'
import { grantRoleSql, seenCloudNameSql, seenNameSql, sightSql, type Viewer } from '@/server/authz/sight'
import type { Tx, WriteTx } from '@/server/db/scope'
import { type Sql, sql } from '@/server/db/sql'

/** A resource as one person of one tenant has it. */
export interface ResourceRecord {
  id: string
  kind: string
  name: string
  ownerId: string
  assignedId: string
  visibility: 'private' | 'public'
  cloudId: string | null
  /** Null where the cloud is not seen. */
  cloudName: string | null
  parentId: string | null
  parentName: string | null
  parentKind: string | null
  createdBy: string | null
  spec: Spec
  createdAt: Date
  updatedAt: Date
  status: string | null
  /** What its cloud told of it, or of a cloud how the looks into it go; null where nobody tells. */
  state: string | null
  assignedName: string | null
  assignedIcon: string | null
  grantRole: GrantRole | null
  /** How far the person's roles reach, whatever the tenant may. */
  reachAct: boolean
  reachEdit: boolean
  reachDelete: boolean
  /** A connected cloud tells of it: its name, where it stands and these fields are the cloud's. */
  found: boolean
  toldFields: string[]
}

const reaches = (viewer: Viewer, verb: Verb): Sql =>
  (viewer.reach && reachSql(viewer.reach, verb)) ?? (viewer.reach ? sql`true` : sql`false`)

/** The resources among these ids that the viewer sees; foreign ones are missing, exactly like ids that never were (rule 1). */
export function findResources(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<ResourceRecord[]> {
  return tx.$queryRaw<ResourceRecord[]>`
    select r.id, r.kind, r.name, r.owner_id as "ownerId", r.assigned_id as "assignedId", r.visibility,
      r.cloud_id as "cloudId", ${seenCloudNameSql(viewer)} as "cloudName",
      r.parent_id as "parentId", ${seenNameSql(viewer, sql`r.parent_id`)} as "parentName",
      (select p.kind from resource p where p.id = r.parent_id) as "parentKind",
      r.created_by as "createdBy", r.spec, r.created_at as "createdAt", r.updated_at as "updatedAt", s.status,
      coalesce((select y.status from cloud_sync y where r.kind = 'cloud' and y.cloud_id = r.id), s.status) as state,
      a.name as "assignedName", a.icon as "assignedIcon", ${grantRoleSql(viewer.tenantId)} as "grantRole",
      i.resource_id is not null as found, case when i.resource_id is null then '{}' else
        array(select e.name from jsonb_array_elements_text(case when jsonb_typeof(s.facts -> 'fields') = 'array' then s.facts -> 'fields' else '[]' end) e (name))
        || array(select jsonb_object_keys(coalesce(i.links, '{}'))) end as "toldFields",
      ${reaches(viewer, 'act')} as "reachAct", ${reaches(viewer, 'edit')} as "reachEdit", ${reaches(viewer, 'delete')} as "reachDelete"
    from resource r
    left join resource_state s on s.resource_id = r.id
    left join tenant a on a.id = r.assigned_id
    left join cloud_item i on i.resource_id = r.id
    where r.id = any (${[...ids]}::uuid[]) and ${sightSql(viewer)}
    order by r.kind, r.name, r.id`
}

/** Ids of resources of any kind that the viewer sees, out of these. */
export async function visibleIds(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select r.id from resource r where r.id = any (${[...ids]}::uuid[]) and ${sightSql(viewer)}`
  return rows.map(({ id }) => id)
}

/** The tenant's own tags on a resource; another tenant's are none of its business (NetBox #10378). */
export async function tagsOf(tx: Tx, tenantId: string, resourceId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ tag: string }[]>`
    select t.tag from resource_tag t where t.tenant_id = ${tenantId}::uuid and t.resource_id = ${resourceId}::uuid order by t.tag`
  return rows.map(({ tag }) => tag)
}

export interface NewResource {
  id: string
  kind: string
  name: string
  ownerId: string
  /** Who uses it from the start: the owner, or where the master's cloud is assigned to. */
  assignedId: string
  cloudId: string | null
  parentId: string | null
  createdBy: string
  spec: Spec
}

/** Born owned by the acting tenant, and private. */
export async function insertResource(tx: WriteTx, r: NewResource): Promise<void> {
  await tx.$executeRaw`
    insert into resource (id, kind, name, owner_id, assigned_id, cloud_id, parent_id, created_by, spec)
    values (${r.id}::uuid, ${r.kind}, ${r.name}, ${r.ownerId}::uuid, ${r.assignedId}::uuid, ${r.cloudId}::uuid, ${r.parentId}::uuid,
      ${r.createdBy}::uuid, ${JSON.stringify(r.spec)}::jsonb)`
}

/** Who uses what the owner adds to this cloud. */
export async function bornIn(tx: Tx, ownerId: string, cloudId: string | null): Promise<string> {
  const [row] = await tx.$queryRaw<
    { id: string }[]
  >`select wall.born_in(${ownerId}::uuid, ${cloudId}::uuid) as id`
  return row?.id ?? ownerId
}

export interface ResourceChange {
  name: string
  spec: Spec
  parentId: string | null
}

/** Changes what the tenant owns or edits by a grant. @returns whether it still was as `updatedAt` says */
export async function updateResource(
  tx: WriteTx,
  id: string,
  updatedAt: Date,
  { name, spec, parentId }: ResourceChange,
): Promise<boolean> {
  const changed = await tx.$executeRaw`
    update resource set name = ${name}, spec = ${JSON.stringify(spec)}::jsonb, parent_id = ${parentId}::uuid, updated_at = now()
    where id = ${id}::uuid and date_trunc('milliseconds', updated_at) = ${updatedAt.toISOString()}::timestamptz and wall.ctx_may_edit(id)`
  return changed === 1
}

/** Its state, grants, tags and references go along. @returns whether the owner still had it where `assignedId` says */
export async function deleteResource(
  tx: WriteTx,
  ownerId: string,
  id: string,
  assignedId: string,
): Promise<boolean> {
  const deleted = await tx.$executeRaw`
    delete from resource where id = ${id}::uuid and owner_id = ${ownerId}::uuid and assigned_id = ${assignedId}::uuid`
  return deleted === 1
}

/** Assigns and makes private in one statement (rule 4). @returns how many of the owner's still stood where `from` says */
export function assignResources(
  tx: WriteTx,
  ownerId: string,
  ids: readonly string[],
  from: readonly string[],
  to: string,
): Promise<number> {
  return tx.$executeRaw`
    update resource set assigned_id = ${to}::uuid, visibility = 'private', updated_at = now()
    where id = any (${[...ids]}::uuid[]) and owner_id = ${ownerId}::uuid and assigned_id = any (${[...from]}::uuid[])`
}

/** Only what the tenant both owns and uses can be public (rule 4). @returns how many were changed */
export function setVisibility(
  tx: WriteTx,
  ownerId: string,
  ids: readonly string[],
  visibility: 'private' | 'public',
): Promise<number> {
  return tx.$executeRaw`
    update resource set visibility = ${visibility}, updated_at = now()
    where id = any (${[...ids]}::uuid[]) and owner_id = ${ownerId}::uuid and assigned_id = ${ownerId}::uuid`
}

export interface Grantee {
  resourceId: string
  tenantId: string
  tenant: string
  role: GrantRole
}

/** Tenants that hold live grants of these resources of the owner: they lose them when one is assigned. */
export function granteesOf(tx: Tx, ownerId: string, ids: readonly string[]): Promise<Grantee[]> {
  return tx.$queryRaw<Grantee[]>`
    select g.resource_id as "resourceId", g.tenant_id as "tenantId", t.name as tenant, g.role
    from access_grant g join tenant t on t.id = g.tenant_id
    where g.owner_id = ${ownerId}::uuid and g.resource_id = any (${[...ids]}::uuid[]) and g.status = 'live'
      and (g.expires_at is null or g.expires_at > now())
    order by t.name, g.resource_id`
}

/** A share of the owner's with another tenant that holds, or waits for it. */
export interface Share {
  tenantId: string
  tenant: string
  role: GrantRole
  status: 'live' | 'pending'
  expiresAt: Date | null
}

/** Shares of a resource of the acting tenant's that their takers know of: neither ended nor suspended. */
export function sharesOf(tx: Tx, ownerId: string, id: string): Promise<Share[]> {
  return tx.$queryRaw<Share[]>`
    select g.tenant_id as "tenantId", n.tenant_name as tenant, g.role, g.status, g.expires_at as "expiresAt"
    from access_grant g join wall.grant_targets() n on n.grant_id = g.id
    where g.owner_id = ${ownerId}::uuid and g.resource_id = ${id}::uuid and g.status in ('live', 'pending')
      and (g.expires_at is null or g.expires_at > now())
    order by n.tenant_name, g.id`
}
