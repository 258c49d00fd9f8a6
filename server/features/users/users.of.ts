import type { Tx } from '@/server/db/scope'
import { notFound } from '@/server/platform/errors'
import { KEEPER_ROLES, type People, userAbilities } from './users.policy'
import * as repo from './users.repo'

// For features that keep something of a person beside the account.
export { change as changePerson } from './users.write.service'
export type Person = repo.UserRecord

/** One of the tenant's people. @throws AppError 404 */
export async function findPerson(people: People, tx: Tx, id: string): Promise<Person> {
  const user = await repo.findUser(tx, people.tenantId, id)
  if (!user) throw notFound()
  return user
}

/** What may be done to them now, and why not. */
export async function personAbilities(people: People, tx: Tx, user: Person) {
  return userAbilities(people, user, await repo.countHolders(tx, KEEPER_ROLES))
}
