import { MASTER_SLUG, MASTER_TENANT_ID } from '@/lib/master'
import { assertGate } from '@/server/authz/gate'
import { tokenHash } from '@/server/context/build'
import type { OpContext } from '@/server/context/op'
import { systemValue } from '@/server/db/system'
import { queueMailAlone } from '@/server/features/mail/mail.service'
import { policyAt } from '@/server/features/security-policy/policy-at'
import { readSlug } from '@/server/features/tenants/tenants.write.service'
import { afterAnswer } from '@/server/platform/after-answer'
import { randomToken } from '@/server/platform/crypto'
import { AppError, invalidField, notFound } from '@/server/platform/errors'
import {
  assertWithin,
  bucketOf,
  countAttempt,
  DAY,
  forgetAttempts,
  HOUR,
  type Limit,
  networkOf,
  QUARTER_HOUR,
  tooMany,
} from '@/server/platform/rate-limit'
import { accountMail, linkMail } from './sign-up.mail'
import type { AskInput, SignUpCheck, SignUpLook } from './sign-up.schema'

const AUDITS_A_MINUTE = 20

type Visit = Pick<OpContext, 'host' | 'gate' | 'ip' | 'requestId'>

/** What a visitor is told of how people sign up. */
export interface SignUpOffer {
  approval: boolean
  termsUrl: string
  /** Mail domains that may sign up; empty: any. */
  domains: string[]
}

/** The one answer to a link that is used, too old, cut off or invented (attack C04). */
export const deadLink = () =>
  new AppError(
    'not_found',
    'This link does not work any more. It works once and not for long: sign up again.',
  )

/** Whether people may sign up here: on the main host, licensed, and switched on; null: there is no such page. */
export function signUpOffer({ host, gate }: Pick<Visit, 'host' | 'gate'>): Promise<SignUpOffer | null> {
  if (host.kind !== 'master' || gate.state !== 'on') return Promise.resolve(null)
  return systemValue<SignUpOffer | null, 'sign_up_open'>('sign_up_open', [])
}

/**
 * Before anything else that a visitor asks for (sign-up.routes.ts).
 * @throws AppError 404 elsewhere than on the main host and where it is off; 501, 402 as the gate (PRODUCT rule 14)
 */
export async function offerHere(op: Visit): Promise<SignUpOffer> {
  if (op.host.kind !== 'master') throw notFound()
  assertGate(op.gate, 'grow')
  const offer = await signUpOffer(op)
  if (!offer) throw notFound()
  return offer
}

/**
 * Somebody asks for an organization: a link goes to their address, or, where that has an account already, a mail that says so. The answer is
 * the same and comes before either is known (attack C03). Whether a subdomain is taken is not said here: the link tells its holder.
 * @throws AppError 400 for what is malformed, and for a mail domain that is not on the list; 429 by network, address and over all
 */
export async function askSignUp(
  op: Visit,
  { domains }: Pick<SignUpOffer, 'domains'>,
  input: AskInput,
): Promise<void> {
  const { email, name } = input
  const slug = readSlug(input.slug)
  const domain = email.split('@')[1] ?? ''
  if (domains.length > 0 && !domains.includes(domain))
    throw invalidField(
      'email',
      `Addresses of ${domain} cannot sign up here. Use the one of your organization.`,
    )
  await assertWithin(
    { bucket: bucketOf('sign-up.ip', networkOf(op.ip)), seconds: HOUR, attempts: 10 },
    { bucket: bucketOf('sign-up.address', email), seconds: HOUR, attempts: 3 },
    { bucket: bucketOf('sign-up.address.day', email), seconds: DAY, attempts: 6 },
    { bucket: bucketOf('sign-up.all'), seconds: HOUR, attempts: 100 },
  )
  // Nobody sees that field: a machine filled it in, and is told what everybody is told.
  if (input.website !== '') return
  afterAnswer(() => begin(op, { email, name, slug }), op.requestId)
}

interface Begun {
  code: 'mail' | 'account' | 'closed'
  provider: string
  homes: { tenant: string; slug: string; username: string }[]
}

async function begin(
  { ip, requestId }: Visit,
  { email, name, slug }: { email: string; name: string; slug: string },
): Promise<void> {
  const token = randomToken('')
  const args = [email, name, slug, tokenHash(token), ip, requestId] as const
  const begun = await systemValue<Begun, 'sign_up_start'>('sign_up_start', [...args])
  if (begun.code === 'closed') return
  const asked = { provider: begun.provider, email }
  await queueMailAlone(
    MASTER_TENANT_ID,
    begun.code === 'mail' ? linkMail(asked, token) : accountMail(asked, begun.homes),
  )
}

/** Writes a refused link to the master's log; few a minute. */
async function auditRefused({ ip, requestId }: Visit): Promise<void> {
  const limit = { bucket: bucketOf('sign-up.refused'), seconds: 60, attempts: AUDITS_A_MINUTE }
  if ((await countAttempt([limit])) > 0) return
  const event = {
    event: 'sign_up.finish',
    result: 'denied',
    reason: 'a link that does not work',
    ip,
    requestId,
  }
  await systemValue<null, 'audit_system'>('audit_system', [MASTER_TENANT_ID, null, 'nobody', event])
}

/** What a link is for, as long as it works. @throws AppError 404 deadLink, 429 */
export async function lookAtSignUp(op: Visit, token: string): Promise<SignUpLook> {
  const limit = { bucket: bucketOf('sign-up.link', networkOf(op.ip)), seconds: QUARTER_HOUR, attempts: 60 }
  await assertWithin(limit)
  const look = await systemValue<SignUpLook | null, 'sign_up_look'>('sign_up_look', [tokenHash(token)])
  if (look) return look
  afterAnswer(() => auditRefused(op), op.requestId)
  throw deadLink()
}

/** Thirty answers a day to one network that somebody else has an address or a name (attack A15). */
export const probesOf = (ip: string): Limit => ({
  bucket: bucketOf('sign-up.probe.ip', networkOf(ip)),
  seconds: DAY,
  attempts: 30,
})

/** Counts that a link tells what others have, once for each link: the page is loaded again. @throws AppError 429 */
async function assertMayTell(op: Visit, id: string): Promise<void> {
  const told = { bucket: bucketOf('sign-up.told', id), seconds: DAY, attempts: 1 }
  if ((await countAttempt([told])) > 0) return
  const wait = await countAttempt([probesOf(op.ip)])
  if (wait === 0) return
  await forgetAttempts(told.bucket)
  throw tooMany(wait)
}

/** The same for the page that the link opens. @throws AppError 404 deadLink, 429 */
export async function checkSignUp(op: Visit, token: string): Promise<SignUpCheck> {
  const { id, email, name, slug, slugFree, nameFree, asks, termsUrl } = await lookAtSignUp(op, token)
  if (!slugFree || !nameFree) await assertMayTell(op, id)
  // The floor of the master is all that a new tenant asks for.
  const { passwordMin } = await policyAt(MASTER_SLUG, MASTER_SLUG)
  return { email, name, slug, slugFree, nameFree, asks, termsUrl, passwordMin }
}

/** Where an administrator approves first: the address is the person's, the request is put to them. @throws AppError as lookAtSignUp */
export async function confirmSignUp(op: Visit, token: string): Promise<void> {
  await lookAtSignUp(op, token)
  const args = [tokenHash(token), op.ip, op.requestId] as const
  if (!(await systemValue<boolean, 'sign_up_confirm'>('sign_up_confirm', [...args]))) throw deadLink()
}
