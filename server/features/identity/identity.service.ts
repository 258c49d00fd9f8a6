import { EVERYONE_LOCK } from '@/lib/master'
import type { SignedInOp } from '@/server/context/op'
import { database } from '@/server/db/runtime'
import { inTenant, mutate, type Mutation, type Tx } from '@/server/db/scope'
import { AppError, conflict, invalidField, notFound } from '@/server/platform/errors'
import { assertWithin, bucketOf, QUARTER_HOUR } from '@/server/platform/rate-limit'
import { seal } from '@/server/platform/seal'
import { isUniqueViolation } from '@/server/platform/unique-violation'
import { newDraft, readDraft } from './draft'
import { createRefusal, giverOf, sourceAbilities, sourceRefusal } from './identity.policy'
import * as repo from './identity.repo'
import type {
  CreateSource,
  SourceAction,
  SourceFields,
  SourceList,
  SourceRow,
  TestAnswer,
  TestSource,
  UpdateSource,
} from './identity.schema'
import type { Line } from './kind'
import { kindOf } from './kinds'
import { KIND_NAMES, type KindName, type Provider } from './provider.schema'
import { mapRefusal, type Role, roleNow, rolesToMap, rootOf } from './mapped-roles'
import { idpMetadata } from './saml.metadata'
import type { MetadataAnswer } from './saml.schema'
import { secretPlace } from './secret-place'
import { storedSecret } from './sso.service'

type Ref = { id: string; name: string }
const TARGET = 'identitySource'

const addressesOf = (op: SignedInOp, kind: KindName, id: string) =>
  kindOf({ kind }).addresses(op.tenant.isMaster ? null : op.tenant.slug, id)
const providerOf = ({ kind, issuer, settings }: repo.SourceRecord): Provider =>
  kindOf({ kind: kind as KindName }).show(issuer, settings)
const sealed = (tenantId: string, id: string, secret: string) =>
  new Uint8Array(seal(database().key, secretPlace(tenantId, id), secret))

function toRow(op: SignedInOp, source: repo.SourceRecord, roles: readonly Role[]): SourceRow {
  const {
    defaultRoleId,
    kind: _kind,
    settings: _settings,
    connections: _connections,
    held: _held,
    ...rest
  } = source
  const provider = providerOf(source)
  const named = (id: string) => {
    const role = roleNow(roles, id)
    return { id: role?.id ?? id, name: role?.name ?? 'A role that is gone' }
  }
  return {
    ...rest,
    defaultRole: defaultRoleId === null ? null : named(defaultRoleId),
    roles: source.roles.map(({ claim, roleId }) => ({ claim, role: named(roleId) })),
    provider,
    addresses: addressesOf(op, provider.kind, source.id),
    facts: kindOf(provider).facts?.(provider) ?? [],
    ...sourceAbilities(op, source, roles),
  }
}

/** The tenant's sources, without their secrets, and what a new one needs. */
export async function listSources(op: SignedInOp): Promise<SourceList> {
  const { sources, roles } = await inTenant(op, async (tx) => ({
    sources: await repo.listSources(tx, op.tenant.id),
    roles: await rolesToMap(tx, op.tenant.id),
  }))
  const refusal = createRefusal(op, sources.length)
  const draft = newDraft(op.tenant.id)
  return {
    sources: sources.map((source) => toRow(op, source, roles)),
    draft: {
      token: draft.token,
      addresses: Object.fromEntries(
        KIND_NAMES.map((kind) => [kind, addressesOf(op, kind, draft.id)]),
      ) as Record<KindName, Line[]>,
    },
    roleChoices: roles.map((role) => ({
      id: role.id,
      name: role.name,
      why: mapRefusal(giverOf(op), role)?.message ?? null,
    })),
    can: { create: refusal === null },
    why: { create: refusal?.message },
  }
}

