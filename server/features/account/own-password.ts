import type { SignedInOp } from '@/server/context/op'
import { callSystem, systemValue } from '@/server/db/system'
import { conflict, invalidField } from '@/server/platform/errors'
import { verifyPassword } from '@/server/platform/password'
import { assertWithin, bucketOf, QUARTER_HOUR } from '@/server/platform/rate-limit'

const NO_PASSWORD = 'You sign in by an identity source of your organization, and have no password here'

/** What counts the tries to give one's password again. */
export const passwordBucket = ({ actor }: SignedInOp): string => bucketOf('password', actor.userId)

/**
 * Asks for the person's password once more, before what lets somebody in is changed (attack C14). A wrong one stands in the log.
 * @param field of the input that holds it @throws AppError 409 for who has no password, 400 on that field, 429 after 10 tries in a quarter hour
 */
export async function assertOwnPassword(op: SignedInOp, typed: string, field = 'current'): Promise<void> {
  const { actor, session, requestId, ip } = op
  await assertWithin({ bucket: passwordBucket(op), seconds: QUARTER_HOUR, attempts: 10 })
  const args = [Buffer.from(session.tokenHash, 'hex')] as const
  const [stored] = await callSystem<{ password_hash: string }, 'session_password'>('session_password', [
    ...args,
  ])
  if (!stored) throw conflict(NO_PASSWORD)
  if (await verifyPassword(stored.password_hash, typed)) return
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
