import { MASTER_TENANT_ID } from '@/lib/master'
import { assertCapability, assertGate } from '@/server/authz/gate'
import { can, type Impersonator, type OpContext, type SignedInOp } from '@/server/context/op'
import { addressRefused, AppError, denied } from '@/server/platform/errors'
import type { Declaration } from '@/server/rpc/declaration'

type Authority = Pick<OpContext, 'gate' | 'tenant' | 'actor' | 'impersonator' | 'session' | 'rights'> &
  Partial<Pick<OpContext, 'ip' | 'barred' | 'barredFromProvider'>>

/**
 * Whether this operation may do what is declared; the one place that decides. First of all whether it may come from where it does (403);
 * then the order of refusals is rule 14's: who are you (401), is the tenant suspended (403), is multi-tenancy on (501) and licensed (402), have you the permission (403).
 * @throws AppError
 */
export function assertAllowed(op: Authority, declaration: Declaration): asserts op is Authority & SignedInOp {
  assertAddress(op, declaration)
  if (declaration.scope === 'public' || declaration.scope === 'agent' || declaration.scope === 'scim') return
  if (!op.actor || !op.session || !op.tenant) throw new AppError('unauthenticated', 'Sign in first')
  if (op.tenant.status !== 'active') throw new AppError('org_suspended', 'This tenant is suspended')
  if (op.tenant.id !== MASTER_TENANT_ID) assertGate(op.gate, 'use')
  // What is only the master's does not exist in a subtenant, whatever its roles say.
  if (declaration.scope === 'master' && op.tenant.id !== MASTER_TENANT_ID) throw denied()
  if (op.impersonator) assertWhileImpersonating(op.impersonator, declaration)
  if (declaration.licence) assertGate(op.gate, declaration.licence)
  if (declaration.capability) assertCapability(op.gate, declaration.capability)
  if (declaration.permission && !can(op, ...declaration.permission)) throw denied()
  if (op.actor.mustChangePassword && declaration.scope !== 'self') {
    throw new AppError('access_denied', 'Change your password first')
  }
}

/** Before anything of who it is: a list of allowed addresses comes before signing in. @throws AppError 403 */
function assertAddress(
  { ip = '', barred, barredFromProvider }: Authority,
  { address }: Pick<Declaration, 'address'>,
): void {
  if (address?.of === 'anybody') return
  if (address?.of === 'provider' ? barredFromProvider : barred) throw addressRefused(ip)
}

/** Changes are refused unless they are on the list, questions unless they are off it (attacks F09, F13). @throws AppError 403 */
function assertWhileImpersonating(who: Impersonator, { audit, impersonating }: Declaration): void {
  if (impersonating === 'quits') return
  const changes = audit !== 'none'
  if (changes && who.readOnly) throw denied('You are here to look: this impersonation is read-only')
  if (changes ? impersonating !== 'allowed' : impersonating === 'refused')
    throw denied('Not while impersonating. The person does this themselves.')
}
