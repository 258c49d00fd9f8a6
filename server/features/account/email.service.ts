import type { SignedInOp } from '@/server/context/op'
import { tokenHash } from '@/server/context/build'
import { mutate } from '@/server/db/scope'
import { createEmailLink } from '@/server/features/account/account.repo'
import { assertOwnPassword, passwordBucket } from '@/server/features/account/own-password'
import { queueMail } from '@/server/features/mail/mail.service'
import { verifyMail } from '@/server/features/recovery/recovery.mail'
import { randomToken } from '@/server/platform/crypto'
import { denied, invalidField } from '@/server/platform/errors'
import { assertWithin, bucketOf, forgetAttempts } from '@/server/platform/rate-limit'

const ELSEWHERE = 'Your account belongs to another tenant: sign in there to change its e-mail address'

/** Sends a link to my address, to show that it is mine. @throws AppError 403 away from home, 429 */
export const sendVerification = (op: SignedInOp): Promise<{ sentTo: string }> =>
  askFor(op, op.actor.email, {})

/**
 * Asks for another address of mine: it takes effect when the link that goes there is opened. The old one is told then.
 * @throws AppError 400 on `email` or `current`, 403 away from home, 429
 */
export async function changeEmail(
  op: SignedInOp,
  input: { email: string; current: string },
): Promise<{ sentTo: string }> {
  if (input.email === op.actor.email) throw invalidField('email', 'This is your address already.')
  await assertOwnPassword(op, input.current)
  await forgetAttempts(passwordBucket(op))
  return askFor(op, input.email, { email: input.email })
}

async function askFor(
  op: SignedInOp,
  email: string,
  after: Record<string, unknown>,
): Promise<{ sentTo: string }> {
  const { actor, tenant } = op
  if (actor.homeTenantId !== tenant.id) throw denied(ELSEWHERE)
  await assertWithin({ bucket: bucketOf('email-link', actor.userId), seconds: 3600, attempts: 5 })
  const token = randomToken('')
  await mutate(op, async (m) => {
    if (!(await createEmailLink(m.tx, tokenHash(token), email))) throw denied(ELSEWHERE)
    const to = { slug: tenant.slug, tenant: tenant.name, username: actor.username, email }
    await queueMail(m, tenant.id, verifyMail(to, token))
    m.audit({ targetKind: 'user', targetId: actor.userId, targetName: actor.username, after })
  })
  return { sentTo: email }
}
