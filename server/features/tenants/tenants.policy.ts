import { MASTER_TENANT_ID } from '@/lib/master'
import { assertGate } from '@/server/authz/gate'
import { can, type OpContext } from '@/server/context/op'
import { AppError, conflict, denied } from '@/server/platform/errors'

export const TENANT_ACTIONS = ['edit', 'setUp', 'disable', 'enable', 'delete', 'restore'] as const
export type TenantAction = (typeof TENANT_ACTIONS)[number]

type Actor = Pick<OpContext, 'rights' | 'gate'>
interface Subject {
  id: string
  status: string
}

const READ_ONLY = 'Your role may see tenants, not change them'
const DELETED = 'This tenant is deleted. Restore it first.'
/** Why an action does not fit a subtenant's state; null: it does. */
const STATE: Record<TenantAction, (status: string) => string | null> = {
  edit: (status) => (status === 'deleted' ? DELETED : null),
  setUp: (status) => (status === 'deleted' ? DELETED : null),
  disable: (status) =>
    status === 'deleted' ? DELETED : status === 'disabled' ? 'This tenant is disabled already' : null,
  enable: (status) =>
    status === 'deleted' ? DELETED : status === 'active' ? 'This tenant is active already' : null,
  delete: (status) => (status === 'deleted' ? 'This tenant is deleted already' : null),
  restore: (status) => (status === 'deleted' ? null : 'This tenant is not deleted'),
}
const MASTER: Partial<Record<TenantAction, string>> = {
  setUp: 'The guided set-up is for subtenants',
  disable: 'The master tenant is never disabled',
  enable: 'The master tenant is never disabled',
  delete: 'The master tenant is never deleted',
  restore: 'The master tenant is never deleted',
}

/** Why this operation may not do that to this tenant now; null: it may. One rule for checks, `can` and disabled buttons. */
function tenantRefusal(op: Actor, tenant: Subject, action: TenantAction): AppError | null {
  if (!can(op, 'tenants', 'full')) return denied(READ_ONLY)
  const why = tenant.id === MASTER_TENANT_ID ? MASTER[action] : STATE[action](tenant.status)
  if (why) return conflict(why)
  return action === 'enable' || action === 'restore' ? growthRefusal(op) : null
}

/** Enabling and restoring are growth: a current licence must cover them (PRODUCT rule 14). */
function growthRefusal(op: Pick<OpContext, 'gate'>): AppError | null {
  try {
    assertGate(op.gate, 'grow')
    return null
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
}

/** Why this operation may not create a tenant; null: it may. */
export function createRefusal(op: Actor): AppError | null {
  return can(op, 'tenants', 'full') ? growthRefusal(op) : denied(READ_ONLY)
}

/** `can` and `why` of a tenant, for its row and page. */
export function tenantAbilities(op: Actor, tenant: Subject) {
  const refusals = TENANT_ACTIONS.map((action) => [action, tenantRefusal(op, tenant, action)] as const)
  return {
    can: Object.fromEntries(refusals.map(([action, refusal]) => [action, refusal === null])) as Record<
      TenantAction,
      boolean
    >,
    why: Object.fromEntries(
      refusals.flatMap(([action, refusal]) => (refusal ? [[action, refusal.message]] : [])),
    ) as Partial<Record<TenantAction, string>>,
  }
}

/** @throws AppError 403, 402 or 409, see tenantRefusal */
export function assertTenantAction(op: Actor, tenant: Subject, action: TenantAction): void {
  const refusal = tenantRefusal(op, tenant, action)
  if (refusal) throw refusal
}
