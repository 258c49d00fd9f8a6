import type { SignedInOp } from '@/server/context/op'
import { callSystem, systemValue } from '@/server/db/system'
import { invalidField } from '@/server/platform/errors'
import { verifyPassword } from '@/server/platform/password'
import { assertWithin, bucketOf, forgetAttempts, QUARTER_HOUR } from '@/server/platform/rate-limit'

/**
 * Asks for the person's own password once more, before what a session that somebody left open must not do (attack C14). What is wrong is
 * audited as denied. @param field of the input that it came in @throws AppError 400 on that field, 429
 */
export async function assertOwnPassword(op: SignedInOp, password: string, field = 'password'): Promise<void> {
  const { actor, session, ip, requestId } = op
  const bucket = bucketOf('password', actor.userId)
  await assertWithin({ bucket, seconds: QUARTER_HOUR, attempts: 10 })
  const hash = Buffer.from(session.tokenHash, 'hex')
  const [stored] = await callSystem<{ password_hash: string }, 'session_password'>('session_password', [hash])
  if (await verifyPassword(stored?.password_hash ?? null, password)) return forgetAttempts(bucket)
  const event = {
    event: op.call?.declaration.audit,
    result: 'denied',
    reason: 'wrong current password',
    ip,
    requestId,
  }
  const name = `${actor.displayName} (${actor.username})`
  await systemValue<null, 'audit_system'>('audit_system', [op.tenant.id, actor.userId, name, event])
  throw invalidField(field, 'This is not your current password.')
}
