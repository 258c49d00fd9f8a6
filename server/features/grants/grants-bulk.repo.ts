import type { Tx, WriteTx } from '@/server/db/scope'
import type { GrantRole } from '@/server/authz/relation'

/** A grant as it stands in its table. */
export interface StoredGrant {
  id: string
  resourceId: string
  tenantId: string
  role: GrantRole
  status: 'pending' | 'live' | 'suspended'
  /** ISO, or null: for ever. */
  expiresAt: string | null
  createdBy: string | null
  createdAt: string
}

const ISO = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'

/** The owner's grants of these resources that have not expired, one after another by resource and tenant; at most `limit`. */
export function grantsOn(
  tx: Tx,
  ownerId: string,
  resources: readonly string[],
  limit: number,
): Promise<StoredGrant[]> {
  return tx.$queryRaw<StoredGrant[]>`
    select g.id, g.resource_id as "resourceId", g.tenant_id as "tenantId", g.role, g.status,
      to_char(g.expires_at at time zone 'UTC', ${ISO}) as "expiresAt", g.created_by as "createdBy",
      to_char(g.created_at at time zone 'UTC', ${ISO}) as "createdAt"
    from access_grant g
    where g.owner_id = ${ownerId}::uuid and g.resource_id = any (${[...resources]}::uuid[]) and (g.expires_at is null or g.expires_at > now())
    order by g.resource_id, g.tenant_id limit ${limit}`
}

/** A grant as it is to be. */
export type WantedGrant = Pick<StoredGrant, 'resourceId' | 'tenantId' | 'role'> &
  Partial<Pick<StoredGrant, 'id' | 'expiresAt' | 'createdBy' | 'createdAt'>>

/**
 * Makes these grants, in one statement; one of the same resource and tenant gets the role and the end that are wanted.
 * Kind, name and status come from a trigger. @returns how many were written
 */
export async function writeGrants(
  tx: WriteTx,
  ownerId: string,
  by: string,
  wanted: readonly WantedGrant[],
): Promise<number> {
  const column = <T>(pick: (one: WantedGrant) => T) => wanted.map(pick)
  // What has expired is not brought back to life: it may ask for acceptance anew.
  await tx.$executeRaw`
    delete from access_grant g using unnest(${column((g) => g.resourceId)}::uuid[], ${column((g) => g.tenantId)}::uuid[]) x(resource_id, tenant_id)
    where g.resource_id = x.resource_id and g.tenant_id = x.tenant_id and g.owner_id = ${ownerId}::uuid and g.expires_at <= now()`
  return tx.$executeRaw`
    insert into access_grant (id, resource_id, kind, name, owner_id, tenant_id, role, expires_at, created_by, created_at)
    select coalesce(x.id, gen_random_uuid()), x.resource_id, '', '', ${ownerId}::uuid, x.tenant_id, x.role, x.expires_at, x.created_by,
      coalesce(x.created_at, now())
    from unnest(${column((g) => g.id ?? null)}::uuid[], ${column((g) => g.resourceId)}::uuid[], ${column((g) => g.tenantId)}::uuid[],
      ${column((g) => g.role)}::text[], ${column((g) => g.expiresAt ?? null)}::timestamptz[],
      ${column((g) => (g.createdBy === undefined ? by : g.createdBy))}::uuid[], ${column((g) => g.createdAt ?? null)}::timestamptz[])
      x(id, resource_id, tenant_id, role, expires_at, created_by, created_at)
    on conflict (tenant_id, resource_id) do update set role = excluded.role, expires_at = excluded.expires_at`
}

/** Ends the owner's grants of these pairs of resource and tenant. @returns how many there were */
export function deleteGrants(
  tx: WriteTx,
  ownerId: string,
  pairs: readonly { resourceId: string; tenantId: string }[],
): Promise<number> {
  return tx.$executeRaw`
    delete from access_grant g using unnest(${pairs.map((p) => p.resourceId)}::uuid[], ${pairs.map((p) => p.tenantId)}::uuid[]) x(resource_id, tenant_id)
    where g.resource_id = x.resource_id and g.tenant_id = x.tenant_id and g.owner_id = ${ownerId}::uuid`
}
