import { randomUUID } from 'node:crypto'
import { MASTER_SLUG } from '@/lib/master'
import { tokenHash } from '@/server/context/build'
import type { OpContext } from '@/server/context/op'
import { systemValue } from '@/server/db/system'
import { sealMail, subjectOf } from '@/server/features/mail/mail.body'
import { wakeMail } from '@/server/features/mail/mail.wake'
import { policyAt } from '@/server/features/security-policy/policy-at'
import { beginHandOff } from '@/server/features/sign-in/hand-off'
import { readSlug, SLUG_REFUSED } from '@/server/features/tenants/tenants.write.service'
import { readUsername } from '@/server/features/users/users.write.service'
import { AppError, conflict, invalidField } from '@/server/platform/errors'
import { hashPassword } from '@/server/platform/password'
import { passwordProblem } from '@/server/platform/password-policy'
import { assertWithin, bucketOf, DAY } from '@/server/platform/rate-limit'
import { welcomeMail } from './sign-up.mail'
import type { FinishInput, SignUpLook } from './sign-up.schema'
import { deadLink, lookAtSignUp, probesOf } from './sign-up.service'

const NAME_REFUSED = 'This name cannot be used. Choose another.'

type Visit = Pick<OpContext, 'host' | 'gate' | 'ip' | 'requestId'>
type Made =
  | { code: 'gone' | 'asks' | 'account' | 'limit' | 'slug' | 'name' }
  | { code: 'ok'; userId: string; changed: string }

/** What was asked for; where that cannot be had any more, what the person chose instead: a few tries, which tell what others have (A15). */
async function choose(
  op: Visit,
  look: SignUpLook,
  input: FinishInput,
): Promise<{ name: string; slug: string }> {
  const name = look.nameFree ? look.name : input.name
  if (name === '') throw invalidField('name', NAME_REFUSED)
  const slug = look.slugFree ? look.slug : readSlug(input.slug)
  if (look.slugFree && look.nameFree) return { name, slug }
  await assertWithin(
    { bucket: bucketOf('sign-up.probe', look.id), seconds: DAY, attempts: 10 },
    probesOf(op.ip),
  )
  return { name, slug }
}

async function accountOf(look: SignUpLook, input: FinishInput) {
  const username = readUsername(input.username)
  const { passwordMin } = await policyAt(MASTER_SLUG, MASTER_SLUG)
  const problem = passwordProblem(input.password, { username, email: look.email }, passwordMin)
  if (problem !== null) throw invalidField('password', problem)
  if (look.termsUrl !== '' && !input.terms) throw invalidField('terms', 'Accept the terms first')
  return { username, firstName: input.firstName, lastName: input.lastName }
}

/**
 * Makes the organization and its first person, once, in one transaction, and hands them over to its own host.
 * @returns where to go, with the cookie that lets this browser go there
 * @throws AppError 404 deadLink; 400 on the fields; 409 when an administrator approves first or the address has an account by now; 429 when
 * there were enough today, or too many tries
 */
export async function finishSignUp(op: Visit, input: FinishInput): Promise<{ next: string; cookie: string }> {
  const look = await lookAtSignUp(op, input.token)
  const user = await accountOf(look, input)
  const wanted = await choose(op, look, input)
  const tenantId = randomUUID()
  const id = randomUUID()
  const mail = welcomeMail(look.email, { ...wanted, username: user.username })
  const made = await systemValue<Made, 'sign_up_finish'>('sign_up_finish', [
    tokenHash(input.token),
    tenantId,
    wanted,
    user,
    await hashPassword(input.password),
    { id, kind: mail.kind, subject: subjectOf(mail) },
    Buffer.from(sealMail(tenantId, id, mail)),
    op.ip,
    op.requestId,
  ])
  if (made.code !== 'ok') throw refusalOf(made.code)
  wakeMail()
  return beginHandOff({ tenantId, userId: made.userId, slug: wanted.slug, changed: made.changed })
}

function refusalOf(code: Exclude<Made['code'], 'ok'>): AppError {
  switch (code) {
    case 'gone':
      return deadLink()
    case 'asks':
      return conflict('An administrator approves new organizations first. Open the link again.')
    case 'account':
      return conflict('There is an account with your address by now. Sign in with it.')
    case 'limit':
      return new AppError(
        'rate_limited',
        'No more organizations can be made today. Your link works tomorrow, too.',
        {
          retryAfter: 3600,
        },
      )
    case 'slug':
      return invalidField('slug', SLUG_REFUSED)
    case 'name':
      return invalidField('name', NAME_REFUSED)
  }
}
