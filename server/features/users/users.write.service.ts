import { randomInt, randomUUID } from 'node:crypto'
import { MASTER_TENANT_ID } from '@/lib/master'
import { normaliseUsername } from '@/lib/login-name'
import type { Mutation, Tx } from '@/server/db/scope'
import { grantRefusal } from '@/server/features/roles/roles.policy'
import { rolesOfTenant } from '@/server/features/roles/roles.service'
import { AppError, conflict, invalidField, notFound } from '@/server/platform/errors'
import { hashPassword } from '@/server/platform/password'
import { passwordProblem } from '@/server/platform/password-policy'
import { isUniqueViolation } from '@/server/platform/unique-violation'
import { insertWith, USERNAME_TAKEN } from './users.assign.service'
import { writeAbout } from './users.locks'
import type { PeopleScope } from './users.people'
import {
  emailRefusal,
  isKeeper,
  isLastKeeper,
  KEEPER_ROLES,
  lastKeeper,
  type People,
  type UserAction,
  userRefusal,
} from './users.policy'
import * as repo from './users.repo'
import type { CreateUser, NewPassword, UpdateUser } from './users.schema'
import { nameOf } from './users.service'

type Ref = { id: string; name: string }
type PasswordRef = Ref & { generatedPassword?: string }

/** A password that an administrator knows holds so long (attack C17). */
const TEMPORARY_HOURS = 24
const usernameTaken = () => conflict(USERNAME_TAKEN, { username: USERNAME_TAKEN })

/** A username as it is stored. @throws AppError invalid_input on the field `username` */
export function readUsername(text: string): string {
  const username = normaliseUsername(text.trim())
  if (username !== null) return username
  throw invalidField('username', 'Use 1 to 64 of a-z, 0-9 and . _ @ + -, beginning with a letter or digit')
}

/** Without look-alikes, so that it can be read out; 100 bits. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789'

function generatePassword(): string {
  const group = () => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return [group(), group(), group(), group()].join('-')
}

/** The typed password, checked, or a new one. @throws AppError invalid_input on `password` or `passwordConfirm` */
async function readPassword(input: NewPassword, person: { username: string; email: string }) {
  const generated = input.password === undefined ? generatePassword() : undefined
  if (input.password !== undefined) {
    const problem = passwordProblem(input.password, person)
    if (problem !== null) throw invalidField('password', problem)
    if (input.password !== input.passwordConfirm)
      throw invalidField('passwordConfirm', 'The two passwords differ')
  }
  return { generated, hash: await hashPassword(generated ?? input.password ?? '') }
}

/**
 * The roles of these ids, if all are to be had in the tenant and this person may give those that are new.
 * @param held what the user has already: kept, not given
 * @throws AppError 409 where a subtenant has no multi-tenant role (PRODUCT, "user role"), 404 for an unknown one, 403
 */
async function readRoles(
  people: People,
  tx: Tx,
  roleIds: readonly string[],
  held: readonly { id: string }[] = [],
) {
  const roles = await rolesOfTenant(tx, people.tenantId)
  assertTemplates(people, roles)
  const chosen = roleIds.map((id) => roles.find((role) => role.id === id))
  if (!chosen.every((role) => role !== undefined)) throw notFound()
  for (const role of chosen) {
    const refusal = held.some(({ id }) => id === role.id) ? null : grantRefusal(people.giver, role)
    if (refusal)
      throw new AppError('access_denied', refusal.message, { fields: { roleIds: refusal.message } })
  }
  return chosen
}

function assertTemplates(people: People, roles: readonly { multiTenant: boolean }[]): void {
  if (people.tenantId === MASTER_TENANT_ID || roles.some(({ multiTenant }) => multiTenant)) return
  const why =
    'There is no multi-tenant role that this user could have. The master tenant has to make one first.'
  throw conflict(why, { roleIds: why })
}

const names = (roles: readonly { name: string }[]) => roles.map(({ name }) => name)

/**
 * Creates a user homed in the tenant. The password is an administrator's: it must be changed at the first sign-in, within a
 * day. Without one typed a password is made, and told this once.
 * @throws AppError 400, 403, 404 or 409 with the field it is about
 */
