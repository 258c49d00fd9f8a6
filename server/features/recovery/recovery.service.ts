import { callSystem, systemValue } from '@/server/db/system'
import { tokenHash } from '@/server/context/build'
import { addressAdmitted } from '@/server/features/allow-list/admitted'
import { queueMailAlone } from '@/server/features/mail/mail.service'
import { accountState } from '@/server/features/second-factor/account-state'
import { accountBucket } from '@/server/features/sign-in/sign-in.service'
import { afterAnswer, answersSettled } from '@/server/platform/after-answer'
import { randomToken } from '@/server/platform/crypto'
import { AppError, invalidField } from '@/server/platform/errors'
import { log } from '@/server/platform/log'
import { hashPassword } from '@/server/platform/password'
import { passwordProblem } from '@/server/platform/password-policy'
import {
  assertWithin,
  bucketOf,
  countAttempt,
  forgetAttempts,
  HOUR,
  networkOf,
  QUARTER_HOUR,
} from '@/server/platform/rate-limit'
import { addressChangedMail, passwordChangedMail, resetMail } from './recovery.mail'
import type { Forgotten } from './recovery.policy'
import type { ResetInput } from './recovery.schema'

const AUDITS_A_MINUTE = 20

/** Where a call comes from. `slug`: of the tenant on whose host. */
export interface Caller {
  slug: string
  ip: string
  requestId: string
}

interface Found {
  tenant_id: string
  slug: string
  tenant: string
  user_id: string
  username: string
  email: string
}

/** The one answer to a link that is used, too old, of another tenant, cut off or invented (attack C04). */
const deadLink = () =>
  new AppError(
    'not_found',
    'This link does not work any more. It works once and not for long: ask for a new one.',
  )

/** Waits until all that was promised is done: for tests. */
export const recoverySettled = answersSettled

/**
 * Sends a link to whoever is meant, after the answer: known, unknown and disabled take the same time and say the same (attack C03).
 * @param who null: nobody can be meant @throws AppError 429, by what was typed and by address, known or not
 */
export async function forgotPassword(who: Forgotten | null, caller: Caller): Promise<void> {
  const named = who ?? { home: caller.slug, name: '' }
  await assertWithin(
    { bucket: bucketOf('forgot.ip', networkOf(caller.ip)), seconds: QUARTER_HOUR, attempts: 20 },
    { bucket: bucketOf('forgot.name', named.home, named.name), seconds: HOUR, attempts: 5 },
  )
  if (!who) return
  afterAnswer(() => sendLinks(who, caller), caller.requestId)
}

/** Writes a refused link to the log of the tenant on whose host it was tried, if there is such a tenant; few a minute. */
async function auditRefused(kind: 'reset' | 'email', { slug, ip, requestId }: Caller): Promise<void> {
  log().warn({ requestId, tenant: slug, kind }, 'a link was refused')
  const [row] = await callSystem<{ tenant_id: string | null }, 'sign_in_lookup'>('sign_in_lookup', [
    slug,
    '',
    '',
  ])
  if (!row?.tenant_id) return
  const bucket = `link.audit:${row.tenant_id}`
  if ((await countAttempt([{ bucket, seconds: 60, attempts: AUDITS_A_MINUTE }])) > 0) return
  const event = {
    event: kind === 'reset' ? 'account.password_reset' : 'account.email_confirm',
    result: 'denied',
    reason: 'a link that does not work',
    ip,
    requestId,
  }
  await systemValue<null, 'audit_system'>('audit_system', [row.tenant_id, null, 'nobody', event])
}

async function sendLinks({ home, name }: Forgotten, { ip, requestId }: Caller): Promise<void> {
  // The answer is given: from where the home's own page would not answer, nothing comes of it.
  if (!(await addressAdmitted(home, ip))) return
  const people = await callSystem<Found, 'reset_find'>('reset_find', [home, name])
  for (const person of people) {
    // Under whatever name it is asked for: nobody's mailbox is flooded.
    const bucket = bucketOf('forgot.user', person.user_id)
    if ((await countAttempt([{ bucket, seconds: HOUR, attempts: 3 }])) > 0) continue
    const token = randomToken('')
    const args = [person.user_id, tokenHash(token), ip, requestId] as const
    if (!(await systemValue<boolean, 'reset_start'>('reset_start', [...args]))) continue
    await queueMailAlone(person.tenant_id, resetMail(person, token))
  }
}

export interface LinkOwner {
  tenantId: string
  tenant: string
  userId: string
  username: string
  email: string
  fromEmail: string
}

/** Whose a link is that works on this tenant's host. @throws AppError 404 deadLink, 429 */
export async function ownerOfLink(
  kind: 'reset' | 'email',
  token: string,
  caller: Caller,
): Promise<LinkOwner> {
  await assertWithin({
    bucket: bucketOf('link.ip', networkOf(caller.ip)),
    seconds: QUARTER_HOUR,
    attempts: 60,
  })
  const args = [caller.slug, kind, tokenHash(token)] as const
  const owner = await systemValue<LinkOwner | null, 'link_peek'>('link_peek', [...args])
  if (owner) return owner
  afterAnswer(() => auditRefused(kind, caller), caller.requestId)
  throw deadLink()
}

interface Done {
  tenantId: string
  tenant: string
  username: string
  email: string
}

/**
 * Sets the password of a reset link: once, on the home tenant's host, and only while the password is the one for which it was made. All
 * sessions of the person end; a second factor is still asked for (attacks C04, C06).
 * @throws AppError 404 deadLink, 400 with what is wrong with the password, 429
 */
export async function resetPassword(input: ResetInput, caller: Caller): Promise<{ username: string }> {
  const owner = await ownerOfLink('reset', input.token, caller)
  const { passwordMin } = await accountState(owner.userId, owner.tenantId)
  const problem = passwordProblem(input.password, owner, passwordMin)
  if (problem !== null) throw invalidField('password', problem)
  const { slug, ip, requestId } = caller
  const args = [slug, tokenHash(input.token), await hashPassword(input.password), ip, requestId] as const
  const done = await systemValue<Done | null, 'reset_finish'>('reset_finish', [...args])
  if (!done) throw deadLink()
  // Who forgot it has tried a few times.
  await forgetAttempts(accountBucket({ host: slug, home: slug, username: done.username }))
  await queueMailAlone(done.tenantId, passwordChangedMail(done))
  return { username: done.username }
}

/** Opens the link that was sent to an address: it is the person's from now on. The old one is told. @throws AppError 404 deadLink, 429 */
export async function confirmEmail(token: string, caller: Caller): Promise<{ email: string }> {
  await ownerOfLink('email', token, caller)
  const args = [caller.slug, tokenHash(token), caller.ip, caller.requestId] as const
  const done = await systemValue<(Done & { fromEmail: string }) | null, 'email_confirm'>('email_confirm', [
    ...args,
  ])
  if (!done) throw deadLink()
  if (done.email !== done.fromEmail)
    await queueMailAlone(done.tenantId, addressChangedMail({ ...done, email: done.fromEmail }, done.email))
  return { email: done.email }
}

/** Forgets links that are long over. */
export const forgetLinks = (): Promise<null> => systemValue<null, 'link_purge'>('link_purge', [])
