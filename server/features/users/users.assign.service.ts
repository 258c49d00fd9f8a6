import { randomUUID } from 'node:crypto'
import { parseScope } from '@/lib/access'
import type { Effect } from '@/lib/effects'
import { normaliseUsername } from '@/lib/login-name'
import { MASTER_TENANT_ID } from '@/lib/master'
import { scopeWords } from '@/server/authz/effects'
import type { Tx, WriteTx } from '@/server/db/scope'
import { peopleNames, placesOf } from '@/server/features/roles/roles.places'
import { effectsAnswer, withEffects } from '@/server/features/roles/roles.effects'
import { grantRefusal } from '@/server/features/roles/roles.policy'
import type { Effects } from '@/server/features/roles/roles.schema'
import { rolesOfTenant } from '@/server/features/roles/roles.service'
import { AppError, conflict, invalidField, notFound } from '@/server/platform/errors'
import { writeAbout } from './users.locks'
import type { PeopleScope } from './users.people'
import { isKeeper, isLastKeeper, KEEPER_ROLES, lastKeeper, type People, userRefusal } from './users.policy'
import * as repo from './users.repo'
import type { AssignmentInput, PreviewUser } from './users.schema'
import { nameOf } from './users.service'

type Role = Awaited<ReturnType<typeof rolesOfTenant>>[number]
type Held = repo.UserRecord['assignments'][number]
export type Given = AssignmentInput & { role: Role }