export async function createUser(people: PeopleScope, input: CreateUser): Promise<PasswordRef> {
  const username = readUsername(input.username)
  const { generated, hash } = await readPassword(input, { username, email: input.email })
  const { email, firstName, lastName } = input
  const user = { id: randomUUID(), username, email, firstName, lastName, createdBy: people.op.actor.userId }
  const { tenantId } = people
  await people.write(async ({ tx, audit }, now) => {
    const whole = (input.roleIds ?? []).map((roleId) => ({ roleId, scope: '', expiresAt: null }))
    const { roles, effects } = await insertWith(now, tx, user, [...whole, ...input.assignments])
    await repo.setPassword(tx, tenantId, user.id, hash, TEMPORARY_HOURS)
    const after = { username, email, firstName, lastName, roles }
    audit({ targetKind: 'user', targetId: user.id, targetName: username, after, effects })
  })
  return { id: user.id, name: nameOf(user), ...(generated !== undefined && { generatedPassword: generated }) }
}

type Change = (m: Mutation, user: repo.UserRecord, keepers: number, now: People) => Promise<void>

/** Finds the person under the tenant's exclusive lock, and asks whether this may be done. @throws AppError 403, 404, 409 */
export async function change(people: PeopleScope, id: string, action: UserAction, fn: Change): Promise<Ref> {
  return writeAbout(people, id, async (m, now) => {
    const user = await repo.findUser(m.tx, people.tenantId, id)
    if (!user) throw notFound()
    const keepers = await repo.countHolders(m.tx, KEEPER_ROLES)
    const refusal = userRefusal(now, user, action, keepers)
    if (refusal) throw refusal
    await fn(m, user, keepers, now)
    return { id, name: nameOf(user) }
  })
}

const FIELDS = ['username', 'email', 'firstName', 'lastName'] as const

/** Changes names, username and e-mail address. @throws AppError 403, 404, 409 on `username` */
export async function updateUser(people: PeopleScope, input: UpdateUser): Promise<Ref> {
  const next = { ...input, username: readUsername(input.username) }
  const done = change(people, input.id, 'edit', async ({ tx, audit }, user) => {
    assertTemplates(people, await rolesOfTenant(tx, people.tenantId))
    const changed = FIELDS.filter((field) => user[field] !== next[field])
    const refusal = changed.includes('email') ? emailRefusal(people, user) : null
    if (refusal !== null) throw new AppError('access_denied', refusal, { fields: { email: refusal } })
    const pick = (from: typeof next | repo.UserRecord) =>
      Object.fromEntries(changed.map((field) => [field, from[field]]))
    await repo.updateUser(tx, people.tenantId, user.id, pick(next))
    audit({
      targetKind: 'user',
      targetId: user.id,
      targetName: next.username,
      before: pick(user),
      after: pick(next),
    })
  })
  const { id } = await done.catch((error: unknown) => {
    throw isUniqueViolation(error) ? usernameTaken() : error
  })
  return { id, name: nameOf(next) }
}

/** Sets a password for somebody and ends their sessions; they must change it within a day. @throws AppError 400, 403, 404 */
export async function setUserPassword(
  people: PeopleScope,
  id: string,
  input: NewPassword,
): Promise<PasswordRef> {
  const { tenantId } = people
  const before = await people.read((tx) => repo.findUser(tx, tenantId, id))
  if (!before) throw notFound()
  const { generated, hash } = await readPassword(input, before)
  const ref = await change(people, id, 'setPassword', async ({ tx, audit }, user) => {
    await repo.setPassword(tx, tenantId, id, hash, TEMPORARY_HOURS)
    const sessionsEnded = await repo.endSessions(tx, id)
    audit({
      targetKind: 'user',
      targetId: id,
      targetName: user.username,
      after: { temporary: true, sessionsEnded },
    })
  })
  return { ...ref, ...(generated !== undefined && { generatedPassword: generated }) }
}

