import { MASTER_SLUG } from '@/lib/master'
import { accountState } from '@/server/features/second-factor/account-state'
import { answerJson, placeOf, readForm } from '@/server/features/sign-in/respond'
import type { HttpRoute, RouteCall } from '@/server/http/route'
import type { Declaration } from '@/server/rpc/declaration'
import { forgottenBy } from './recovery.policy'
import { forgotInput, linkInput, resetInput } from './recovery.schema'
import { type Caller, confirmEmail, forgotPassword, ownerOfLink, resetPassword } from './recovery.service'

const callerOf = ({ op, facts }: RouteCall): Caller => ({
  slug: placeOf(op.host).slug ?? MASTER_SLUG,
  ip: facts.ip,
  requestId: facts.requestId,
})

async function forgot(call: RouteCall): Promise<Response> {
  const { login } = await readForm(call, forgotInput)
  const caller = callerOf(call)
  await forgotPassword(forgottenBy(call.op.host, login), caller)
  return answerJson({ ok: true })
}

/** Whose password a link sets, for the page that it opens. */
async function checkReset(call: RouteCall): Promise<Response> {
  const { token } = await readForm(call, linkInput)
  const { username, userId, tenantId } = await ownerOfLink('reset', token, callerOf(call))
  const { passwordMin } = await accountState(userId, tenantId)
  return answerJson({ username, passwordMin })
}

async function reset(call: RouteCall): Promise<Response> {
  const input = await readForm(call, resetInput)
  return answerJson(await resetPassword(input, callerOf(call)))
}

async function checkEmail(call: RouteCall): Promise<Response> {
  const { token } = await readForm(call, linkInput)
  const { username, email } = await ownerOfLink('email', token, callerOf(call))
  return answerJson({ username, email })
}

async function verify(call: RouteCall): Promise<Response> {
  const { token } = await readForm(call, linkInput)
  return answerJson(await confirmEmail(token, callerOf(call)))
}

const post = (
  name: string,
  path: string,
  told: Pick<Declaration, 'audit' | 'summary'>,
  handle: HttpRoute['handle'],
): HttpRoute => ({
  name: `recovery.${name}`,
  method: 'POST',
  path: `/api/sign-in/${path}`,
  declaration: { scope: 'public', ...told },
  maxBody: 10_000,
  handle,
})

/** For whoever is not signed in: forgotten passwords, and links that arrived by mail. Tokens come in bodies, never in addresses. */
export const recoveryRoutes: HttpRoute[] = [
  post(
    'forgot',
    'forgot',
    { audit: 'account.password_forgotten', summary: 'Send a link to set a forgotten password' },
    forgot,
  ),
  post(
    'checkReset',
    'reset/check',
    { audit: 'account.password_reset', summary: 'Whose password a link sets' },
    checkReset,
  ),
  post(
    'reset',
    'reset',
    { audit: 'account.password_reset', summary: 'Set a forgotten password by a link from a mail' },
    reset,
  ),
  post(
    'checkEmail',
    'verify/check',
    { audit: 'account.email_confirm', summary: 'Whose address a link confirms' },
    checkEmail,
  ),
  post(
    'verify',
    'verify',
    { audit: 'account.email_confirm', summary: 'Confirm an e-mail address by a link from a mail' },
    verify,
  ),
]
