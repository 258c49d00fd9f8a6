import { can, type SignedInOp } from '@/server/context/op'
import { beyondOwn } from '@/server/features/identity/identity.policy'
import type { Role } from '@/server/features/identity/mapped-roles'
import { type AppError, conflict, denied } from '@/server/platform/errors'
import type { ConnectionRecord } from './provisioning.repo'
import { CONNECTION_ACTIONS, type ConnectionAction } from './provisioning.schema'

const CONNECTIONS_MAX = 20
const READ_ONLY = 'Your role may see how people are provisioned, not change it'
const MORE = 'This connection gives roles that may do more than you may'
const PEOPLE_MORE = 'People who sign in by it may do more than you may'

type Who = Pick<SignedInOp, 'rights' | 'reach'>

/** Why no connection may be added; null: one may. */
export function createRefusal(op: Who, count: number): AppError | null {
  if (!can(op, 'identity', 'full')) return denied(READ_ONLY)
  return count >= CONNECTIONS_MAX ? conflict(`A tenant has at most ${CONNECTIONS_MAX} connections`) : null
}

/**
 * Why this may not be done to that connection; null: it may. Who holds its token says who gets its roles: nobody touches one that gives
 * more than they hold, or whose people hold more, whoever gave it to them (PRODUCT rule 8).
 * @param roles of the tenant
 */
export function connectionRefusal(
  op: Who,
  connection: Pick<ConnectionRecord, 'enabled' | 'defaultRoleId' | 'roles' | 'held'>,
  roles: readonly Role[],
  action: ConnectionAction,
): AppError | null {
  if (!can(op, 'identity', 'full')) return denied(READ_ONLY)
  const beyond = beyondOwn(op, connection, roles)
  if (beyond !== null) return denied(beyond === 'roles' ? MORE : PEOPLE_MORE)
  if (action === 'enable' && connection.enabled) return conflict('This connection is enabled already')
  if (action === 'disable' && !connection.enabled) return conflict('This connection is disabled already')
  return null
}

/** `can` and `why` of a connection, for its row. */
export function connectionAbilities(op: Who, connection: ConnectionRecord, roles: readonly Role[]) {
  const told = CONNECTION_ACTIONS.map(
    (action) => [action, connectionRefusal(op, connection, roles, action)?.message] as const,
  )
  return {
    can: Object.fromEntries(told.map(([action, why]) => [action, why === undefined])) as Record<
      ConnectionAction,
      boolean
    >,
    why: Object.fromEntries(told.filter(([, why]) => why !== undefined)) as Partial<
      Record<ConnectionAction, string>
    >,
  }
}
