import type { HeldRole } from '@/server/authz/reach'
import type { Tx, WriteTx } from '@/server/db/scope'
import { rolesOfPeople } from '@/server/features/identity/people-roles'
import type { ConnectionFields } from './provisioning.schema'

export interface ConnectionRecord {
  id: string
  name: string
  enabled: boolean
  tokenExpiresAt: Date | null
  lastUsedAt: Date | null
  createdAt: Date
  source: { id: string; name: string } | null
  defaultRoleId: string | null
  roles: { group: string; roleId: string }[]
  users: number
  groups: number
  /** Live roles of everybody of it, and of its source. */
  held: HeldRole[]
}

const COLUMNS = {
  id: true,
  name: true,
  enabled: true,
  tokenExpiresAt: true,
  lastUsedAt: true,
  createdAt: true,
  sourceId: true,
  defaultRoleId: true,
} as const

/** The tenant's connections by name. Their tokens are nobody's to read. @param id of the only one that is meant */
export async function listConnections(
  tx: Tx,
  tenantId: string,
  sources: readonly { id: string; name: string }[],
  id?: string,
): Promise<ConnectionRecord[]> {
  const found = await tx.scimConnection.findMany({
    where: { tenantId, id },
    select: COLUMNS,
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
  })
  const of = { tenantId, connectionId: { in: found.map((one) => one.id) } }
  const maps = await tx.scimRoleMap.findMany({
    where: of,
    orderBy: [{ groupName: 'asc' }, { roleId: 'asc' }],
  })
  const by = ['connectionId'] as ['connectionId']
  const users = await tx.scimUser.groupBy({ by, where: of, _count: { userId: true } })
  const groups = await tx.scimGroup.groupBy({ by, where: of, _count: { id: true } })
  const held = await rolesOfPeople(tx, tenantId, 'connection', id)
  return found.map(({ sourceId, ...connection }) => ({
    ...connection,
    source: sources.find((source) => source.id === sourceId) ?? null,
    roles: maps
      .filter(({ connectionId }) => connectionId === connection.id)
      .map(({ groupName, roleId }) => ({ group: groupName, roleId })),
    users: users.find(({ connectionId }) => connectionId === connection.id)?._count.userId ?? 0,
    groups: groups.find(({ connectionId }) => connectionId === connection.id)?._count.id ?? 0,
    held: held.get(connection.id) ?? [],
  }))
}

export const countConnections = (tx: Tx, tenantId: string): Promise<number> =>
  tx.scimConnection.count({ where: { tenantId } })

/** Identity sources of the tenant by name. */
export const listSources = (tx: Tx, tenantId: string): Promise<{ id: string; name: string }[]> =>
  tx.identitySource.findMany({
    where: { tenantId },
    select: { id: true, name: true },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
  })

type Hash = Uint8Array<ArrayBuffer>
interface NewConnection extends ConnectionFields {
  id: string
  sourceId: string | null
  tokenDays: number | null
}

/** Puts one in, without RETURNING: the hash of its token cannot be read. Its expiry goes by the database's clock. */
export async function insertConnection(
  tx: WriteTx,
  tenantId: string,
  c: NewConnection,
  hash: Hash,
): Promise<void> {
  await tx.$executeRaw`
    insert into scim_connection (id, tenant_id, name, token_hash, token_expires_at, source_id, default_role_id)
    values (${c.id}::uuid, ${tenantId}::uuid, ${c.name}, ${hash}, now() + make_interval(days => ${c.tokenDays}::int), ${c.sourceId}::uuid,
      ${c.defaultRoleId}::uuid)`
  await replaceRoles(tx, tenantId, c.id, c.roles)
}

export async function updateConnection(
  tx: WriteTx,
  tenantId: string,
  id: string,
  { name, defaultRoleId, roles }: ConnectionFields,
): Promise<void> {
  await tx.scimConnection.updateMany({
    where: { id, tenantId },
    data: { name, defaultRoleId, updatedAt: new Date() },
  })
  await replaceRoles(tx, tenantId, id, roles)
}

async function replaceRoles(
  tx: WriteTx,
  tenantId: string,
  connectionId: string,
  roles: ConnectionFields['roles'],
): Promise<void> {
  await tx.scimRoleMap.deleteMany({ where: { tenantId, connectionId } })
  await tx.$executeRaw`
    insert into scim_role_map (tenant_id, connection_id, group_name, role_id)
    select ${tenantId}::uuid, ${connectionId}::uuid, w.name, w.role
    from unnest(${roles.map(({ group }) => group)}::text[], ${roles.map(({ roleId }) => roleId)}::uuid[]) w(name, role) group by w.name, w.role`
}

/** Gives everybody of a connection the roles of its mapping now; who loses one is signed out. @returns sessions ended */
export async function resync(tx: WriteTx, id: string): Promise<number> {
  const rows = await tx.$queryRaw<{ n: number }[]>`select wall.scim_resync(${id}::uuid) as n`
  return rows[0]?.n ?? 0
}

/** Another token; the one before ends at once. @param days null: without an end */
export async function rotate(tx: WriteTx, id: string, hash: Hash, days: number | null): Promise<void> {
  await tx.$executeRaw`select wall.scim_rotate(${id}::uuid, ${hash}, now() + make_interval(days => ${days}::int))`
}

export async function setEnabled(tx: WriteTx, tenantId: string, id: string, enabled: boolean): Promise<void> {
  await tx.scimConnection.updateMany({ where: { id, tenantId }, data: { enabled, updatedAt: new Date() } })
}

export async function deleteConnection(tx: WriteTx, tenantId: string, id: string): Promise<void> {
  await tx.scimConnection.deleteMany({ where: { id, tenantId } })
}
