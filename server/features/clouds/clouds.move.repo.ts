import type { Tx, WriteTx } from '@/server/db/scope'

/** What of the owner's stands in a cloud, the cloud itself left out, by kind, who uses it and whether it is public. */
export interface Share {
  kind: string
  assignedId: string
  assigned: string
  visibility: 'private' | 'public'
  count: number
}

export function contentsOf(tx: Tx, ownerId: string, cloudId: string): Promise<Share[]> {
  return tx.$queryRaw<Share[]>`
    select x.kind, x."assignedId", t.name as assigned, x.visibility, x.count from (
      select r.kind, r.assigned_id as "assignedId", r.visibility, count(*)::int as count from resource r
      where r.cloud_id = ${cloudId}::uuid and r.id <> r.cloud_id and r.owner_id = ${ownerId}::uuid group by 1, 2, 3) x
    join tenant t on t.id = x."assignedId" order by x.kind, t.name, x.visibility`
}

export interface Blocker {
  id: string
  kind: string
  name: string
  tenant: string
  total: bigint
}

/** What a third tenant owns in a cloud: with it the cloud does not move (rule 4). */
export function blockersOf(tx: Tx, cloudId: string, to: string, limit: number): Promise<Blocker[]> {
  return tx.$queryRaw<
    Blocker[]
  >`select * from wall.cloud_blockers(array[${cloudId}::uuid], ${to}::uuid, ${limit}::int)`
}

export interface Sharer {
  tenantId: string
  tenant: string
  count: number
}

/** Tenants that see what stands in a cloud by grants of single things, or of all of a kind, and how much. */
export function sharersIn(tx: Tx, ownerId: string, cloudId: string): Promise<Sharer[]> {
  return tx.$queryRaw<Sharer[]>`
    select x.tenant_id as "tenantId", t.name as tenant, count(distinct x.id)::int as count from (
      select g.tenant_id, r.id from access_grant g join resource r on r.id = g.resource_id
        where g.owner_id = ${ownerId}::uuid and r.cloud_id = ${cloudId}::uuid and g.status = 'live' and (g.expires_at is null or g.expires_at > now())
      union all
      select g.tenant_id, r.id from access_grant_all g join resource r on r.owner_id = g.owner_id and r.kind = g.kind and r.assigned_id = r.owner_id
        where g.owner_id = ${ownerId}::uuid and r.cloud_id = ${cloudId}::uuid and g.status = 'live' and (g.expires_at is null or g.expires_at > now())) x
    join tenant t on t.id = x.tenant_id group by 1, 2 order by 2`
}

/** Tenants that were given something in a cloud, or all of a kind that stands in it, whether they took it yet or not. */
export async function takersIn(tx: Tx, ownerId: string, cloudId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select g.tenant_id as id from access_grant g join resource r on r.id = g.resource_id
      where g.owner_id = ${ownerId}::uuid and r.cloud_id = ${cloudId}::uuid
    union
    select g.tenant_id from access_grant_all g where g.owner_id = ${ownerId}::uuid and exists (
      select 1 from resource r where r.owner_id = g.owner_id and r.cloud_id = ${cloudId}::uuid and r.kind = g.kind)`
  return rows.map(({ id }) => id)
}

/** Names of what a tenant uses of it, or has by a grant; at most `limit`. */
export async function namesFor(
  tx: Tx,
  ownerId: string,
  cloudId: string,
  tenantId: string,
  limit: number,
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ name: string }[]>`
    select r.name from resource r
    where r.cloud_id = ${cloudId}::uuid and r.owner_id = ${ownerId}::uuid and (r.assigned_id = ${tenantId}::uuid
      or exists (select 1 from access_grant g where g.resource_id = r.id and g.tenant_id = ${tenantId}::uuid and g.status = 'live')
      or r.assigned_id = r.owner_id and exists (select 1 from access_grant_all g where g.owner_id = r.owner_id and g.tenant_id = ${tenantId}::uuid
        and g.kind = r.kind and g.status = 'live'))
    order by r.name, r.id limit ${limit}`
  return rows.map(({ name }) => name)
}

/** Ids of all that the owner has in a cloud, without the cloud. */
export async function idsIn(tx: Tx, ownerId: string, cloudId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select r.id from resource r where r.cloud_id = ${cloudId}::uuid and r.id <> r.cloud_id and r.owner_id = ${ownerId}::uuid order by r.id`
  return rows.map(({ id }) => id)
}

/** Assigns and makes private (rule 4), whoever used it. @returns how many */
export function moveAll(tx: WriteTx, ownerId: string, ids: readonly string[], to: string): Promise<number> {
  return tx.$executeRaw`
    update resource set assigned_id = ${to}::uuid, visibility = 'private', updated_at = now()
    where id = any (${[...ids]}::uuid[]) and owner_id = ${ownerId}::uuid`
}

export interface Stuck {
  name: string
  cloud: string
  tenant: string
}

/** One of these that stands in a cloud which is assigned to another tenant than `to`: it goes with its cloud only. */
export async function stuckInCloud(
  tx: Tx,
  ownerId: string,
  ids: readonly string[],
  to: string,
): Promise<Stuck | undefined> {
  const rows = await tx.$queryRaw<Stuck[]>`
    select r.name, c.name as cloud, t.name as tenant from resource r
    join resource c on c.id = r.cloud_id and c.id <> r.id and c.owner_id = r.owner_id and c.assigned_id <> c.owner_id
    join tenant t on t.id = c.assigned_id
    where r.id = any (${[...ids]}::uuid[]) and r.owner_id = ${ownerId}::uuid and c.assigned_id <> ${to}::uuid order by r.name limit 1`
  return rows[0]
}

/** The master's hosts in clouds that others use, by who does. */
export function dedicatedIn(
  tx: Tx,
  masterId: string,
  cloudIds: readonly string[],
  mostNames: number,
): Promise<{ from: string; total: number; names: string[] }[]> {
  return tx.$queryRaw`
    select t.name as "from", count(*)::integer as total, (array_agg(r.name order by r.name))[1:${mostNames}::integer] as names
    from resource r join tenant t on t.id = r.assigned_id
    where r.kind = 'host' and r.owner_id = ${masterId}::uuid and r.assigned_id <> r.owner_id and r.cloud_id = any (${cloudIds}::uuid[])
    group by t.id order by t.name`
}
