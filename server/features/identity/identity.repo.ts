import type { HeldRole } from '@/server/authz/reach'
import type { Tx, WriteTx } from '@/server/db/scope'
import { rolesOfPeople } from './people-roles'

export interface SourceRecord {
  id: string
  name: string
  enabled: boolean
  kind: string
  issuer: string
  settings: unknown
  usernameClaim: string
  emailClaim: string
  nameClaim: string
  groupsClaim: string
  defaultRoleId: string | null
  createUsers: boolean
  roles: { claim: string; roleId: string }[]
  users: number
  /** SCIM connections whose people sign in by it. */
  connections: number
  /** Live roles of everybody of it. */
  held: HeldRole[]
}

const COLUMNS = {
  id: true,
  name: true,
  enabled: true,
  kind: true,
  issuer: true,
  settings: true,
  usernameClaim: true,
  emailClaim: true,
  nameClaim: true,
  groupsClaim: true,
  defaultRoleId: true,
  createUsers: true,
} as const

async function withRoles(
  tx: Tx,
  tenantId: string,
  found: Omit<SourceRecord, 'roles' | 'users' | 'connections' | 'held'>[],
): Promise<SourceRecord[]> {
  const ids = found.map(({ id }) => id)
  const maps = await tx.identityRoleMap.findMany({
    where: { tenantId, sourceId: { in: ids } },
    orderBy: [{ claimValue: 'asc' }, { roleId: 'asc' }],
  })
  const people = await tx.userIdentity.groupBy({
    by: ['sourceId'],
    where: { tenantId, sourceId: { in: ids } },
    _count: { userId: true },
  })
  const connections = await tx.scimConnection.groupBy({
    by: ['sourceId'],
    where: { tenantId, sourceId: { in: ids } },
    _count: { id: true },
  })
  const held = await rolesOfPeople(tx, tenantId, 'source', found.length === 1 ? ids[0] : undefined)
  return found.map((source) => ({
    ...source,
    roles: maps
      .filter(({ sourceId }) => sourceId === source.id)
      .map(({ claimValue, roleId }) => ({ claim: claimValue, roleId })),
    users: people.find(({ sourceId }) => sourceId === source.id)?._count.userId ?? 0,
    connections: connections.find(({ sourceId }) => sourceId === source.id)?._count.id ?? 0,
    held: held.get(source.id) ?? [],
  }))
}

export const countSources = (tx: Tx, tenantId: string): Promise<number> =>
  tx.identitySource.count({ where: { tenantId } })

/** The tenant's sources by name. The secret is nobody's to read. */
export async function listSources(tx: Tx, tenantId: string): Promise<SourceRecord[]> {
  const where = { tenantId }
  const found = await tx.identitySource.findMany({
    where,
    select: COLUMNS,
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
  })
  return withRoles(tx, tenantId, found)
}

export async function findSource(tx: Tx, tenantId: string, id: string): Promise<SourceRecord | null> {
  const found = await tx.identitySource.findMany({ where: { tenantId, id }, select: COLUMNS })
  const [source] = await withRoles(tx, tenantId, found)
  return source ?? null
}

type Sealed = Uint8Array<ArrayBuffer>
/** What is written of a source. */
export type SourceWrite = Omit<
  SourceRecord,
  'id' | 'enabled' | 'users' | 'connections' | 'held' | 'settings'
> & {
  settings: object
}

/** Puts a source in, without RETURNING: its secret cannot be read. */
export async function insertSource(
  tx: WriteTx,
  tenantId: string,
  id: string,
  f: SourceWrite,
  sealed: Sealed | null,
): Promise<void> {
  await tx.$executeRaw`
    insert into identity_source (id, tenant_id, kind, name, issuer, settings, sealed_secret, username_claim, email_claim, name_claim, groups_claim,
      default_role_id, create_users)
    values (${id}::uuid, ${tenantId}::uuid, ${f.kind}, ${f.name}, ${f.issuer}, ${JSON.stringify(f.settings)}::jsonb, ${sealed}, ${f.usernameClaim},
      ${f.emailClaim}, ${f.nameClaim}, ${f.groupsClaim}, ${f.defaultRoleId}::uuid, ${f.createUsers})`
  await replaceRoles(tx, tenantId, id, f.roles)
}

export async function updateSource(
  tx: WriteTx,
  tenantId: string,
  id: string,
  { roles, kind: _kind, ...data }: SourceWrite,
  sealed: Sealed | undefined,
): Promise<void> {
  await tx.identitySource.updateMany({
    where: { id, tenantId },
    data: { ...data, ...(sealed && { sealedSecret: sealed }), updatedAt: new Date() },
  })
  await replaceRoles(tx, tenantId, id, roles)
}

async function replaceRoles(
  tx: WriteTx,
  tenantId: string,
  sourceId: string,
  roles: SourceWrite['roles'],
): Promise<void> {
  await tx.identityRoleMap.deleteMany({ where: { tenantId, sourceId } })
  await tx.$executeRaw`
    insert into identity_role_map (tenant_id, source_id, claim_value, role_id)
    select ${tenantId}::uuid, ${sourceId}::uuid, w.claim, w.role
    from unnest(${roles.map(({ claim }) => claim)}::text[], ${roles.map(({ roleId }) => roleId)}::uuid[]) w(claim, role) group by w.claim, w.role`
}

export async function setEnabled(tx: WriteTx, tenantId: string, id: string, enabled: boolean): Promise<void> {
  await tx.identitySource.updateMany({ where: { id, tenantId }, data: { enabled, updatedAt: new Date() } })
}

export async function deleteSource(tx: WriteTx, tenantId: string, id: string): Promise<void> {
  await tx.identitySource.deleteMany({ where: { id, tenantId } })
}

/** Whether people of a source may be writing in other tenants, too. */
export async function reachesOut(tx: Tx, tenantId: string, id: string): Promise<boolean> {
  const rows = await tx.$queryRaw<{ out: boolean }[]>`
    select exists (select 1 from user_identity i
      where i.tenant_id = ${tenantId}::uuid and i.source_id = ${id}::uuid and wall.reaches_out(i.user_id)) as out`
  return rows[0]?.out ?? false
}

/** Ends the sessions of the people of a source, in every tenant. @returns how many */
export async function endSessionsOf(tx: WriteTx, id: string): Promise<number> {
  const rows = await tx.$queryRaw<{ n: number }[]>`select wall.identity_sessions_end(${id}::uuid) as n`
  return rows[0]?.n ?? 0
}
