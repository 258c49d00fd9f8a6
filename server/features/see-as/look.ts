import type { SignedInOp } from '@/server/context/op'
import { inTenant, mutate } from '@/server/db/scope'
import { systemValue } from '@/server/db/system'
import { tenantChoice } from '@/server/features/tenants/tenants.service'
import { notFound } from '@/server/platform/errors'
import { forgetAttempts } from '@/server/platform/rate-limit'

const NOTED_FOR_SECONDS = 60
const REASONS = {
  drill: '',
  explain: 'Asked why a person may or may not do something',
  migrate: 'Asked what migrating hosts would change',
} as const

/** The subtenant that is looked into. @throws AppError not_found, also for the master itself: it is not looked into from outside */
export async function subtenant(op: SignedInOp, id: string) {
  if (id === op.tenant.id) throw notFound()
  return inTenant(op, (tx) => tenantChoice(tx, id))
}

/**
 * Says in both logs that the master looks at what a tenant sees (PRODUCT rule 2), at most once a minute per session, tenant and
 * way of looking, so that paging does not flood them. @returns whether it was written now
 */
export async function noteLook(
  op: SignedInOp,
  tenant: { id: string; name: string },
  how: keyof typeof REASONS,
): Promise<boolean> {
  const bucket = `${how}:${op.session.id}:${tenant.id}`
  const wait = await systemValue<number, 'rate_hit'>('rate_hit', [bucket, NOTED_FOR_SECONDS, 1])
  if (wait > 0) return false // it was, less than a minute ago
  try {
    await mutate(op, async ({ audit }) => {
      audit({
        event: 'tenant.drill_in',
        targetKind: 'tenant',
        targetId: tenant.id,
        targetName: tenant.name,
        reason: REASONS[how],
        alsoIn: [tenant.id],
      })
    })
  } catch (error) {
    await forgetAttempts(bucket) // not written: the next look is the first
    throw error
  }
  return true
}