/** @throws AppError 404 for a role that is none of the tenant's, 403 for one that this person may not give */
function assertRoles(
  { fresh }: Mutation,
  roles: readonly Role[],
  { defaultRoleId, roles: map }: SourceFields,
): void {
  const wanted = [
    ...(defaultRoleId === null ? [] : [{ roleId: defaultRoleId, field: 'defaultRoleId' }]),
    ...map.map(({ roleId }) => ({ roleId, field: 'roles' })),
  ]
  for (const { roleId, field } of wanted) {
    const role = roles.find(({ id }) => id === roleId)
    if (!role) throw notFound()
    const refusal = mapRefusal(giverOf(fresh), role)
    if (refusal)
      throw new AppError('access_denied', refusal.message, { fields: { [field]: refusal.message } })
  }
}

/** The fields as they are stored. @throws AppError 400 */
function stored({ provider, ...fields }: SourceFields, all: readonly Role[]): repo.SourceWrite {
  const root = (id: string) => {
    const role = roleNow(all, id)
    return role ? rootOf(role) : id
  }
  const { defaultRoleId, roles } = fields
  const kind = kindOf(provider)
  return {
    ...fields,
    kind: provider.kind,
    ...kind.store(provider),
    defaultRoleId: defaultRoleId === null ? null : root(defaultRoleId),
    roles: roles.map(({ claim, roleId }) => ({
      claim: kind.group?.(provider, claim) ?? claim,
      roleId: root(roleId),
    })),
  }
}

type Logged = Omit<repo.SourceWrite, 'settings'>

/** What the log says of a source: never its secret. */
function logged(written: Logged, provider: Provider, all: readonly Role[]): Record<string, unknown> {
  const nameOf = (id: string | null) => (id === null ? null : (roleNow(all, id)?.name ?? null))
  const { name, kind, issuer, usernameClaim, emailClaim, nameClaim, groupsClaim, createUsers } = written
  return {
    ...{ name, kind, issuer, ...kindOf(provider).logged(provider) },
    ...{ usernameClaim, emailClaim, nameClaim, groupsClaim, createUsers },
    defaultRole: nameOf(written.defaultRoleId),
    roles: written.roles.map(({ claim, roleId }) => `${claim}: ${nameOf(roleId)}`),
  }
}

async function unique<T>(
  tenantId: string,
  work: Promise<T>,
  op: SignedInOp,
  input: SourceFields,
  own: string,
): Promise<T> {
  return work.catch(async (error: unknown) => {
    if (!isUniqueViolation(error)) throw error
    const others = (await inTenant(op, (tx) => repo.listSources(tx, tenantId))).filter(({ id }) => id !== own)
    const field = others.some(({ name }) => name === input.name) ? 'name' : kindOf(input.provider).issuerField
    const why = field === 'name' ? 'There is a source with this name' : 'There is a source with this provider'
    throw conflict(why, { [field]: why })
  })
}

/** Adds a source, enabled. @throws AppError 400, 403, 404, 409 on `name` or the issuer */
export async function createSource(op: SignedInOp, { draft, secret, ...fields }: CreateSource): Promise<Ref> {
  const { secretMissing } = kindOf(fields.provider)
  if (secretMissing !== null && secret === undefined) throw invalidField('secret', secretMissing)
  const tenantId = op.tenant.id
  const id = readDraft(tenantId, draft)
  if (id === null) throw conflict('This page is too old. Load it again.')
  const work = mutate(op, async (m) => {
    const refusal = createRefusal(m.fresh, await repo.countSources(m.tx, tenantId))
    if (refusal) throw refusal
    const roles = await rolesToMap(m.tx, tenantId)
    assertRoles(m, roles, fields)
    const kept = secretMissing === null || secret === undefined ? null : sealed(tenantId, id, secret)
    const data = stored(fields, roles)
    await repo.insertSource(m.tx, tenantId, id, data, kept)
    const after = logged(data, fields.provider, roles)
    m.audit({ targetKind: TARGET, targetId: id, targetName: fields.name, after })
    return { id, name: fields.name }
  })
  return unique(tenantId, work, op, fields, id)
}

