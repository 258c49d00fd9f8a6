import type { Access } from '@/lib/access'
import { MASTER_TENANT_ID } from '@/lib/master'
import type { Levels } from '@/lib/permissions'
import type { Tx, WriteTx } from '@/server/db/scope'
import { sql } from '@/server/db/sql'

type ProviderLock = 'free' | 'always' | 'ask' | 'never'

export interface CapRecord {
  id: string
  name: string
  description: string
  builtIn: string | null
  levels: Levels
  sharing: boolean
  defaultCloudLevel: Access
  landing: string
  providerAccess: ProviderLock
  updatedAt: Date
}

const COLUMNS = sql`r.id, r.name, r.description, r.built_in as "builtIn", r.levels, r.sharing, r.default_cloud_level as "defaultCloudLevel",
  r.landing, r.provider_access as "providerAccess", r.updated_at as "updatedAt"`

/** The caps that a subtenant can have. */
export function capOptions(tx: Tx) {
  return tx.tenantRole.findMany({
    select: { id: true, name: true, description: true, sharing: true },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  })
}

type Counted = CapRecord & { tenants: bigint; none: bigint; read: bigint; full: bigint }

/** All tenant roles, the built-in ones first, with how many tenants have each and how many clouds it names. */
export function listCaps(tx: Tx): Promise<Counted[]> {
  return tx.$queryRaw<Counted[]>`
    select ${COLUMNS}, (select count(*) from tenant t where t.tenant_role_id = r.id and t.status <> 'deleted') as tenants,
      count(*) filter (where c.level = 'none') as none, count(*) filter (where c.level = 'read') as read, count(*) filter (where c.level = 'full') as full
    from tenant_role r left join tenant_role_cloud c on c.tenant_role_id = r.id
    group by r.id order by r.built_in is null, lower(r.name), r.id limit 1000`
}

/** One tenant role; null: there is none of that id. */
export async function findCap(tx: Tx, id: string): Promise<CapRecord | null> {
  const rows = await tx.$queryRaw<CapRecord[]>`select ${COLUMNS} from tenant_role r where r.id = ${id}::uuid`
  return rows[0] ?? null
}

/** The cap of a subtenant, with its name; null in the master. In the master. */
export async function capOfTenant(tx: Tx, tenantId: string): Promise<CapRecord | null> {
  const rows = await tx.$queryRaw<CapRecord[]>`
    select ${COLUMNS} from tenant t join tenant_role r on r.id = t.tenant_role_id where t.id = ${tenantId}::uuid`
  return rows[0] ?? null
}

export interface CapTenant {
  id: string
  name: string
  status: string
}

/** Tenants that have it, deleted ones too: they can come back. */
export function tenantsOf(tx: Tx, id: string): Promise<CapTenant[]> {
  return tx.$queryRaw<CapTenant[]>`
    select t.id, t.name, t.status from tenant t where t.tenant_role_id = ${id}::uuid order by lower(t.name), t.id limit 10000`
}

export interface CapCloud {
  id: string
  name: string
  public: boolean
  level: Access | null
}

/** The master's public clouds, and others that the role names, with what it says of each. @param id null: of no role yet */
export function cloudsOf(tx: Tx, id: string | null): Promise<CapCloud[]> {
  return tx.$queryRaw<CapCloud[]>`
    select r.id, r.name, r.visibility = 'public' as public, c.level
    from resource r left join tenant_role_cloud c on c.cloud_id = r.id and c.tenant_role_id = ${id}::uuid
    where r.kind = 'cloud' and r.owner_id = ${MASTER_TENANT_ID}::uuid and (r.visibility = 'public' or c.level is not null)
    order by r.name, r.id limit 1000`
}

export async function capNameTaken(tx: Tx, name: string, except: string | null): Promise<boolean> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select id from tenant_role where lower(name) = lower(${name}) and id is distinct from ${except}::uuid limit 1`
  return rows.length > 0
}

export interface CapContent {
  name: string
  description: string
  levels: Levels
  defaultCloudLevel: Access
  landing: string
  providerAccess: ProviderLock
}

/** A new tenant role. Whether it shares says its level of sharing (PRODUCT rule 16). */
export async function insertCap(tx: WriteTx, id: string, cap: CapContent): Promise<void> {
  await tx.$executeRaw`
    insert into tenant_role (id, name, description, levels, sharing, default_cloud_level, landing, provider_access)
    values (${id}::uuid, ${cap.name}, ${cap.description}, ${JSON.stringify(cap.levels)}::jsonb, ${cap.levels.sharing === 'full'},
      ${cap.defaultCloudLevel}, ${cap.landing}, ${cap.providerAccess})`
}

/** Changes a tenant role; of a built-in one what is about clouds and the landing page. */
export async function updateCap(tx: WriteTx, { id, builtIn }: CapRecord, cap: CapContent): Promise<void> {
  const own =
    builtIn === null
      ? sql`, name = ${cap.name}, description = ${cap.description}, levels = ${JSON.stringify(cap.levels)}::jsonb, sharing = ${cap.levels.sharing === 'full'}`
      : sql``
  await tx.$executeRaw`
    update tenant_role set default_cloud_level = ${cap.defaultCloudLevel}, landing = ${cap.landing},
      provider_access = ${cap.providerAccess}, updated_at = clock_timestamp() ${own}
    where id = ${id}::uuid`
}

/** Says exactly this of public clouds. */
export async function replaceClouds(
  tx: WriteTx,
  id: string,
  clouds: readonly { id: string; level: Access }[],
): Promise<void> {
  const ids = clouds.map((cloud) => cloud.id)
  const levels = clouds.map(({ level }) => level)
  await tx.$executeRaw`delete from tenant_role_cloud where tenant_role_id = ${id}::uuid and cloud_id <> all (${ids}::uuid[])`
  await tx.$executeRaw`
    insert into tenant_role_cloud (tenant_role_id, cloud_id, level) select ${id}::uuid, c, l from unnest(${ids}::uuid[], ${levels}::text[]) x(c, l)
    on conflict (tenant_role_id, cloud_id) do update set level = excluded.level`
}

export async function deleteCap(tx: WriteTx, id: string): Promise<void> {
  await tx.$executeRaw`delete from tenant_role where id = ${id}::uuid`
}
