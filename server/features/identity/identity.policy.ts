import { coverRefusal, type Giver } from '@/server/authz/cover'
import { can, type SignedInOp } from '@/server/context/op'
import { type AppError, conflict, denied } from '@/server/platform/errors'
import type { SourceRecord } from './identity.repo'
import { SOURCE_ACTIONS, type SourceAction } from './identity.schema'
import { mapRefusal, type Role, rootOf } from './mapped-roles'

const SOURCES_MAX = 20
const READ_ONLY = 'Your role may see how people sign in, not change it'
const PROVISIONED =
  'People whom a SCIM connection provisions sign in by this source. Delete that connection first'
const MORE = 'This source gives roles that may do more than you may'
const PEOPLE_MORE = 'People who sign in by it may do more than you may'

type Who = Pick<SignedInOp, 'rights' | 'reach'>
export const giverOf = ({ rights, reach }: Who): Giver => ({ provider: false, rights, reach })

/**
 * What of a source or connection goes beyond what somebody holds: the roles that it gives, or those that its people hold; null: nothing does.
 * @param all roles of the tenant
 */
export function beyondOwn(
  op: Who,
  {
    defaultRoleId,
    roles,
    held,
  }: Pick<SourceRecord, 'defaultRoleId' | 'held'> & { roles: { roleId: string }[] },
  all: readonly Role[],
): 'roles' | 'people' | null {
  const given = new Set([defaultRoleId, ...roles.map(({ roleId }) => roleId)])
  const covers = all
    .filter((role) => given.has(role.id) || given.has(rootOf(role)))
    .every((role) => mapRefusal(giverOf(op), role) === null)
  if (!covers) return 'roles'
  return coverRefusal(giverOf(op), held) === null ? null : 'people'
}

/** Why no source may be added; null: one may. */
export function createRefusal(op: Who, count: number): AppError | null {
  if (!can(op, 'identity', 'full')) return denied(READ_ONLY)
  return count >= SOURCES_MAX ? conflict(`A tenant has at most ${SOURCES_MAX} identity sources`) : null
}

/**
 * Why this may not be done to that source; null: it may. Who decides whom it proves decides who gets its roles: nobody touches a source
 * that gives more than they hold, or by which somebody signs in who holds more, whoever gave it to them (PRODUCT rule 8).
 * @param roles of the tenant
 */
export function sourceRefusal(
  op: Who,
  source: SourceRecord,
  roles: readonly Role[],
  action: SourceAction,
): AppError | null {
  if (!can(op, 'identity', 'full')) return denied(READ_ONLY)
  const beyond = beyondOwn(op, source, roles)
  if (beyond !== null) return denied(beyond === 'roles' ? MORE : PEOPLE_MORE)
  if (action === 'delete' && source.connections > 0) return conflict(PROVISIONED)
  if (action === 'enable' && source.enabled) return conflict('This source is enabled already')
  if (action === 'disable' && !source.enabled) return conflict('This source is disabled already')
  return null
}

/** `can` and `why` of a source, for its row. */
export function sourceAbilities(op: Who, source: SourceRecord, roles: readonly Role[]) {
  const told = SOURCE_ACTIONS.map(
    (action) => [action, sourceRefusal(op, source, roles, action)?.message] as const,
  )
  return {
    can: Object.fromEntries(told.map(([action, why]) => [action, why === undefined])) as Record<
      SourceAction,
      boolean
    >,
    why: Object.fromEntries(told.filter(([, why]) => why !== undefined)) as Partial<
      Record<SourceAction, string>
    >,
  }
}