async function found(tx: Tx, fresh: Mutation['fresh'], tenantId: string, id: string, action: SourceAction) {
  const source = await repo.findSource(tx, tenantId, id)
  if (!source) throw notFound()
  const roles = await rolesToMap(tx, tenantId)
  const refusal = sourceRefusal(fresh, source, roles, action)
  if (refusal) throw refusal
  return { source, roles }
}

/** The source that a connection is to name: it then says who the source's people are. @throws AppError 403, 404 */
export const sourceToName = async (tx: Tx, fresh: Mutation['fresh'], tenantId: string, id: string) =>
  (await found(tx, fresh, tenantId, id, 'edit')).source

/** A stored secret goes where it was meant to go, and nowhere else. @throws AppError 400 on `secret` */
function assertSameWay(provider: Provider, stored: Provider): void {
  const { secretGoesTo, secretAgain = 'Enter the secret again' } = kindOf(provider)
  if (secretGoesTo?.(provider) !== secretGoesTo?.(stored)) throw invalidField('secret', secretAgain)
}

const KIND_STAYS = 'A source stays of its kind. Add another one'
const SUBJECT_USED = 'People sign in by this source. What says who they are stays'
const ISSUER_USED = 'People sign in with this provider. Add another source for another one'

/** Changes a source; its secret where one is given. @throws AppError 400, 403, 404, 409 */
export async function updateSource(op: SignedInOp, { id, secret, ...fields }: UpdateSource): Promise<Ref> {
  const { provider } = fields
  const { secretMissing, issuerField, subjectBy, forget } = kindOf(provider)
  const renewed = secretMissing !== null && secret !== undefined
  const tenantId = op.tenant.id
  const change = async (m: Mutation) => {
    const { source, roles } = await found(m.tx, m.fresh, tenantId, id, 'edit')
    assertRoles(m, roles, fields)
    if (provider.kind !== source.kind) throw conflict(KIND_STAYS)
    const data = stored(fields, roles)
    // Whom a subject is, is said by the issuer: theirs stays.
    if (source.users > 0 && data.issuer !== source.issuer)
      throw conflict(ISSUER_USED, { [issuerField]: ISSUER_USED })
    if (source.users > 0 && subjectBy?.(provider) !== subjectBy?.(providerOf(source)))
      throw conflict(SUBJECT_USED)
    if (!renewed) assertSameWay(provider, providerOf(source))
    const newSecret = renewed ? sealed(tenantId, id, secret) : undefined
    await repo.updateSource(m.tx, tenantId, id, data, newSecret)
    m.audit({
      targetKind: TARGET,
      targetId: id,
      targetName: fields.name,
      before: logged(source, providerOf(source), roles),
      after: { ...logged(data, provider, roles), ...(secretMissing !== null && { renewed }) },
    })
    return { id, name: fields.name }
  }
  // It may take groups and roles away, or the provider itself.
  const work = mutate(op, change, { exclusive: [tenantId] })
  const ref = await unique(tenantId, work, op, fields, id)
  forget?.(kindOf(provider).store(provider).issuer)
  return ref
}

/** Lets people sign in by it again. @throws AppError 403, 404, 409 */
export function enableSource(op: SignedInOp, id: string): Promise<Ref> {
  return mutate(op, async ({ tx, fresh, audit }) => {
    const { source } = await found(tx, fresh, op.tenant.id, id, 'enable')
    await repo.setEnabled(tx, op.tenant.id, id, true)
    audit({ targetKind: TARGET, targetId: id, targetName: source.name })
    return { id, name: source.name }
  })
}

/**
 * Does something that ends the sessions of a source's people. Where they may be writing in other tenants, too, that is waited for, as of one
 * person (users.locks.ts). @throws AppError 409 where their memberships changed between the first look and the locks
 */
async function shut<T>(op: SignedInOp, id: string, fn: (m: Mutation) => Promise<T>): Promise<T> {
  const tenantId = op.tenant.id
  const out = await inTenant(op, (tx) => repo.reachesOut(tx, tenantId, id))
  return mutate(
    op,
    async (m) => {
      if (!out && (await repo.reachesOut(m.tx, tenantId, id)))
        throw conflict('Memberships of its people changed meanwhile. Try again.')
      return fn(m)
    },
    { exclusive: out ? [tenantId, EVERYONE_LOCK] : [tenantId] },
  )
}

