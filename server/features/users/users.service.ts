import { parseScope } from '@/lib/access'
import { scopeWords } from '@/server/authz/effects'
import type { Tx } from '@/server/db/scope'
import { peopleNames } from '@/server/features/roles/roles.places'
import { numbered, pageOf, readPosition } from '@/server/platform/cursor'
import { notFound } from '@/server/platform/errors'
import { totals } from '@/server/platform/page-schema'
import { impersonateRefusal } from '@/server/features/impersonation/impersonation.policy'
import type { HomeTenant, PeopleScope } from './users.people'
import { mayOfferElsewhere } from './users.elsewhere'
import { createRefusal, KEEPER_ROLES, kindOfUser, type People, userAbilities } from './users.policy'
import * as repo from './users.repo'
import type { ListUsers, UserRow } from './users.schema'

/** First and last name, or the username. */
export const nameOf = (user: Pick<repo.UserRecord, 'firstName' | 'lastName' | 'username'>): string =>
  `${user.firstName} ${user.lastName}`.trim() || user.username

function passwordState(people: People, user: repo.UserRecord): UserRow['password'] {
  if (user.homeTenantId !== people.tenantId) return 'elsewhere'
  // A person's own that has grown too old has no end.
  if (!user.mustChange || !user.passwordExpiresAt) return 'set'
  return user.passwordExpiresAt.getTime() <= Date.now() ? 'expired' : 'temporary'
}

function toRow(
  people: People,
  user: repo.UserRecord,
  keepers: number,
  names: ReadonlyMap<string, string>,
): UserRow {
  return {
    id: user.id,
    name: nameOf(user),
    firstName: user.firstName,
    lastName: user.lastName,
    username: user.username,
    email: user.email,
    status: user.status,
    roles: [...new Map(user.roles.map(({ id, name }) => [id, { id, name }])).values()],
    assignments: user.assignments.map((one) => ({
      ...one,
      scopeWords: scopeWords(parseScope(one.scope), names),
      expiresAt: one.expiresAt === null ? null : new Date(one.expiresAt).toISOString(),
    })),
    createdAt: user.createdAt.toISOString(),
    lastSignInAt: user.lastSignInAt?.toISOString() ?? null,
    kind: kindOfUser(people.tenantId, user),
    parentLevel: user.parentLevel,
    homeTenant: null,
    providerRoles: user.providerRoles ?? [],
    you: user.id === people.op.actor.userId,
    source: user.source,
    provisionedBy: user.provisionedBy,
    password: passwordState(people, user),
    ...userAbilities(people, user, keepers),
    whyNotImpersonate: impersonateRefusal(people, user),
  }
}

const namesFor = async (people: People, tx: Tx, users: readonly repo.UserRecord[]) =>
  (
    await peopleNames(
      people,
      tx,
      users.flatMap((user) => user.assignments.map(({ scope }) => scope)),
    )
  ).names

/** A page of the tenant's people. @throws AppError invalid_input for a cursor of another list */
export async function listUsers(people: PeopleScope, input: ListUsers) {
  const { op, tenantId } = people
  const list = `users:${tenantId}:${input.sort}:${input.desc}`
  const position = readPosition(op, list, input.cursor)
  const found = await people.read(async (tx) => {
    const fetched = await repo.listUsers(tx, tenantId, input, position)
    const { from, numberOf } = numbered(position, Math.min(fetched.length, input.limit))
    const page = pageOf(op, list, fetched, input.limit, position, (row, toBack) => [
      row.key,
      row.id,
      numberOf(toBack),
    ])
    const keepers = await repo.countHolders(tx, KEEPER_ROLES)
    const names = await namesFor(people, tx, page.rows)
    const rows = page.rows.map((row) => toRow(people, row, keepers, names))
    const refusal = createRefusal(people)
    const abilities = { can: { create: refusal === null }, why: { create: refusal?.message } }
    const counted = totals(await repo.countUsers(tx, tenantId, input))
    const elsewhere = await mayOfferElsewhere(people, tx)
    return { page: { ...page, rows, from, ...counted, ...abilities, elsewhere }, records: page.rows }
  })
  return { ...found.page, rows: await withHomes(people, found.page.rows, found.records) }
}

/** The rows, the guests' with their homes for who may know of them. */
async function withHomes(
  people: PeopleScope,
  rows: readonly UserRow[],
  records: readonly Pick<repo.UserRecord, 'id' | 'homeTenantId'>[],
): Promise<UserRow[]> {
  const guests = new Set(rows.filter(({ kind }) => kind === 'guest').map(({ id }) => id))
  const homeOf = new Map(records.filter(({ id }) => guests.has(id)).map((one) => [one.id, one.homeTenantId]))
  const homes = new Map<string, HomeTenant>(
    (await people.homes([...new Set(homeOf.values())])).map((home) => [home.id, home]),
  )
  return rows.map((row) => ({ ...row, homeTenant: homes.get(homeOf.get(row.id) ?? '') ?? null }))
}

/** What a person of the tenant holds in it now, for the page of their rights; null: none of its people, or the provider's. */
export async function holdingOf(tx: Tx, tenantId: string, id: string) {
  const user = await repo.findUser(tx, tenantId, id)
  if (!user || kindOfUser(tenantId, user) === 'provider') return null
  const endOf = (role: { id: string; scope: string }) =>
    user.assignments.find((one) => one.roleId === role.id && one.scope === role.scope)?.expiresAt ?? null
  return { name: nameOf(user), roles: user.roles.map((role) => ({ ...role, expiresAt: endOf(role) })) }
}

/** One person of the tenant. @throws AppError 404 */
export async function getUser(people: PeopleScope, id: string): Promise<UserRow> {
  const { row, record } = await people.read(async (tx) => {
    const user = await repo.findUser(tx, people.tenantId, id)
    if (!user) throw notFound()
    const keepers = await repo.countHolders(tx, KEEPER_ROLES)
    return { row: toRow(people, user, keepers, await namesFor(people, tx, [user])), record: user }
  })
  const [shown] = await withHomes(people, [row], [record])
  return shown ?? row
}
