import { atLeast } from '@/lib/permissions'
import { effectiveRights } from '@/server/authz/rights'
import type { Tx } from '@/server/db/scope'
import type { People } from './users.policy'
import * as repo from './users.repo'

/** The other tenants in which whoever acts manages people: by their roles and the cap there, as a request to that tenant would work it out. */
async function managedTenants(tx: Tx): Promise<repo.OwnMembership[]> {
  const all = await repo.ownMemberships(tx)
  return all.filter(({ cap, roles }) => atLeast(effectiveRights(roles, cap).users, 'full'))
}

/** Ids of the tenants whose people may be added; null: all, for the provider. In the master nobody is a guest. */
export async function sourcesOf(people: People, tx: Tx): Promise<string[] | null> {
  if (people.giver.provider) return null
  return people.op.tenant.isMaster ? [] : (await managedTenants(tx)).map(({ id }) => id)
}

/** Whether there is anywhere to add people from. */
export async function mayOfferElsewhere(people: People, tx: Tx): Promise<boolean> {
  const sources = await sourcesOf(people, tx)
  return sources === null || sources.length > 0
}