const keyOf = ({ roleId, scope }: { roleId: string; scope: string }) => `${roleId} ${scope}`
export const USERNAME_TAKEN = 'Another user of this tenant has this username'
const SCOPE =
  /^((cloud|group|resource):[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|tag:[a-z0-9][a-z0-9 ._:/-]{0,59})?$/

const sameEnd = (a: string | null, b: string | null): boolean =>
  a === b || (a !== null && b !== null && Date.parse(a) === Date.parse(b))

function assertEnd(given: Given, held: Held | undefined): void {
  const { role, scope, expiresAt } = given
  if (isKeeper(role) && (scope !== '' || expiresAt !== null))
    throw invalidField('assignments', `${role.name} is held in the whole tenant and for good`)
  if (
    expiresAt !== null &&
    Date.parse(expiresAt) <= Date.now() &&
    !(held && sameEnd(held.expiresAt, expiresAt))
  )
    throw invalidField('assignments', 'An end date is in the future')
}

/**
 * The assignments that were asked for, if all their roles and places are to be had, and this person may give what is new or lasts longer.
 * @param held what the user has already: kept, not given
 * @throws AppError 400, 403, 404, 409 where a subtenant has no multi-tenant role
 */
export async function readAssignments(
  people: People,
  tx: Tx,
  asked: readonly AssignmentInput[],
  held: readonly Held[] = [],
): Promise<Given[]> {
  const roles = await rolesOfTenant(tx, people.tenantId)
  if (people.tenantId !== MASTER_TENANT_ID && !roles.some(({ multiTenant }) => multiTenant)) {
    const why =
      'There is no multi-tenant role that this user could have. The master tenant has to make one first.'
    throw conflict(why, { roleIds: why })
  }
  if (asked.length === 0) throw invalidField('roleIds', 'Choose a role')
  if (new Set(asked.map(keyOf)).size !== asked.length)
    throw invalidField('assignments', 'Name each role once in a scope')
  const given = asked.map((one) => {
    const role = roles.find(({ id }) => id === one.roleId)
    if (!role) throw notFound()
    return { ...one, role }
  })
  const before = new Map(held.map((one) => [keyOf(one), one]))
  const fresh = given.filter((one) => {
    const was = before.get(keyOf(one))
    assertEnd(one, was)
    return !was || !sameEnd(was.expiresAt, one.expiresAt)
  })
  await assertPlaces(people, tx, fresh)
  for (const one of fresh) {
    const refusal = grantRefusal(people.giver, { ...one.role, scope: one.scope })
    if (refusal)
      throw new AppError('access_denied', refusal.message, { fields: { roleIds: refusal.message } })
  }
  return given
}

/** @throws AppError 400 for a scope that is none, 404 for one of what the person does not see */
async function assertPlaces(people: People, tx: Tx, fresh: readonly Given[]): Promise<void> {
  for (const { scope } of fresh) if (!SCOPE.test(scope)) throw invalidField('assignments', 'This is no scope')
  const scopes = fresh
    .map(({ scope }) => parseScope(scope))
    .filter((scope) => scope !== null && scope.kind !== 'tag')
  const kinds = await placesOf(
    people,
    tx,
    scopes.map((scope) => scope?.value ?? ''),
  )
  for (const scope of scopes) {
    const kind = kinds.get(scope?.value ?? '')
    const fits = scope?.kind === 'resource' ? kind !== undefined && kind !== 'group' : kind === scope?.kind
    if (!fits) throw notFound()
  }
}

/** `Editor in group Staging until 2027-01-01`. */
const wordsOf = (
  { name, scope, expiresAt }: { name: string; scope: string; expiresAt: string | null },
  names: ReadonlyMap<string, string>,
): string =>
  [name, scopeWords(parseScope(scope), names), expiresAt === null ? '' : `until ${expiresAt.slice(0, 10)}`]
    .filter((part) => part !== '')
    .join(' ')

/**
 * Puts a new user into the tenant with these roles. @returns the roles in words, and what the person gains by them
 * @throws AppError as readAssignments, 409 on `username`
 */
export async function insertWith(
  now: People,
  tx: WriteTx,
  user: repo.NewUser,
  asked: readonly AssignmentInput[],
): Promise<{ roles: string[]; effects: Effect[] }> {
  const given = await readAssignments(now, tx, asked)
  const { of, names } = await peopleNames(
    now,
    tx,
    asked.map(({ scope }) => scope),
  )
  const effects = await withEffects(of, tx, { users: [user.id] }, async () => {
    if (!(await repo.insertUser(tx, now.tenantId, user)))
      throw conflict(USERNAME_TAKEN, { username: USERNAME_TAKEN })
    await repo.replaceAssignments(tx, now.tenantId, user.id, given, now.op.actor.userId)
  })
  return { roles: given.map((one) => wordsOf({ ...one, name: one.role.name }, names)), effects }
}

/** What a person who is still to come would gain: the lines that the audit row will have (D14). @throws as readAssignments */
export function previewCreate(people: PeopleScope, input: PreviewUser): Promise<Effects> {
  const named = `${input.firstName}${input.lastName}` !== ''
  const id = randomUUID()
  const user = {
    id,
    // Whether the username that is typed can be had, is for saving to tell.
    username: `preview-${id}`,
    email: 'nobody@preview.invalid',
    firstName: named ? input.firstName : (normaliseUsername(input.username.trim()) ?? 'The new user'),
    lastName: input.lastName,
    createdBy: people.op.actor.userId,
  }
  return people.rehearse(async (tx, now) =>
    effectsAnswer((await insertWith(now, tx, user, input.assignments)).effects),
  )
}

interface Assigned {
  user: repo.UserRecord
  before: string[]
  after: string[]
  effects: Effect[]
}

async function assign(
  now: People,
  tx: WriteTx,
  id: string,
  asked: readonly AssignmentInput[],
): Promise<Assigned> {
  const user = await repo.findUser(tx, now.tenantId, id)
  if (!user) throw notFound()
  const keepers = await repo.countHolders(tx, KEEPER_ROLES)
  const refusal = userRefusal(now, user, 'setRoles', keepers)
  if (refusal) throw refusal
  const given = await readAssignments(now, tx, asked, user.assignments)
  if (isLastKeeper(user, keepers) && !given.some(({ role }) => isKeeper(role))) throw lastKeeper()
  const { of, names } = await peopleNames(
    now,
    tx,
    [...user.assignments, ...asked].map(({ scope }) => scope),
  )
  const effects = await withEffects(of, tx, { users: [id] }, () =>
    repo.replaceAssignments(tx, now.tenantId, id, given, now.op.actor.userId),
  )
  const after = given.map((one) => wordsOf({ ...one, name: one.role.name }, names))
  return { user, before: user.assignments.map((one) => wordsOf(one, names)), after, effects }
}

/**
 * Gives somebody exactly these roles in the tenant, each perhaps in a scope and until a date. It holds in their next request.
 * @throws AppError 400, 403, 404, 409 for the last owner
 */
export function setAssignments(people: PeopleScope, id: string, asked: readonly AssignmentInput[]) {
  return writeAbout(people, id, async ({ tx, audit }, now) => {
    const { user, before, after, effects } = await assign(now, tx, id, asked)
    const states = { before: { roles: before }, after: { roles: after } }
    audit({ targetKind: 'user', targetId: id, targetName: user.username, ...states, effects })
    return { id, name: nameOf(user) }
  })
}

/** What the person would gain and lose: the lines that the audit row will have (D14). @throws as setAssignments */
export const previewAssignments = (
  people: PeopleScope,
  id: string,
  asked: readonly AssignmentInput[],
): Promise<Effects> =>
  people.rehearse(async (tx, now) => effectsAnswer((await assign(now, tx, id, asked)).effects))
