import { z } from 'zod'
import { type AccountState, hasFactor } from '@/server/features/second-factor/account-state'
import { relyingParty } from '@/server/features/second-factor/relying-party'
import { totpCode } from '@/server/features/second-factor/second-factor.schema'
import { proveSetUp, storeTotp } from '@/server/features/second-factor/second-factor.service'
import { newSetUp } from '@/server/features/second-factor/set-up'
import { answerJson, readForm } from '@/server/features/sign-in/respond'
import { finishStep, proveByCode, stepOf } from '@/server/features/sign-in/step.service'
import { assertTries } from '@/server/features/second-factor/check-code'
import type { HttpRoute, RouteCall } from '@/server/http/route'
import { conflict } from '@/server/platform/errors'
import type { Declaration } from '@/server/rpc/declaration'

export const codeInput = z.union([
  z.strictObject({ code: totpCode }),
  z.strictObject({ recoveryCode: z.string().min(1, 'Enter a recovery code.').max(40) }),
])
const setUpInput = z.strictObject({ ticket: z.string().max(1000), code: totpCode })

/** What is asked for next: a second factor that is there, or to set one up. */
async function ask(call: RouteCall): Promise<Response> {
  const { step, state } = await stepOf(call)
  const { username } = step
  if (!hasFactor(state)) {
    const setUp = newSetUp(step.userId, step.slug, username)
    return answerJson({ username, setUp })
  }
  return answerJson({ username, methods: methodsOf(call, state) })
}

/** What somebody can show after their password, on this host. */
export function methodsOf({ op }: RouteCall, state: AccountState) {
  const here = relyingParty(op.host).id
  return {
    app: state.totpSince !== null,
    passkey: state.passkeys.some(({ rpId }) => rpId === here),
    recovery: state.recoveryLeft > 0,
  }
}

async function prove(call: RouteCall): Promise<Response> {
  const { next, cookies } = await proveByCode(call, await readForm(call, codeInput))
  return answerJson({ next }, cookies)
}

/** Sets an app up for whoever has to have one, and signs them in. */
async function setUp(call: RouteCall): Promise<Response> {
  const { ticket, code } = await readForm(call, setUpInput)
  const { step, state } = await stepOf(call)
  if (hasFactor(state)) throw conflict('A second factor is set up already. Sign in with it.')
  await assertTries(step.userId)
  const proved = proveSetUp(step.userId, ticket, code)
  const who = { userId: step.userId, homeTenantId: state.homeTenantId }
  const { ip, requestId } = call.facts
  const recoveryCodes = await storeTotp(who, proved, null, [step.tenantId, ip, requestId])
  const { next, cookies } = await finishStep(call, step)
  return answerJson({ next, recoveryCodes }, cookies)
}

const route = (
  name: string,
  method: HttpRoute['method'],
  path: string,
  told: Pick<Declaration, 'audit' | 'summary'>,
  handle: HttpRoute['handle'],
): HttpRoute => ({
  name: `signInStep.${name}`,
  method,
  path: `/api/sign-in/step${path}`,
  declaration: { scope: 'public', ...told },
  maxBody: method === 'GET' ? 0 : 10_000,
  handle,
})

/** The second step of a sign-in, for whoever gave the right password in this browser within the last five minutes. */
export const stepRoutes: HttpRoute[] = [
  route('ask', 'GET', '', { audit: 'none', summary: 'Which second factor this sign-in waits for' }, ask),
  route(
    'prove',
    'POST',
    '',
    { audit: 'session.sign_in', summary: 'Sign in with a one-time or recovery code, after the password' },
    prove,
  ),
  route(
    'setUp',
    'POST',
    '/set-up',
    {
      audit: 'account.second_factor_set',
      summary: 'Set up the second factor that a tenant asks for, after the password',
    },
    setUp,
  ),
]
