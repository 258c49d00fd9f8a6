import { z } from 'zod'
import { MASTER_SLUG } from '@/lib/master'
import { systemValue } from '@/server/db/system'
import { accountState } from '@/server/features/second-factor/account-state'
import { assertTries, codeBucket } from '@/server/features/second-factor/check-code'
import type { ChallengeFor } from '@/server/features/second-factor/challenge'
import { assertion } from '@/server/features/second-factor/passkey.schema'
import { provedByPasskey, signInOptions } from '@/server/features/second-factor/passkeys.service'
import { completeSignIn } from '@/server/features/sign-in/complete'
import { answerJson, placeOf, readForm } from '@/server/features/sign-in/respond'
import { auditWrong, finishStep, stepOf } from '@/server/features/sign-in/step.service'
import type { HttpRoute, RouteCall } from '@/server/http/route'
import { AppError } from '@/server/platform/errors'
import { log } from '@/server/platform/log'
import { assertWithin, bucketOf, forgetAttempts, networkOf, QUARTER_HOUR } from '@/server/platform/rate-limit'
import type { Declaration } from '@/server/rpc/declaration'

const signInInput = assertion.extend({ next: z.string().max(2048).optional() })
/** The one answer, whatever was wrong. */
const refused = () => new AppError('unauthenticated', 'This passkey does not work here.')
/** Of hosts that are no tenant's: nobody has a passkey there. */
const NO_TENANT = '00000000-0000-0000-0000-000000000000'

const anybody = ({ op }: RouteCall): ChallengeFor => ({
  purpose: 'sign-in',
  tenantId: op.tenant?.id ?? NO_TENANT,
  userId: null,
})

async function options(call: RouteCall): Promise<Response> {
  return answerJson({ options: await signInOptions(call.op.host, anybody(call)) })
}

/** A passkey is both factors: something one has, unlocked by something one is or knows. */
async function signIn(call: RouteCall): Promise<Response> {
  const { next: asked, ...input } = await readForm(call, signInInput)
  const { op, facts } = call
  const bucket = bucketOf('sign-in.passkey', networkOf(facts.ip))
  await assertWithin({ bucket, seconds: QUARTER_HOUR, attempts: 50 })
  const slug = placeOf(op.host).slug ?? MASTER_SLUG
  const found = op.tenant && (await provedByPasskey(op.host, slug, input, anybody(call)))
  if (!found) {
    log().warn({ requestId: facts.requestId, tenant: slug }, 'a passkey was refused')
    throw refused()
  }
  const { tenant_id: tenantId, user_id: userId, home, username, changed } = found
  if ((await accountState(userId, tenantId)).aged)
    await systemValue<null, 'password_aged'>('password_aged', [userId])
  const done = await completeSignIn(call, { tenantId, userId, home, username, changed }, asked)
  if (!done) throw refused()
  return answerJson({ next: done.next }, done.cookies)
}

/** @param emergency after the password of emergency access */
export async function stepOptions(call: RouteCall, emergency = false): Promise<Response> {
  const { step, state } = await stepOf(call, emergency)
  const what: ChallengeFor = { purpose: 'step', tenantId: step.tenantId, userId: step.userId }
  return answerJson({ options: await signInOptions(call.op.host, what, state.passkeys) })
}

/** @param emergency after the password of emergency access */
export async function proveStep(call: RouteCall, emergency = false): Promise<Response> {
  const input = await readForm(call, assertion)
  const { step } = await stepOf(call, emergency)
  await assertTries(step.userId)
  const what: ChallengeFor = { purpose: 'step', tenantId: step.tenantId, userId: step.userId }
  if (!(await provedByPasskey(call.op.host, step.slug, input, what))) {
    await auditWrong(call, step)
    throw refused()
  }
  await forgetAttempts(codeBucket(step.userId))
  const { next, cookies } = await finishStep(call, step)
  return answerJson({ next }, cookies)
}

const route = (
  name: string,
  method: HttpRoute['method'],
  path: string,
  told: Pick<Declaration, 'audit' | 'summary'>,
  handle: HttpRoute['handle'],
): HttpRoute => ({
  name: `passkey.${name}`,
  method,
  path: `/api/sign-in${path}/passkey`,
  declaration: { scope: 'public', ...told },
  maxBody: method === 'GET' ? 0 : 20_000,
  handle,
})

/** Signing in with a passkey: by itself, or after the password. */
export const passkeyRoutes: HttpRoute[] = [
  route(
    'options',
    'GET',
    '',
    { audit: 'none', summary: 'What a browser needs to sign in with a passkey' },
    options,
  ),
  route('signIn', 'POST', '', { audit: 'session.sign_in', summary: 'Sign in with a passkey' }, signIn),
  route(
    'stepOptions',
    'GET',
    '/step',
    { audit: 'none', summary: 'What a browser needs to give a passkey after the password' },
    (call) => stepOptions(call),
  ),
  route(
    'prove',
    'POST',
    '/step',
    { audit: 'session.sign_in', summary: 'Sign in with a passkey, after the password' },
    (call) => proveStep(call),
  ),
]
