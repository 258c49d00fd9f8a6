import { randomUUID } from 'node:crypto'
import { EVERYONE_LOCK, MASTER_TENANT_ID } from '@/lib/master'
import { tokenHash } from '@/server/context/build'
import type { SignedInOp } from '@/server/context/op'
import { inTenant, mutate, type Mutation, type Tx } from '@/server/db/scope'
import { giverOf } from '@/server/features/identity/identity.policy'
import { sourceToName } from '@/server/features/identity/identity.service'
import { mapRefusal, type Role, roleNow, rolesToMap, rootOf } from '@/server/features/identity/mapped-roles'
import { SCIM_PREFIX, scimAddress } from '@/server/features/scim/caller'
import { randomToken } from '@/server/platform/crypto'
import { AppError, conflict, invalidField, notFound } from '@/server/platform/errors'
import { isUniqueViolation } from '@/server/platform/unique-violation'
import { connectionAbilities, connectionRefusal, createRefusal } from './provisioning.policy'
import * as repo from './provisioning.repo'
import type {
  ConnectionAction,
  ConnectionFields,
  ConnectionList,
  ConnectionRow,
  CreateConnection,
  UpdateConnection,
} from './provisioning.schema'

type Ref = { id: string; name: string }
type WithToken = Ref & { token: string; baseUrl: string }
const TARGET = 'scimConnection'

const addressOf = ({ tenant }: SignedInOp) => scimAddress(tenant.isMaster ? null : tenant.slug)
const newToken = () => {
  const token = randomToken(SCIM_PREFIX)
  return { token, hash: new Uint8Array(tokenHash(token)) }
}

function toRow(op: SignedInOp, connection: repo.ConnectionRecord, roles: readonly Role[]): ConnectionRow {
  const { defaultRoleId, tokenExpiresAt, lastUsedAt, createdAt, held: _held, ...rest } = connection
  const named = (id: string) => {
    const role = roleNow(roles, id)
    return { id: role?.id ?? id, name: role?.name ?? 'A role that is gone' }
  }
  return {
    ...rest,
    tokenExpiresAt: tokenExpiresAt?.toISOString() ?? null,
    tokenExpired: tokenExpiresAt !== null && tokenExpiresAt.getTime() <= Date.now(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    defaultRole: defaultRoleId === null ? null : named(defaultRoleId),
    roles: connection.roles.map(({ group, roleId }) => ({ group, role: named(roleId) })),
    ...connectionAbilities(op, connection, roles),
  }
}

/** The tenant's connections, without their tokens, and what a new one needs. */
export async function listConnections(op: SignedInOp): Promise<ConnectionList> {
  const { connections, roles, sources } = await inTenant(op, async (tx) => {
    const found = await repo.listSources(tx, op.tenant.id)
    return {
      connections: await repo.listConnections(tx, op.tenant.id, found),
      roles: await rolesToMap(tx, op.tenant.id),
      sources: found,
    }
  })
  const refusal = createRefusal(op, connections.length)
  return {
    connections: connections.map((connection) => toRow(op, connection, roles)),
    baseUrl: addressOf(op),
    sources,
    roleChoices: roles.map((role) => ({
      id: role.id,
      name: role.name,
      why: mapRefusal(giverOf(op), role)?.message ?? null,
    })),
    can: { create: refusal === null },
    why: { create: refusal?.message },
  }
}

/**
 * The fields as they are stored: a copy of a template as the template, so that it lasts when the copy goes.
 * @throws AppError 404 for a role that is none of the tenant's, 403 for one that this person may not give
 */
function stored(
  { fresh }: Pick<Mutation, 'fresh'>,
  all: readonly Role[],
  input: Pick<UpdateConnection, 'name' | 'roles' | 'defaultRoleId'>,
): ConnectionFields {
  const given = (id: string, field: string): string => {
    const role = all.find((one) => one.id === id)
    if (!role) throw notFound()
    const refusal = mapRefusal(giverOf(fresh), role)
    if (refusal)
      throw new AppError('access_denied', refusal.message, { fields: { [field]: refusal.message } })
    return rootOf(role)
  }
  const { name, roles, defaultRoleId } = input
  return {
    name,
    defaultRoleId: defaultRoleId === undefined ? null : given(defaultRoleId, 'defaultRoleId'),
    roles: roles.map(({ group, roleId }) => ({ group, roleId: given(roleId, 'roles') })),
  }
}

/** What the log says of a connection: never its token. */
const logged = ({ name, defaultRoleId, roles }: ConnectionFields, all: readonly Role[]) => {
  const nameOf = (id: string) => roleNow(all, id)?.name ?? null
  return {
    name,
    defaultRole: defaultRoleId === null ? null : nameOf(defaultRoleId),
    roles: roles.map(({ group, roleId }) => `${group}: ${nameOf(roleId)}`),
  }
}

const NAME_USED = 'There is a connection with this name'
async function unique<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw isUniqueViolation(error) ? conflict(NAME_USED, { name: NAME_USED }) : error
  })
}

