import { sightSql, type Viewer } from '@/server/authz/sight'
import type { Tx, WriteTx } from '@/server/db/scope'

export interface Offer {
  id: string
  name: string
  spec: Record<string, unknown>
  level: 'read' | 'full'
  added: boolean
  groupId: string | null
}

/** The public clouds that the acting tenant is offered, added or not, by name. */
export function offersOf(tx: Tx): Promise<Offer[]> {
  return tx.$queryRaw<Offer[]>`
    select o.id, o.name, o.spec, o.level, o.added, o.group_id as "groupId" from wall.cloud_offers() o order by o.name, o.id limit 1000`
}

/** What the viewer sees in a cloud, by kind, without the cloud itself. */
export function countIn(tx: Tx, viewer: Viewer, cloudId: string): Promise<{ kind: string; count: number }[]> {
  return tx.$queryRaw<{ kind: string; count: number }[]>`
    select r.kind, count(*)::int as count from resource r
    where r.cloud_id = ${cloudId}::uuid and r.id <> r.cloud_id and ${sightSql(viewer)} group by r.kind`
}

/** The acting tenant's group that holds the cloud and has its name, as an earlier adding left it; else a new one. */
export async function groupFor(
  tx: WriteTx,
  tenantId: string,
  cloud: { id: string; name: string },
): Promise<{ id: string; name: string }> {
  const [kept] = await tx.$queryRaw<{ id: string; name: string }[]>`
    select g.id, g.name from resource_group g join resource_group_member m on m.group_id = g.id and m.resource_id = ${cloud.id}::uuid
    where g.tenant_id = ${tenantId}::uuid and g.name like left(${cloud.name}, 90) || '%' order by g.name limit 1`
  if (kept) return kept
  const [made] = await tx.$queryRaw<{ id: string; name: string }[]>`
    insert into resource_group (id, tenant_id, name)
    values (gen_random_uuid(), ${tenantId}::uuid, wall.free_group_name(${tenantId}::uuid, ${cloud.name})) returning id, name`
  if (!made) throw new Error('an insert returns its row')
  return made
}

/** Lists the cloud in the tenant, and puts it into the group. */
export async function addCloud(
  tx: WriteTx,
  tenantId: string,
  cloudId: string,
  groupId: string,
): Promise<void> {
  await tx.$executeRaw`
    insert into tenant_cloud (tenant_id, cloud_id, group_id) values (${tenantId}::uuid, ${cloudId}::uuid, ${groupId}::uuid)`
  await tx.$executeRaw`
    insert into resource_group_member (tenant_id, group_id, resource_id)
    select ${tenantId}::uuid, ${groupId}::uuid, ${cloudId}::uuid
    where not exists (select 1 from resource_group_member m
      where m.tenant_id = ${tenantId}::uuid and m.group_id = ${groupId}::uuid and m.resource_id = ${cloudId}::uuid)`
}

/** @returns whether it was there */
export async function removeCloud(tx: WriteTx, tenantId: string, cloudId: string): Promise<boolean> {
  const removed = await tx.$executeRaw`
    delete from tenant_cloud where tenant_id = ${tenantId}::uuid and cloud_id = ${cloudId}::uuid`
  return removed === 1
}

/** Names of what the tenant itself has in a cloud, not of all that it sees there (so the single-layer run leaves it); at most `limit`. */
export async function ownIn(tx: Tx, tenantId: string, cloudId: string, limit: number): Promise<string[]> {
  const rows = await tx.$queryRaw<{ name: string }[]>`
    select r.name from resource r where r.cloud_id = ${cloudId}::uuid and r.owner_id in (${tenantId}::uuid) order by r.name, r.id limit ${limit}`
  return rows.map(({ name }) => name)
}

export async function groupName(tx: Tx, tenantId: string, id: string | null): Promise<string | null> {
  const rows = await tx.$queryRaw<{ name: string }[]>`
    select g.name from resource_group g where g.id = ${id}::uuid and g.tenant_id = ${tenantId}::uuid`
  return rows[0]?.name ?? null
}

/** Tenant roles that grant a cloud while it is public, by name. The master's to know. */
export function rolesGranting(
  tx: Tx,
  cloudId: string,
): Promise<{ id: string; name: string; level: 'read' | 'full' }[]> {
  return tx.$queryRaw<{ id: string; name: string; level: 'read' | 'full' }[]>`
    select t.id, t.name, coalesce(c.level, t.default_cloud_level) as level from tenant_role t
    left join tenant_role_cloud c on c.tenant_role_id = t.id and c.cloud_id = ${cloudId}::uuid
    where coalesce(c.level, t.default_cloud_level) <> 'none' order by t.name limit 200`
}

/** How many tenants have added a cloud. The master's to know. */
export async function tenantsWith(tx: Tx, cloudId: string): Promise<number> {
  const rows = await tx.$queryRaw<
    { tenants: bigint }[]
  >`select u.tenants from wall.cloud_use(array[${cloudId}::uuid]) u`
  return Number(rows[0]?.tenants ?? 0)
}

/** Public clouds that a tenant role grants: what a tenant of it starts with. */
export function cloudsOfRole(
  tx: Tx,
  ownerId: string,
  tenantRoleId: string,
): Promise<{ id: string; name: string; level: 'read' | 'full' }[]> {
  return tx.$queryRaw<{ id: string; name: string; level: 'read' | 'full' }[]>`
    select r.id, r.name, coalesce(c.level, t.default_cloud_level) as level
    from tenant_role t join resource r on r.kind = 'cloud' and r.owner_id = ${ownerId}::uuid and r.visibility = 'public'
    left join tenant_role_cloud c on c.tenant_role_id = t.id and c.cloud_id = r.id
    where t.id = ${tenantRoleId}::uuid and coalesce(c.level, t.default_cloud_level) <> 'none' order by r.name, r.id limit 1000`
}

export async function tenantRoleExists(tx: Tx, id: string): Promise<boolean> {
  const rows = await tx.$queryRaw<{ id: string }[]>`select t.id from tenant_role t where t.id = ${id}::uuid`
  return rows.length > 0
}
