import { scopeWords } from '@/server/authz/effects'
import { parseScope } from '@/lib/access'
import { inTenant, type Tx, type WriteTx } from '@/server/db/scope'
import { effectsAnswer, withEffects } from '@/server/features/roles/roles.effects'
import { peopleNames } from '@/server/features/roles/roles.places'
import type { Effects } from '@/server/features/roles/roles.schema'
import { type AppError, conflict, notFound } from '@/server/platform/errors'
import { readAssignments } from './users.assign.service'
import { sourcesOf } from './users.elsewhere'
import type { PeopleScope } from './users.people'
import { createRefusal, type People } from './users.policy'
import * as repo from './users.repo'
import type { AddGuest, AssignmentInput, Elsewhere } from './users.schema'
import { nameOf } from './users.service'

/** So many are offered at once; the search finds the others. */
const MOST_CHOICES = 20

/** People with an account in another tenant who could be added to this one. @throws AppError 403 */
export function listElsewhere(people: PeopleScope, search: string): Promise<Elsewhere> {
  const refusal = createRefusal(people)
  if (refusal) throw refusal
  return people.read(async (tx) => {
    const found = await repo.peopleElsewhere(tx, await sourcesOf(people, tx), {
      search,
      limit: MOST_CHOICES + 1,
    })
    return {
      more: found.length > MOST_CHOICES,
      rows: found.slice(0, MOST_CHOICES).map(({ homeId, homeName, homeSlug, ...person }) => ({
        ...person,
        name: nameOf(person),
        home: { id: homeId, name: homeName, slug: homeSlug },
      })),
    }
  })
}

/** Why somebody is not added; nothing for `ok`. Of `unknown` no more than of a random id. */
const REFUSALS: Record<Exclude<repo.GuestOutcome, 'ok'>, () => AppError> = {
  unknown: notFound,
  parent: () =>
    conflict(
      'A parent-level user reaches every tenant already, with the same role in each. Change it under People',
    ),
  master: () =>
    conflict('A user of the master tenant is no guest. Make them a parent-level user under People'),
  home: () => conflict('This person is homed in this tenant'),
  member: () => conflict('This person is a member of this tenant already'),
  moved: () => conflict('This person’s account moved meanwhile. Try again.'),
  closed: () => conflict('This tenant is not active, so nobody is added to it'),
  home_closed: () => conflict('The tenant that this person is homed in is not active'),
  disabled: () => conflict('This person’s account is disabled'),
}

/** Where somebody is homed whom this person may add. @throws AppError 404, 409 for a member */
async function homeFor(people: PeopleScope, userId: string): Promise<string> {
  const { op, giver } = people
  if (giver.provider) {
    const home = await inTenant(op, (tx) => repo.homeOf(tx, userId))
    if (home === null) throw notFound()
    return home
  }
  return people.read(async (tx) => {
    const [person] = await repo.peopleElsewhere(tx, await sourcesOf(people, tx), { id: userId })
    if (person) return person.homeId
    const member = await repo.findUser(tx, people.tenantId, userId)
    throw member ? REFUSALS.member() : notFound()
  })
}

/** Under the locks: whether whoever acts manages people in both tenants still. @throws AppError 403, 404 */
async function assertManages(now: People, tx: Tx, homeId: string): Promise<void> {
  const refusal = createRefusal(now)
  if (refusal) throw refusal
  const sources = await sourcesOf(now, tx)
  if (sources !== null && !sources.includes(homeId)) throw notFound()
}

async function add(
  now: People,
  tx: WriteTx,
  userId: string,
  homeId: string,
  asked: readonly AssignmentInput[],
) {
  await assertManages(now, tx, homeId)
  const outcome = await repo.addGuest(tx, userId, homeId)
  if (outcome !== 'ok') throw REFUSALS[outcome]()
  const given = await readAssignments(now, tx, asked)
  const { of, names } = await peopleNames(
    now,
    tx,
    asked.map(({ scope }) => scope),
  )
  const effects = await withEffects(of, tx, { users: [userId] }, () =>
    repo.replaceAssignments(tx, now.tenantId, userId, given, now.op.actor.userId),
  )
  const user = await repo.findUser(tx, now.tenantId, userId)
  if (!user) throw notFound()
  const roles = given.map(({ role, scope }) => `${role.name} ${scopeWords(parseScope(scope), names)}`.trim())
  return { user, roles, effects }
}

/**
 * Makes somebody who is homed in another subtenant a member of this one, with these roles and without an invitation (PRODUCT,
 * "membership"): by the provider, or by who manages people in both tenants. Under the exclusive locks of both. The home's log says
 * that its user became a member elsewhere, and does not say where: a tenant is not told of others.
 * @throws AppError 400, 403, 404, 409 in words
 */
export async function addGuest(people: PeopleScope, input: AddGuest) {
  const { userId, assignments } = input
  const homeId = await homeFor(people, userId)
  return people.write(
    async ({ tx, audit }, now) => {
      const { user, roles, effects } = await add(now, tx, userId, homeId, assignments)
      audit({
        targetKind: 'user',
        targetId: userId,
        targetName: user.username,
        after: { guest: true, roles },
        effects,
      })
      return { id: userId, name: nameOf(user) }
    },
    true,
    [homeId],
  )
}

/** What the person would gain: the lines that the audit row will have (D14). @throws as addGuest */
export async function previewGuest(people: PeopleScope, input: AddGuest): Promise<Effects> {
  const homeId = await homeFor(people, input.userId)
  return people.rehearse(async (tx, now) =>
    effectsAnswer((await add(now, tx, input.userId, homeId, input.assignments)).effects),
  )
}