/** Adds a connection, enabled; its token is answered this once. @throws AppError 403, 404, 409 */
export async function createConnection(op: SignedInOp, input: CreateConnection): Promise<WithToken> {
  const tenantId = op.tenant.id
  const { token, hash } = newToken()
  const { sourceId = null, tokenDays = null, name } = input
  const id = randomUUID()
  const work = mutate(op, async (m) => {
    const refusal = createRefusal(m.fresh, await repo.countConnections(m.tx, tenantId))
    if (refusal) throw refusal
    const roles = await rolesToMap(m.tx, tenantId)
    const source = sourceId === null ? null : await sourceToName(m.tx, m.fresh, tenantId, sourceId)
    const fields = stored(m, roles, input)
    await repo.insertConnection(m.tx, tenantId, { ...fields, id, sourceId, tokenDays }, hash)
    const after = { ...logged(fields, roles), source: source?.name ?? null, tokenDays }
    m.audit({ targetKind: TARGET, targetId: id, targetName: name, after })
  })
  await unique(work)
  return { id, name, token, baseUrl: addressOf(op) }
}

/** A connection that this may be done to. @throws AppError 403, 404, 409 */
async function found(
  tx: Tx,
  fresh: Mutation['fresh'],
  tenantId: string,
  id: string,
  action: ConnectionAction,
) {
  const [connection] = await repo.listConnections(tx, tenantId, await repo.listSources(tx, tenantId), id)
  if (!connection) throw notFound()
  const roles = await rolesToMap(tx, tenantId)
  const refusal = connectionRefusal(fresh, connection, roles, action)
  if (refusal) throw refusal
  return { connection, roles }
}

/**
 * Changes name, groups and roles of a connection. Its people have the roles of now at once; who loses one is signed out.
 * @throws AppError 403, 404, 409
 */
export async function updateConnection(
  op: SignedInOp,
  { id, ...input }: UpdateConnection,
): Promise<Ref & { sessionsEnded: number }> {
  const tenantId = op.tenant.id
  const work = mutate(
    op,
    async (m) => {
      const { connection, roles } = await found(m.tx, m.fresh, tenantId, id, 'edit')
      const fields = stored(m, roles, input)
      await repo.updateConnection(m.tx, tenantId, id, fields)
      const sessionsEnded = await repo.resync(m.tx, id)
      m.audit({
        targetKind: TARGET,
        targetId: id,
        targetName: fields.name,
        before: logged(connection, roles),
        after: { ...logged(fields, roles), sessionsEnded },
      })
      return { id, name: fields.name, sessionsEnded }
    },
    // The master's people have their roles everywhere.
    { exclusive: tenantId === MASTER_TENANT_ID ? [tenantId, EVERYONE_LOCK] : [tenantId] },
  )
  return unique(work)
}

/** Another token, answered this once; the one before ends at once. @throws AppError 403, 404 */
export async function rotateToken(op: SignedInOp, id: string, tokenDays?: number): Promise<WithToken> {
  const tenantId = op.tenant.id
  const { token, hash } = newToken()
  const name = await mutate(
    op,
    async ({ tx, fresh, audit }) => {
      const { connection } = await found(tx, fresh, tenantId, id, 'rotate')
      await repo.rotate(tx, id, hash, tokenDays ?? null)
      const after = { tokenDays: tokenDays ?? null }
      audit({ targetKind: TARGET, targetId: id, targetName: connection.name, after })
      return connection.name
    },
    { exclusive: [tenantId] },
  )
  return { id, name, token, baseUrl: addressOf(op) }
}

/** Lets the directory in again, or out: its people stay as they are. @throws AppError 403, 404, 409 */
export function setEnabled(op: SignedInOp, id: string, enabled: boolean): Promise<Ref> {
  const tenantId = op.tenant.id
  return mutate(
    op,
    async ({ tx, fresh, audit }) => {
      const { connection } = await found(tx, fresh, tenantId, id, enabled ? 'enable' : 'disable')
      await repo.setEnabled(tx, tenantId, id, enabled)
      audit({ targetKind: TARGET, targetId: id, targetName: connection.name })
      return { id, name: connection.name }
    },
    { exclusive: [tenantId] },
  )
}

/**
 * Deletes a connection: its token ends, its groups go; its people keep account and roles, which are an administrator's then.
 * @param confirmName its name, where it provisioned people @throws AppError 400 on `confirmName`, 403, 404
 */
export function deleteConnection(op: SignedInOp, id: string, confirmName?: string): Promise<Ref> {
  const tenantId = op.tenant.id
  return mutate(
    op,
    async ({ tx, fresh, audit }) => {
      const { connection } = await found(tx, fresh, tenantId, id, 'delete')
      const { name, users, groups } = connection
      if (users > 0 && confirmName?.trim() !== name)
        throw invalidField('confirmName', 'Type the name exactly as it is')
      await repo.deleteConnection(tx, tenantId, id)
      audit({ targetKind: TARGET, targetId: id, targetName: name, before: { users, groups } })
      return { id, name }
    },
    { exclusive: [tenantId] },
  )
}
