import { can, type SignedInOp } from '@/server/context/op'
import { type AppError, denied } from '@/server/platform/errors'

type Actor = Pick<SignedInOp, 'rights' | 'tenant' | 'actor'>
export const ORGANIZATION_ACTIONS = ['edit', 'transfer', 'delete'] as const
export type OrganizationAction = (typeof ORGANIZATION_ACTIONS)[number]

/** Whether the person owns the tenant: holds its built-in Owner role, everywhere in it (PRODUCT rule 8). */
const ownsTenant = ({ actor }: Pick<SignedInOp, 'actor'>): boolean =>
  actor.roles.some(({ builtIn, scope }) => builtIn === 'owner' && (scope ?? '') === '')

/** Why this may not be done to the acting tenant by this person; null: it may. */
export function organizationRefusal(op: Actor, action: OrganizationAction): AppError | null {
  if (action === 'edit')
    return can(op, 'branding', 'full') ? null : denied('Your role may see this, not change it')
  if (op.tenant.isMaster)
    return denied(
      action === 'delete'
        ? 'The master tenant is never deleted'
        : 'The master tenant is run by its Super Admins',
    )
  if (ownsTenant(op)) return null
  return denied(
    action === 'delete' ? 'Only the owner deletes the organization' : 'Only the owner hands it over',
  )
}

/** `can` and `why` of the page. */
export function organizationAbilities(op: Actor) {
  const refusals = ORGANIZATION_ACTIONS.map((action) => [action, organizationRefusal(op, action)] as const)
  return {
    can: Object.fromEntries(refusals.map(([action, refusal]) => [action, refusal === null])) as Record<
      OrganizationAction,
      boolean
    >,
    why: Object.fromEntries(
      refusals.flatMap(([action, refusal]) => (refusal ? [[action, refusal.message]] : [])),
    ) as Partial<Record<OrganizationAction, string>>,
  }
}