/**
 * Gives somebody exactly these roles in the tenant; their sessions end, so that they go on with the new rights only.
 * @throws AppError 403, 404, 409 for the last owner
 */
export function setUserRoles(people: PeopleScope, id: string, roleIds: readonly string[]): Promise<Ref> {
  return change(people, id, 'setRoles', async ({ tx, audit }, user, keepers, now) => {
    const roles = await readRoles(now, tx, roleIds, user.roles)
    if (isLastKeeper(user, keepers) && !roles.some(isKeeper)) throw lastKeeper()
    await repo.replaceRoles(tx, people.tenantId, id, roleIds, people.op.actor.userId)
    const sessionsEnded = await endSessionsOf(people, tx, user)
    const states = { before: { roles: names(user.roles) }, after: { roles: names(roles), sessionsEnded } }
    audit({ targetKind: 'user', targetId: id, targetName: user.username, ...states })
  })
}

/** Of one's own people everywhere; a guest's in this tenant only. */
function endSessionsOf(people: People, tx: Mutation['tx'], user: repo.UserRecord): Promise<number> {
  return user.homeTenantId === people.tenantId
    ? repo.endSessions(tx, user.id)
    : repo.endSessionsHere(tx, people.tenantId, user.id)
}

/** Disables a user: out within a second. @throws AppError 403, 404, 409 for the last owner */
export function disableUser(people: PeopleScope, id: string): Promise<Ref> {
  return change(people, id, 'disable', async ({ tx, audit }, user) => {
    await repo.updateUser(tx, people.tenantId, id, { status: 'disabled' })
    const sessionsEnded = await repo.endSessions(tx, id)
    const states = { before: { status: user.status }, after: { status: 'disabled', sessionsEnded } }
    audit({ targetKind: 'user', targetId: id, targetName: user.username, ...states })
  })
}

/** Lets a disabled user in again. @throws AppError 403, 404, 409 */
export function enableUser(people: PeopleScope, id: string): Promise<Ref> {
  return change(people, id, 'enable', async ({ tx, audit }, user) => {
    await repo.updateUser(tx, people.tenantId, id, { status: 'active' })
    const states = { before: { status: user.status }, after: { status: 'active' } }
    audit({ targetKind: 'user', targetId: id, targetName: user.username, ...states })
  })
}

/** Deletes a user, with password, roles and sessions; the audit log keeps what they did. @throws AppError 403, 404, 409 */
export function deleteUser(people: PeopleScope, id: string): Promise<Ref> {
  return change(people, id, 'delete', async ({ tx, audit }, user) => {
    const sessionsEnded = await repo.endSessions(tx, id)
    await repo.deleteUser(tx, people.tenantId, id)
    const { username, email, firstName, lastName } = user
    const before = { username, email, firstName, lastName, roles: names(user.roles) }
    audit({ targetKind: 'user', targetId: id, targetName: username, before, after: { sessionsEnded } })
  })
}

/** Signs somebody out everywhere. @throws AppError 403, 404 */
export async function endUserSessions(
  people: PeopleScope,
  id: string,
): Promise<Ref & { sessionsEnded: number }> {
  let sessionsEnded = 0
  const ref = await change(people, id, 'endSessions', async ({ tx, audit }, user) => {
    sessionsEnded = await endSessionsOf(people, tx, user)
    audit({ targetKind: 'user', targetId: id, targetName: user.username, after: { sessionsEnded } })
  })
  return { ...ref, sessionsEnded }
}

/**
 * Ends a guest's membership: out of this tenant at once, with the roles here; the account stays, it is another tenant's.
 * @throws AppError 403, 404, 409 for the last owner
 */
export function removeGuest(people: PeopleScope, id: string): Promise<Ref> {
  return change(people, id, 'remove', async ({ tx, audit }, user) => {
    const sessionsEnded = await repo.removeGuest(tx, id)
    if (sessionsEnded === null) throw notFound()
    const states = { before: { roles: names(user.roles) }, after: { sessionsEnded } }
    audit({ targetKind: 'user', targetId: id, targetName: user.username, ...states })
  })
}