/** Nobody signs in by it any more, and its people's sessions end. @throws AppError 403, 404, 409 */
export function disableSource(op: SignedInOp, id: string): Promise<Ref & { sessionsEnded: number }> {
  const tenantId = op.tenant.id
  return shut(op, id, async ({ tx, fresh, audit }) => {
    const { source } = await found(tx, fresh, tenantId, id, 'disable')
    await repo.setEnabled(tx, tenantId, id, false)
    const sessionsEnded = await repo.endSessionsOf(tx, id)
    audit({ targetKind: TARGET, targetId: id, targetName: source.name, after: { sessionsEnded } })
    return { id, name: source.name, sessionsEnded }
  })
}

/**
 * Deletes a source: its people's sessions end; their accounts stay, and an administrator can set them a password.
 * @param confirmName its name, where people use it @throws AppError 400 on `confirmName`, 403, 404, 409
 */
export function deleteSource(
  op: SignedInOp,
  id: string,
  confirmName?: string,
): Promise<Ref & { sessionsEnded: number }> {
  const tenantId = op.tenant.id
  return shut(op, id, async ({ tx, fresh, audit }) => {
    const { source } = await found(tx, fresh, tenantId, id, 'delete')
    const { name, users } = source
    if (users > 0 && confirmName?.trim() !== name)
      throw invalidField('confirmName', 'Type the name exactly as it is')
    const sessionsEnded = await repo.endSessionsOf(tx, id)
    await repo.deleteSource(tx, tenantId, id)
    audit({
      targetKind: TARGET,
      targetId: id,
      targetName: name,
      before: { issuer: source.issuer, users },
      after: { sessionsEnded },
    })
    return { id, name, sessionsEnded }
  })
}

/** What a test of a source that is there is made with: what was typed, else what is stored, where that is sent at all. @throws AppError 400, 403, 404 */
async function testSecret(
  op: SignedInOp,
  id: string,
  { provider, secret }: TestSource,
): Promise<string | null> {
  const { source } = await inTenant(op, (tx) => found(tx, op, op.tenant.id, id, 'edit'))
  if (provider.kind !== source.kind) throw conflict(KIND_STAYS)
  if (secret !== undefined || !kindOf(provider).testsSecret) return secret ?? null
  assertSameWay(provider, providerOf(source))
  return storedSecret(op.tenant.id, id)
}

/** Asks the other side who it is, and says what is wrong. @throws AppError 400, 403, 404, 429 */
export async function testSource(op: SignedInOp, input: TestSource): Promise<TestAnswer> {
  const { provider, id, names } = input
  const bucket = bucketOf('identity.test', op.tenant.id, op.actor.userId)
  await assertWithin({ bucket, seconds: QUARTER_HOUR, attempts: 30 })
  const { store, diagnose, forget, testsSecret, secretMissing } = kindOf(provider)
  const { issuer } = store(provider)
  const secret = id === undefined ? (input.secret ?? null) : await testSecret(op, id, input)
  if (testsSecret && secret === null) throw invalidField('secret', secretMissing ?? '')
  const answer = await diagnose(provider, { secret, names })
  forget?.(issuer)
  await mutate(op, ({ audit }) => {
    audit({ targetKind: TARGET, targetId: id ?? '', targetName: issuer, after: { ok: answer.ok } })
    return Promise.resolve()
  })
  return answer
}

/** What pasted metadata say, for the form. @throws AppError 400 on `xml`, 429 */
export async function readMetadata(op: SignedInOp, xml: string): Promise<MetadataAnswer> {
  const bucket = bucketOf('identity.metadata', op.tenant.id, op.actor.userId)
  await assertWithin({ bucket, seconds: QUARTER_HOUR, attempts: 30 })
  return idpMetadata(xml)
}
