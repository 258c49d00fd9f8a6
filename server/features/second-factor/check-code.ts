import { callSystem, systemValue } from '@/server/db/system'
import { database } from '@/server/db/runtime'
import { recoveryHash } from '@/server/features/second-factor/recovery-codes'
import { stepOfCode } from '@/server/features/second-factor/totp'
import { assertWithin, bucketOf, QUARTER_HOUR } from '@/server/platform/rate-limit'
import { seal, unseal } from '@/server/platform/seal'

interface Stored {
  tenant_id: string
  sealed_secret: Buffer
  last_step: string
}

const placeOf = (tenantId: string, userId: string) => ({ purpose: 'totp', tenantId, rowId: userId })

/** The secret of an app as it is stored: sealed for this person of this tenant. */
export const sealTotp = (tenantId: string, userId: string, secret: string): Buffer =>
  seal(database().key, placeOf(tenantId, userId), secret)

/** What counts the tries of codes of one account. */
export const codeBucket = (userId: string): string => bucketOf('second-factor', userId)

/** At most five tries of codes an account in a quarter hour, whatever kind (attack C07). @throws AppError 429 */
export const assertTries = (userId: string): Promise<void> =>
  assertWithin({ bucket: codeBucket(userId), seconds: QUARTER_HOUR, attempts: 5 })

/** Whether this is a code of the person's app that was not used yet; it is used up with all before it (attack C07). */
export async function useTotp(userId: string, code: string): Promise<boolean> {
  const [stored] = await callSystem<Stored, 'totp_secret'>('totp_secret', [userId])
  if (!stored) return false
  const secret = unseal(database().key, placeOf(stored.tenant_id, userId), stored.sealed_secret)
  const step = stepOfCode(secret, code)
  return step !== null && (await systemValue<boolean, 'totp_use'>('totp_use', [userId, step]))
}

/** Whether this is a recovery code of the person's that was not used yet; it is used up. */
export function useRecovery(
  userId: string,
  code: string,
  log: readonly [tenantId: string, ip: string, requestId: string],
): Promise<boolean> {
  return systemValue<boolean, 'recovery_use'>('recovery_use', [userId, recoveryHash(userId, code), ...log])
}
