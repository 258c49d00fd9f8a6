import { EMERGENCY } from '@/lib/from-anywhere'
import { MASTER_SLUG } from '@/lib/master'
import { consolePaths } from '@/lib/paths'
import { sessionCookie } from '@/server/context/cookie'
import { cookieOf } from '@/server/features/sessions/session-cookie'
import { hasFactor } from '@/server/features/second-factor/account-state'
import { verifyEmergency } from '@/server/features/sign-in/emergency.service'
import { proveStep, stepOptions } from '@/server/features/sign-in/passkey.routes'
import { answerJson, placeOf, readForm } from '@/server/features/sign-in/respond'
import { emergencyInput } from '@/server/features/sign-in/sign-in.schema'
import { wrongSignIn } from '@/server/features/sign-in/sign-in.routes'
import { STEP_SECONDS, signStep } from '@/server/features/sign-in/step-ticket'
import { codeInput, methodsOf } from '@/server/features/sign-in/step.routes'
import { proveByCode, stepOf, tooLate } from '@/server/features/sign-in/step.service'
import type { HttpRoute, RouteCall } from '@/server/http/route'
import type { Declaration } from '@/server/rpc/declaration'

/** 1: name and password of an account of emergency. A second step follows always. */
async function start(call: RouteCall): Promise<Response> {
  const { login, password } = await readForm(call, emergencyInput)
  const { slug, prefix } = placeOf(call.op.host)
  const verified = await verifyEmergency({ slug: slug ?? MASTER_SLUG, login, password }, call.facts)
  if (!verified) throw wrongSignIn()
  const note = signStep({ ...verified, slug: slug ?? MASTER_SLUG, emergency: true })
  return answerJson({ next: `${consolePaths(prefix).emergency}?step=second` }, [
    cookieOf(sessionCookie(slug, 'step'), note, STEP_SECONDS),
  ])
}

/** What can be shown next. Who lost the second factor since is no account of emergency any more. */
async function ask(call: RouteCall): Promise<Response> {
  const { step, state } = await stepOf(call, true)
  if (!hasFactor(state)) throw tooLate()
  return answerJson({ username: step.username, methods: methodsOf(call, state) })
}

/** 2: a code, of the app or for recovery. */
async function prove(call: RouteCall): Promise<Response> {
  const { next, cookies } = await proveByCode(call, await readForm(call, codeInput), true)
  return answerJson({ next }, cookies)
}

const route = (
  name: string,
  method: HttpRoute['method'],
  path: string,
  told: Pick<Declaration, 'audit' | 'summary'>,
  handle: HttpRoute['handle'],
): HttpRoute => ({
  name: `emergency.${name}`,
  method,
  path: `/api/emergency${path}`,
  declaration: { scope: 'public', address: EMERGENCY, ...told },
  maxBody: method === 'GET' ? 0 : 20_000,
  handle,
})

const used = (summary: string) => ({ audit: 'session.break_glass', summary })
const asked = (summary: string) => ({ audit: 'none', summary })

/** Emergency access: by password and second factor, for the few accounts that a tenant appointed, from any address. */
export const emergencyRoutes: HttpRoute[] = [
  route('start', 'POST', '', used('Emergency access: username and password'), start),
  route('ask', 'GET', '/step', asked('Emergency access: which second factor it waits for'), ask),
  route('prove', 'POST', '/step', used('Emergency access: a one-time or recovery code'), prove),
  route(
    'passkeyOptions',
    'GET',
    '/step/passkey',
    asked('Emergency access: what a browser needs to give a passkey'),
    (call) => stepOptions(call, true),
  ),
  route('passkey', 'POST', '/step/passkey', used('Emergency access: a passkey, after the password'), (call) =>
    proveStep(call, true),
  ),
]
