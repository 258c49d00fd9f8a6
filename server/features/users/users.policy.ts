import { coverRefusal, type Giver } from '@/server/authz/cover'
import type { HeldRole } from '@/server/authz/reach'
import { can, type SignedInOp } from '@/server/context/op'
import type { StoredRole } from '@/server/authz/rights'
import type { RolesOf } from '@/server/features/roles/roles.scope'
import { type AppError, conflict, denied } from '@/server/platform/errors'

export const USER_ACTIONS = [
  'edit',
  'setPassword',
  'setRoles',
  'disable',
  'enable',
  'delete',
  'endSessions',
  'remove',
  'removeFactors',
] as const
export type UserAction = (typeof USER_ACTIONS)[number]

/** Whence a tenant's people come: homed there, members from elsewhere, and the provider's who reach every subtenant. */
export const USER_KINDS = ['home', 'guest', 'provider'] as const
export type UserKind = (typeof USER_KINDS)[number]

/** Who acts on whose people: somebody on those of their own tenant, or the provider on a subtenant's. */
export interface People {
  op: SignedInOp
  tenantId: string
  giver: Giver
  /** Of the subtenant that the provider acts in. */
  tenant?: RolesOf['tenant']
}

export interface Subject {
  id: string
  homeTenantId: string
  status: string
  parentLevel: boolean
  /** Name of the identity source that says who they are (PRODUCT rule 8); null: a password does. */
  source?: string | null
  /** Name of the SCIM connection that says their name, address and whether they are active; null: none. */
  provisionedBy?: string | null
  /** Homed here, and a guest of another tenant, which need not trust this one's administrators. */
  elsewhere?: boolean
  /** Live assignments. */
  roles: readonly HeldRole[]
}

export const kindOfUser = (
  tenantId: string,
  user: Pick<Subject, 'homeTenantId' | 'parentLevel'>,
): UserKind => {
  if (user.homeTenantId === tenantId) return 'home'
  return user.parentLevel ? 'provider' : 'guest'
}

/** The built-in roles of which somebody active must keep one: the owner's in a subtenant, the super admin's in the master. */
const KEEPERS: ReadonlySet<string | null> = new Set(['owner', 'super_admin'])
export const isKeeper = (role: StoredRole): boolean => KEEPERS.has(role.builtIn)
/** The same for queries. */
export const KEEPER_ROLES = [...KEEPERS].filter((role) => role !== null)

const SELF: Partial<Record<UserAction, string>> = {
  setPassword: 'Change your own password under Account',
  setRoles: 'Nobody changes their own roles',
  disable: 'Nobody disables themselves',
  delete: 'Nobody deletes themselves',
  endSessions: 'See your own sessions under Account',
  remove: 'Nobody removes themselves',
  removeFactors: 'Change your own second factors under Account > Security',
}
/** What touches the account itself, which belongs to the tenant it is homed in (PRODUCT rule 8). */
const OF_ACCOUNT: ReadonlySet<UserAction> = new Set([
  'edit',
  'setPassword',
  'disable',
  'enable',
  'delete',
  'removeFactors',
])
/** What an identity source says of its people, it alone says. */
const OF_SOURCE: ReadonlySet<UserAction> = new Set(['edit', 'setPassword'])
/** What would let an administrator in as them, and so into every tenant that they are a guest of (PRODUCT rule 8): the provider's alone. */
const ELSEWHERE: Partial<Record<UserAction, string>> = {
  setPassword:
    'This person works in other tenants, too. They change this themselves by “Forgot your password?”',
  removeFactors: 'This person works in other tenants, too. Only your provider removes their second factors',
}
/** The same of their e-mail address, by which a password is set anew. */
export const emailRefusal = ({ giver }: People, { elsewhere }: Pick<Subject, 'elsewhere'>): string | null =>
  elsewhere && !giver.provider
    ? 'This person works in other tenants, too. They change their address themselves, under Account'
    : null
/** What a directory says of the people that it provisions. An administrator may still disable them in a hurry, and set a password. */
const OF_CONNECTION: ReadonlySet<UserAction> = new Set(['edit'])
const TAKES_AWAY: ReadonlySet<UserAction> = new Set(['disable', 'delete', 'remove'])

/** The last active person with a keeper's role: the tenant would have no owner left. */
export const isLastKeeper = (user: Pick<Subject, 'status' | 'roles'>, keepers: number): boolean =>
  user.status === 'active' && user.roles.some(isKeeper) && keepers <= 1

export const lastKeeper = (): AppError =>
  conflict('A tenant keeps its last owner. Give somebody else that role first.')

const READ_ONLY = 'Your role may see users, not change them'
const mayChange = ({ op, giver }: People): boolean =>
  can(op, giver.provider ? 'tenantUsers' : 'users', 'full')

/** Why no user may be created; null: one may. */
export const createRefusal = (people: People): AppError | null =>
  mayChange(people) ? null : denied(READ_ONLY)

/**
 * Why this may not be done to that user now; null: it may. One rule for checks, `can` and disabled buttons.
 * @param keepers active people of the tenant who hold a keeper's role
 */
export function userRefusal(
  people: People,
  user: Subject,
  action: UserAction,
  keepers: number,
): AppError | null {
  const { op, tenantId, giver } = people
  if (!mayChange(people)) return denied(READ_ONLY)
  const self = user.id === op.actor.userId ? SELF[action] : undefined
  if (self) return denied(self)
  const kind = kindOfUser(tenantId, user)
  if (kind === 'provider')
    return denied(
      giver.provider
        ? 'A parent-level user has the same role in every tenant. Change it under People'
        : 'This person works for your provider, who alone changes their account and roles',
    )
  if (OF_ACCOUNT.has(action) && kind === 'guest')
    return denied('This person’s account belongs to another tenant')
  if (OF_CONNECTION.has(action) && user.provisionedBy)
    return conflict(`This person is provisioned by ${user.provisionedBy}. Change them in your directory`)
  if (OF_SOURCE.has(action) && user.source) return conflict(`These fields come from ${user.source}`)
  const elsewhere = user.elsewhere && !giver.provider ? ELSEWHERE[action] : undefined
  if (elsewhere) return denied(elsewhere)
  if (action === 'remove' && kind === 'home')
    return denied('This person is homed here. Disable or delete the account instead')
  if (coverRefusal(giver, user.roles) !== null) return denied('This person may do more than you may')
  if (action === 'enable' && user.status === 'active') return conflict('This user is active already')
  if (action === 'disable' && user.status !== 'active') return conflict('This user is disabled already')
  if (TAKES_AWAY.has(action) && isLastKeeper(user, keepers)) return lastKeeper()
  return null
}

/** `can` and `why` of a user, for the row. */
export function userAbilities(people: People, user: Subject, keepers: number) {
  const refusals = USER_ACTIONS.map((action) => [action, userRefusal(people, user, action, keepers)] as const)
  return {
    can: Object.fromEntries(refusals.map(([action, refusal]) => [action, refusal === null])) as Record<
      UserAction,
      boolean
    >,
    why: Object.fromEntries(
      refusals.flatMap(([action, refusal]) => (refusal ? [[action, refusal.message]] : [])),
    ) as Partial<Record<UserAction, string>>,
  }
}
