import { sightSql, type Viewer } from '@/server/authz/sight'
import type { Tx, WriteTx } from '@/server/db/scope'
import { nothing, sql } from '@/server/db/sql'
import type { Position } from '@/server/platform/cursor'
import { COUNT_CAP } from '@/server/platform/page-schema'

export interface GroupRecord {
  id: string
  name: string
  description: string
  createdAt: Date
}

/** The tenant's groups by name, `limit` + 1 of them, each with what the viewer sees of its members. */
export function listGroups(
  tx: Tx,
  viewer: Viewer,
  search: string,
  position: Position | null,
  limit: number,
): Promise<(GroupRecord & { members: number; clouds: number; total: bigint })[]> {
  const order = position?.back ? sql`desc` : sql`asc`
  const beyond = position?.back ? sql`<` : sql`>`
  const [name, id] = position?.values ?? []
  const after = position ? sql`and (g.name, g.id) ${beyond} (${name}::text, ${id}::uuid)` : nothing
  const mine = sql`g.tenant_id = ${viewer.tenantId}::uuid and position(lower(${search}) in lower(g.name)) > 0`
  return tx.$queryRaw<(GroupRecord & { members: number; clouds: number; total: bigint })[]>`
    with page as (select g.* from resource_group g where ${mine} ${after} order by g.name ${order}, g.id ${order} limit ${limit + 1})
    select g.id, g.name, g.description, g.created_at as "createdAt", c.members, c.clouds,
      (select count(*) from resource_group g where ${mine}) as total
    from page g cross join lateral (
      select count(*)::int as members, (count(*) filter (where x.kind = 'cloud'))::int as clouds from (
        select r.kind from resource_group_member m join resource r on r.id = m.resource_id
        where m.group_id = g.id and m.tenant_id = ${viewer.tenantId}::uuid and ${sightSql(viewer)} limit ${COUNT_CAP}) x) c
    order by g.name ${order}, g.id ${order}`
}

export async function findGroup(tx: Tx, tenantId: string, id: string): Promise<GroupRecord | undefined> {
  const [row] = await tx.$queryRaw<GroupRecord[]>`
    select g.id, g.name, g.description, g.created_at as "createdAt" from resource_group g
    where g.id = ${id}::uuid and g.tenant_id = ${tenantId}::uuid`
  return row
}

/** What the viewer sees of a group's members, by kind. */
export function countMembers(
  tx: Tx,
  viewer: Viewer,
  groupId: string,
): Promise<{ kind: string; count: number }[]> {
  return tx.$queryRaw<{ kind: string; count: number }[]>`
    select r.kind, count(*)::int as count from resource_group_member m join resource r on r.id = m.resource_id
    where m.group_id = ${groupId}::uuid and m.tenant_id = ${viewer.tenantId}::uuid and ${sightSql(viewer)} group by r.kind`
}

/** Assignments that hold in this group only, and the tenant's roles that name it. */
export async function usesOf(
  tx: Tx,
  tenantId: string,
  groupId: string,
): Promise<{ assignments: number; roles: string[] }> {
  const [row] = await tx.$queryRaw<{ assignments: number; roles: string[] }[]>`
    select (select count(*)::int from role_assignment a where a.tenant_id = ${tenantId}::uuid and a.scope = 'group:' || ${groupId}
        and (a.expires_at is null or a.expires_at > now())) as assignments,
      array(select u.name from user_role u where u.tenant_id = ${tenantId}::uuid
        and jsonb_exists(coalesce(u.access #> '{groups,entries}', '{}'), ${groupId}) order by u.name) as roles`
  return row ?? { assignments: 0, roles: [] }
}

export async function nameTaken(tx: Tx, tenantId: string, name: string, but?: string): Promise<boolean> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select g.id from resource_group g where g.tenant_id = ${tenantId}::uuid and g.name = ${name}
      and g.id is distinct from ${but ?? null}::uuid`
  return rows.length > 0
}

export async function insertGroup(
  tx: WriteTx,
  tenantId: string,
  id: string,
  name: string,
  description: string,
): Promise<void> {
  await tx.$executeRaw`
    insert into resource_group (id, tenant_id, name, description) values (${id}::uuid, ${tenantId}::uuid, ${name}, ${description})`
}

export async function updateGroup(
  tx: WriteTx,
  tenantId: string,
  { id, name, description }: { id: string; name: string; description: string },
): Promise<void> {
  await tx.$executeRaw`
    update resource_group set name = ${name}, description = ${description} where id = ${id}::uuid and tenant_id = ${tenantId}::uuid`
}

/** Its members stay what they are; they are only not in it any more. */
export async function deleteGroup(tx: WriteTx, tenantId: string, id: string): Promise<void> {
  await tx.$executeRaw`delete from resource_group where id = ${id}::uuid and tenant_id = ${tenantId}::uuid`
}

/** @returns how many were not in it before */
export function addMembers(
  tx: WriteTx,
  tenantId: string,
  groupId: string,
  ids: readonly string[],
): Promise<number> {
  return tx.$executeRaw`
    insert into resource_group_member (tenant_id, group_id, resource_id)
    select ${tenantId}::uuid, ${groupId}::uuid, x.id from unnest(${[...ids]}::uuid[]) x(id)
    where not exists (select 1 from resource_group_member m
      where m.tenant_id = ${tenantId}::uuid and m.group_id = ${groupId}::uuid and m.resource_id = x.id)`
}

/** @returns how many were in it */
export function removeMembers(
  tx: WriteTx,
  tenantId: string,
  groupId: string,
  ids: readonly string[],
): Promise<number> {
  return tx.$executeRaw`
    delete from resource_group_member where tenant_id = ${tenantId}::uuid and group_id = ${groupId}::uuid and resource_id = any (${[...ids]}::uuid[])`
}
