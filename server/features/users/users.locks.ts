import { EVERYONE_LOCK } from '@/lib/master'
import type { Mutation } from '@/server/db/scope'
import { conflict } from '@/server/platform/errors'
import type { PeopleScope } from './users.people'
import type { People } from './users.policy'
import * as repo from './users.repo'

/**
 * Does something that takes rights away from somebody under the exclusive lock of the tenant. Who may be writing in other tenants, too, as a
 * guest or a parent-level user, is waited for there as well: every mutation of the installation holds the lock of everyone.
 * @throws AppError 409 where the person became a guest elsewhere between the first look and the locks
 */
export async function writeAbout<T>(
  people: PeopleScope,
  userId: string,
  fn: (m: Mutation, now: People) => Promise<T>,
): Promise<T> {
  const out = await people.read((tx) => repo.reachesOut(tx, userId))
  return people.write(
    async (m, now) => {
      if (!out && (await repo.reachesOut(m.tx, userId)))
        throw conflict('This person’s memberships changed meanwhile. Try again.')
      return fn(m, now)
    },
    true,
    out ? [EVERYONE_LOCK] : [],
  )
}
