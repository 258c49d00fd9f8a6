import { MASTER_TENANT_ID } from '@/lib/master'
import { can, type SignedInOp } from '@/server/context/op'
import { createRefusal, type People } from '@/server/features/users/users.policy'
import { type AppError, denied } from '@/server/platform/errors'

/** Why nobody is invited into a subtenant by its provider, nor such an invitation changed; null: one may. */
export const tenantRefusal = (op: SignedInOp): AppError | null =>
  can(op, 'tenantUsers', 'full') ? null : denied('Your role may see people, not change them')

/** The same of parent level: whoever accepts becomes a user of the master. */
export const parentRefusal = (op: SignedInOp): AppError | null =>
  can(op, 'users', 'full') ? null : denied('Your role may not change the users of the master tenant')

/** Why nobody is invited to these people; null: one may. In the master whoever accepts reaches every tenant, as who is raised: both rights. */
export const inviteRefusal = (people: People): AppError | null =>
  createRefusal(people) ?? (people.tenantId === MASTER_TENANT_ID ? tenantRefusal(people.op) : null)
