import { MASTER_SLUG } from '@/lib/master'
import { parseLogin } from '@/lib/login-name'
import { tenantOrigin } from '@/lib/paths'
import { assertGate } from '@/server/authz/gate'
import { slugOf, tokenHash } from '@/server/context/build'
import type { OpContext } from '@/server/context/op'
import { siteConfig } from '@/server/context/site'
import { systemValue } from '@/server/db/system'
import { addressAdmitted } from '@/server/features/allow-list/admitted'
import { cookieOfSession } from '@/server/features/sessions/session-cookie'
import { accountState } from '@/server/features/second-factor/account-state'
import { policyAt } from '@/server/features/security-policy/policy-at'
import { closeSession, openSession } from '@/server/features/sessions/sessions.service'
import { verifySignIn } from '@/server/features/sign-in/sign-in.service'
import { readUsername } from '@/server/features/users/users.write.service'
import { addressRefused, AppError, conflict, denied, invalidField, notFound } from '@/server/platform/errors'
import { hashPassword } from '@/server/platform/password'
import { passwordProblem } from '@/server/platform/password-policy'
import { sqlStateOf } from '@/server/platform/sql-state'
import { assertWithin, bucketOf, networkOf, QUARTER_HOUR } from '@/server/platform/rate-limit'
import type { AcceptExisting, AcceptNew, InvitationLook } from './invitations.schema'

/** The same for a link that never was, is used, taken back, run out, or another tenant's (attack C08). */
const gone = () => denied('This invitation does not work any more. Ask for a new one.')

/** One answer whether the password is wrong or the account's address another: else this page would tell passwords. */
const wrong = () =>
  new AppError(
    'unauthenticated',
    'The username or password is wrong, or the account has another e-mail address than the invitation.',
  )

/** The tenant of the host, for somebody whom nobody knows yet. @throws AppError 404, 429, as the gate */
async function placeOf(op: OpContext): Promise<string> {
  const slug = slugOf(op.host)
  if (slug === null) throw notFound()
  if (op.impersonator) throw denied('Not while impersonating. The person does this themselves.')
  await assertWithin({
    bucket: bucketOf('invitation', networkOf(op.ip)),
    seconds: QUARTER_HOUR,
    attempts: 60,
  })
  if (slug !== MASTER_SLUG) assertGate(op.gate, 'use')
  return slug
}

/** What the holder of a link is asked. @throws AppError 403 */
export async function lookAtInvitation(op: OpContext, token: string): Promise<InvitationLook> {
  const slug = await placeOf(op)
  const args = [tokenHash(token), slug] as const
  const look = await systemValue<InvitationLook | null, 'invitation_look'>('invitation_look', [...args])
  if (!look) throw gone()
  return look
}

/** Says no; only to the one whose link it is. @throws AppError 403 */
export async function declineInvitation(op: OpContext, token: string): Promise<{ declined: true }> {
  const slug = await placeOf(op)
  const args = [tokenHash(token), slug, op.requestId] as const
  if (!(await systemValue<boolean, 'invitation_decline'>('invitation_decline', [...args]))) throw gone()
  if (op.call) op.call.audited = true
  return { declined: true }
}

type Answer =
  | { code: 'gone' | 'taken' | 'other' | 'member' }
  | { code: 'ok'; userId: string; homeId: string; homeSlug: string; username: string; accepted: number }
type Accepted = Extract<Answer, { code: 'ok' }>

async function accept(
  op: OpContext,
  token: string,
  who: { user: object; hash: string } | { existing: string },
): Promise<Accepted> {
  const slug = slugOf(op.host) ?? ''
  const [user, hash, existing] = 'user' in who ? [who.user, who.hash, null] : [null, null, who.existing]
  const args = [tokenHash(token), slug, user, hash, existing, op.ip, op.requestId] as const
  const answer = await systemValue<Answer, 'invitation_accept'>('invitation_accept', [...args]).catch(
    (error: unknown): Answer => {
      if (sqlStateOf(error) === 'P0002') return { code: 'gone' }
      throw error
    },
  )
  if (answer.code === 'ok') {
    if (op.call) op.call.audited = true
    return answer
  }
  if (answer.code === 'taken') {
    const why = 'Somebody else here has this username'
    throw conflict(why, { username: why })
  }
  if (answer.code === 'other') throw wrong()
  if (answer.code === 'member')
    throw denied('An account does not become the provider’s by an invitation. Ask the provider to raise it.')
  throw gone()
}

const originOf = (slug: string) => tenantOrigin(slug === MASTER_SLUG ? null : slug, siteConfig())

/**
 * Accepts with a new account, which is signed in on its home's host if that is this one. Nothing of any account that there is changes (C09).
 * @throws AppError 400, 403, 409 on `username`, 429
 */
export async function acceptWithNew(op: OpContext, input: AcceptNew) {
  const look = await lookAtInvitation(op, input.token)
  const username = readUsername(input.username)
  const { passwordMin } = await policyAt(slugOf(op.host) ?? MASTER_SLUG, slugOf(op.host) ?? MASTER_SLUG)
  const problem = passwordProblem(input.password, { username, email: look.email }, passwordMin)
  if (problem !== null) throw invalidField('password', problem)
  const { firstName, lastName, token } = input
  const hash = await hashPassword(input.password)
  const { userId, homeId, homeSlug, accepted } = await accept(op, token, {
    user: { username, firstName, lastName },
    hash,
  })
  const origin = originOf(homeSlug)
  if (homeSlug !== slugOf(op.host)) return { next: `${origin}/login`, accepted, cookie: null }
  // Whoever was signed in here before is so no longer (attack C10).
  if (op.session) await closeSession(Buffer.from(op.session.tokenHash, 'hex'), op.requestId)
  // Who has to have a second factor sets it up at the sign-in (attack C06).
  const { required } = await accountState(userId, homeId)
  const session = required ? null : await openSession({ tenantId: homeId, userId }, op)
  const slug = homeSlug === MASTER_SLUG ? null : homeSlug
  return {
    next: session ? `${origin}/` : `${origin}/login`,
    accepted,
    cookie: session && cookieOfSession(slug, session),
  }
}

/**
 * Accepts with an account that there is: the password is asked under the limits of signing in, and its address must be the invited one.
 * Signing in afterwards is as always, second factor and all.
 * @throws AppError 401, 403, 429
 */
export async function acceptWithAccount(op: OpContext, { token, login, password }: AcceptExisting) {
  await lookAtInvitation(op, token)
  const name = parseLogin(login)
  const home = name.kind === 'prefixed' ? name.slug : (slugOf(op.host) ?? MASTER_SLUG)
  // Another tenant's list of addresses holds for its accounts here, too.
  if (home !== slugOf(op.host) && !(await addressAdmitted(home, op.ip))) throw addressRefused(op.ip)
  const target = name.kind === 'invalid' ? null : { host: home, home, username: name.username }
  const verified = await verifySignIn({
    slug: home,
    target,
    password,
    knownCookie: null,
    ip: op.ip,
    requestId: op.requestId,
  })
  if (!verified) throw wrong()
  const { accepted } = await accept(op, token, { existing: verified.userId })
  return { next: `${originOf(slugOf(op.host) ?? '')}/login`, accepted }
}
