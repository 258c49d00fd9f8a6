import { answerJson, readForm } from '@/server/features/sign-in/respond'
import type { HttpRoute, RouteCall } from '@/server/http/route'
import type { Declaration } from '@/server/rpc/declaration'
import { finishSignUp } from './sign-up.finish.service'
import { askInput, finishInput, linkInput } from './sign-up.schema'
import { askSignUp, checkSignUp, confirmSignUp, offerHere, type SignUpOffer } from './sign-up.service'

async function ask(call: RouteCall, offer: SignUpOffer): Promise<Response> {
  await askSignUp(call.op, offer, await readForm(call, askInput))
  return answerJson({ ok: true })
}

async function check(call: RouteCall): Promise<Response> {
  const { token } = await readForm(call, linkInput)
  return answerJson(await checkSignUp(call.op, token))
}

async function confirm(call: RouteCall): Promise<Response> {
  const { token } = await readForm(call, linkInput)
  await confirmSignUp(call.op, token)
  return answerJson({ ok: true })
}

async function finish(call: RouteCall): Promise<Response> {
  const { next, cookie } = await finishSignUp(call.op, await readForm(call, finishInput))
  return answerJson({ next }, [cookie])
}

const post = (
  name: string,
  path: string,
  told: Pick<Declaration, 'audit' | 'summary'>,
  answer: (call: RouteCall, offer: SignUpOffer) => Promise<Response>,
): HttpRoute => ({
  name: `signUp.${name}`,
  method: 'POST',
  path: `/api/sign-up${path}`,
  declaration: { scope: 'public', ...told },
  maxBody: 10_000,
  handle: async (call) => answer(call, await offerHere(call.op)),
})

/** For visitors of the main host, where sign-up is on. Tokens come in bodies, never in addresses. */
export const signUpRoutes: HttpRoute[] = [
  post('ask', '', { audit: 'sign_up.ask', summary: 'Ask for an organization of one’s own' }, ask),
  post('check', '/check', { audit: 'sign_up.finish', summary: 'What the link of a sign-up is for' }, check),
  post(
    'confirm',
    '/confirm',
    { audit: 'sign_up.confirm', summary: 'Put a confirmed sign-up to an administrator' },
    confirm,
  ),
  post(
    'finish',
    '/finish',
    { audit: 'sign_up.finish', summary: 'Make the organization and its owner' },
    finish,
  ),
]
