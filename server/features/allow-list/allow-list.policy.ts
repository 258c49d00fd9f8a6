import { can, type SignedInOp } from '@/server/context/op'

/** The built-in role whose holder says who gets in from anywhere, everywhere in the tenant (PRODUCT rule 8). */
const APPOINTERS = { master: 'super_admin', subtenant: 'owner' } as const

/** Why this person may not change the list; undefined: they may. */
export const whyNotSet = (op: Pick<SignedInOp, 'rights'>): string | undefined =>
  can(op, 'identity', 'full') ? undefined : 'Your role may see how people sign in, not change it'

/** Why this person may not say who gets in from anywhere; undefined: they may. */
export function whyNotAppoint(op: Pick<SignedInOp, 'rights' | 'actor' | 'tenant'>): string | undefined {
  const { isMaster } = op.tenant
  const wanted = isMaster ? APPOINTERS.master : APPOINTERS.subtenant
  const holds = op.actor.roles.some(({ builtIn, scope }) => builtIn === wanted && (scope ?? '') === '')
  if (holds) return whyNotSet(op)
  return isMaster
    ? 'Only a Super Admin chooses accounts for emergency access'
    : 'Only the owner chooses accounts for emergency access'
}
