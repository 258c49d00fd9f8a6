import { sightSql, type Viewer } from '@/server/authz/sight'
import type { Tx, WriteTx } from '@/server/db/scope'
import { nothing, sql } from '@/server/db/sql'

/** A host as one tenant sees it. */
export interface HostRecord {
  id: string
  name: string
  ownerId: string
  assignedId: string
  visibility: 'private' | 'public'
  createdAt: Date
  status: 'pending' | 'online' | 'offline'
  lastSeenAt: Date | null
  conflictAt: Date | null
  facts: unknown
  assignedName: string | null
  assignedIcon: string | null
  grantRole: 'viewer' | 'editor' | 'admin' | null
}

/** The hosts among these ids that the viewer sees. Foreign ones are missing, exactly like ids that never were (rule 1). */
export function findHosts(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<HostRecord[]> {
  return tx.$queryRaw<HostRecord[]>`
    select r.id, r.name, r.owner_id as "ownerId", r.assigned_id as "assignedId", r.visibility, r.created_at as "createdAt",
      coalesce(s.status, 'pending') as status, s.last_seen_at as "lastSeenAt", s.conflict_at as "conflictAt",
      coalesce(s.facts, '{}') as facts, a.name as "assignedName", a.icon as "assignedIcon",
      (select g.role from access_grant g where g.resource_id = r.id and g.tenant_id = ${viewer.tenantId}::uuid
        and g.status = 'live' and (g.expires_at is null or g.expires_at > now())) as "grantRole"
    from resource r
    left join resource_state s on s.resource_id = r.id
    left join tenant a on a.id = r.assigned_id
    where r.id = any (${[...ids]}::uuid[]) and r.kind = 'host' and ${sightSql(viewer)}
    order by r.name, r.id`
}

/** Ids of resources of any kind that the viewer sees, out of these. */
export async function visibleIds(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select r.id from resource r where r.id = any (${[...ids]}::uuid[]) and ${sightSql(viewer)}`
  return rows.map(({ id }) => id)
}

/** @returns whether the tenant owns it and it still stands where `assignedId` says (that tenant's log tells of it) */
export async function renameHost(
  tx: WriteTx,
  ownerId: string,
  id: string,
  name: string,
  assignedId: string,
): Promise<boolean> {
  const { count } = await tx.resource.updateMany({
    where: { id, ownerId, assignedId, kind: 'host' },
    data: { name, updatedAt: new Date() },
  })
  return count === 1
}

/** Its state goes along; the agent's credential stays as a tombstone that answers "uninstall". */
export async function deleteHost(
  tx: WriteTx,
  ownerId: string,
  id: string,
  assignedId: string,
): Promise<boolean> {
  const { count } = await tx.resource.deleteMany({ where: { id, ownerId, assignedId, kind: 'host' } })
  return count === 1
}

/** Assigns and makes private in one statement (rule 4). @returns how many still stood where `from` says */
export function assignHosts(
  tx: WriteTx,
  ownerId: string,
  ids: readonly string[],
  from: readonly string[],
  to: string,
): Promise<number> {
  return tx.$executeRaw`
    update resource set assigned_id = ${to}::uuid, visibility = 'private', updated_at = now()
    where id = any (${[...ids]}::uuid[]) and kind = 'host' and owner_id = ${ownerId}::uuid and assigned_id = any (${[...from]}::uuid[])`
}

/** Only what the tenant both owns and uses can be public (rule 4). */
export async function setHostVisibility(
  tx: WriteTx,
  ownerId: string,
  id: string,
  visibility: 'private' | 'public',
): Promise<boolean> {
  const { count } = await tx.resource.updateMany({
    where: { id, ownerId, assignedId: ownerId, kind: 'host' },
    data: { visibility, updatedAt: new Date() },
  })
  return count === 1
}

export interface TenantChoice {
  id: string
  name: string
  icon: string
  status: string
}

/** Tenants that something may be assigned to, by name. Only the master's scope sees more than its own. */
export function findActiveTenants(tx: Tx, search: string, limit: number): Promise<TenantChoice[]> {
  const match = search ? sql`and position(lower(${search}) in lower(t.name)) > 0` : nothing
  return tx.$queryRaw<TenantChoice[]>`
    select t.id, t.name, t.icon, t.status from tenant t where t.status = 'active' ${match} order by lower(t.name), t.id limit ${limit}`
}

export function findTenant(tx: Tx, id: string): Promise<TenantChoice | null> {
  return tx.tenant.findFirst({
    where: { id, status: { not: 'deleted' } },
    select: { id: true, name: true, icon: true, status: true },
  })
}
