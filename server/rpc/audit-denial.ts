import type { OpContext } from '@/server/context/op'
import { systemValue } from '@/server/db/system'
import { AppError } from '@/server/platform/errors'
import { log } from '@/server/platform/log'

const PER_MINUTE = 20

/**
 * Audits a refused act in the actor's tenant, in a transaction of its own (its own rolled back), throttled per session so
 * that an attacker cannot flood the log. Reads that merely miss are not acts and are left out.
 */
export async function auditDenial(
  op: OpContext,
  type: 'query' | 'mutation' | 'subscription',
  error: unknown,
): Promise<void> {
  if (!(error instanceof AppError) || !op.actor || !op.session || !op.tenant || !op.call) return
  const refused = error.status === 403 || (error.status === 404 && type === 'mutation')
  if (!refused) return
  const wait = await systemValue<number, 'rate_hit'>('rate_hit', [`denied:${op.session.id}`, 60, PER_MINUTE])
  if (wait > 0) return
  const { call } = op
  const event = {
    event: call.declaration.audit === 'none' ? call.name : call.declaration.audit,
    result: 'denied',
    reason: error.code,
    ip: op.ip,
    requestId: op.requestId,
  }
  if (op.impersonator) await systemValue<null, 'audit_acting'>('audit_acting', [op.session.id, event])
  else {
    const person = `${op.actor.displayName} (${op.actor.username})`
    await systemValue<null, 'audit_system'>('audit_system', [op.tenant.id, op.actor.userId, person, event])
  }
  log().warn(
    {
      requestId: op.requestId,
      tenant: op.tenant.slug,
      actor: op.actor.userId,
      impersonator: op.impersonator?.userId,
      procedure: call.name,
      code: error.code,
    },
    'denied',
  )
}
