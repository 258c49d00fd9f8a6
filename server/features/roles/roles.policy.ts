import { MASTER_TENANT_ID } from '@/lib/master'
import { coverRefusal, type Giver } from '@/server/authz/cover'
import type { HeldRole } from '@/server/authz/reach'
import { can } from '@/server/context/op'
import { type AppError, conflict, denied } from '@/server/platform/errors'
import type { RoleRecord } from './roles.repo'
import { ROLE_ACTIONS, type RoleAction } from './roles.schema'
import type { RolesOf } from './roles.scope'

/**
 * Why the giver may not grant the role, as it is to be held; null: they may. Nobody gives more than they hold (PRODUCT rule 8). A master
 * user with `tenantUsers: full` gives any role of the tenant: whatever it wishes for, the tenant's cap cuts it (rule 6).
 */
export function grantRefusal(giver: Giver, role: HeldRole): AppError | null {
  const why = coverRefusal(giver, [role])
  return why === null ? null : denied(why)
}

const READ_ONLY = 'Your role may see roles, not change them'
const mayChange = ({ op, giver }: RolesOf): boolean =>
  can(op, 'roles', 'full') && (!giver.provider || can(op, 'tenantUsers', 'full'))

/** Why no role may be made here; null: one may. */
export const createRefusal = (of: RolesOf): AppError | null => (mayChange(of) ? null : denied(READ_ONLY))

/** A template that the master offers, looked at from a subtenant. */
export const isProvided = (of: RolesOf, role: Pick<RoleRecord, 'multiTenant'>): boolean =>
  role.multiTenant && of.tenant.id !== MASTER_TENANT_ID

const STATE: Record<RoleAction, (of: RolesOf, role: RoleRecord) => string | null> = {
  edit: (of, role) => {
    if (role.locked && isProvided(of, role)) return 'The provider has locked this role. Copy it instead'
    if (role.templateLocked) return 'The provider has locked the role that this one was made from. Relink it'
    return role.builtIn !== null && !isProvided(of, role)
      ? 'Built-in roles are not edited. Copy it instead'
      : null
  },
  copy: () => null,
  delete: (of, role) => {
    if (role.builtIn !== null && !isProvided(of, role)) return 'Built-in roles are not deleted'
    if (isProvided(of, role)) return 'This role is the provider’s'
    return role.templateId === null ? null : 'Relink it instead: then it is the provider’s role again'
  },
  relink: (_of, role) => (role.templateId === null ? 'It was not edited here' : null),
  lock: (of, role) => {
    if (!role.multiTenant || isProvided(of, role)) return 'Only the provider locks its multi-tenant roles'
    return role.builtIn === null ? null : 'Built-in roles cannot be locked or unlocked'
  },
}
/** What changes the role as people hold it: nobody does that to their own (PRODUCT rule 8). */
const OF_HOLDERS: ReadonlySet<RoleAction> = new Set(['edit', 'relink', 'delete'])

/** Why this may not be done to that role; null: it may. One rule for checks, `can` and disabled buttons. */
export function roleRefusal(of: RolesOf, role: RoleRecord, action: RoleAction): AppError | null {
  if (!mayChange(of)) return denied(READ_ONLY)
  const state = STATE[action](of, role)
  if (state !== null) return action === 'relink' ? conflict(state) : denied(state)
  if (OF_HOLDERS.has(action) && of.op.actor.roles.some(({ id }) => id === role.id))
    return denied('You hold this role yourself. Somebody else has to change it')
  return grantRefusal(of.giver, role)
}

/** `can` and `why` of a role, for its row and page. @param users how many hold it: a role in use is not deleted */
export function roleAbilities(of: RolesOf, role: RoleRecord, users: number) {
  const refusals = ROLE_ACTIONS.map((action) => [action, roleRefusal(of, role, action)?.message] as const)
  const told = refusals.map(([action, why]): [RoleAction, string | undefined] =>
    action === 'delete' && why === undefined && users > 0
      ? [action, users === 1 ? '1 person holds it' : `${users} people hold it`]
      : [action, why],
  )
  return {
    can: Object.fromEntries(told.map(([action, why]) => [action, why === undefined])) as Record<
      RoleAction,
      boolean
    >,
    why: Object.fromEntries(told.filter(([, why]) => why !== undefined)) as Partial<
      Record<RoleAction, string>
    >,
  }
}
