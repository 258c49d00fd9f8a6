import type { Tx } from '@/server/db/scope'
import { isLastKeeper, KEEPER_ROLES, lastKeeper, type Subject } from './users.policy'
import * as repo from './users.repo'

/** @throws AppError 409 where the person is the last in the tenant that is acted in who keeps it: its owner, or the super admin */
export async function assertKeeperStays(tx: Tx, person: Pick<Subject, 'status' | 'roles'>): Promise<void> {
  if (isLastKeeper(person, await repo.countHolders(tx, KEEPER_ROLES))) throw lastKeeper()
}
