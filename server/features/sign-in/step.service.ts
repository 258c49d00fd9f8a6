import { MASTER_SLUG } from '@/lib/master'
import { readCookie, sessionCookie } from '@/server/context/cookie'
import { systemValue } from '@/server/db/system'
import { type AccountState, accountState } from '@/server/features/second-factor/account-state'
import { assertTries, codeBucket, useRecovery, useTotp } from '@/server/features/second-factor/check-code'
import { completeSignIn } from '@/server/features/sign-in/complete'
import { placeOf } from '@/server/features/sign-in/respond'
import { readStep, type Step } from '@/server/features/sign-in/step-ticket'
import type { RouteCall } from '@/server/http/route'
import { AppError } from '@/server/platform/errors'
import { log } from '@/server/platform/log'
import { forgetAttempts } from '@/server/platform/rate-limit'

export const tooLate = () =>
  new AppError('unauthenticated', 'That took too long. Sign in again from the start.')
const WRONG = 'This code is wrong, was used already, or is no longer the one shown.'

/**
 * Who proved their password in this browser a moment ago, with what they can prove next.
 * @param emergency whether it goes on by emergency access: what was begun in the other way is nothing here
 * @throws AppError 401
 */
export async function stepOf(
  { op, facts }: RouteCall,
  emergency = false,
): Promise<{ step: Step; state: AccountState }> {
  const { slug } = placeOf(op.host)
  const step = readStep(readCookie(facts.cookie, sessionCookie(slug, 'step')), slug ?? MASTER_SLUG)
  if (!step || (step.emergency ?? false) !== emergency) throw tooLate()
  const state = await accountState(step.userId, step.tenantId)
  if ((state.changed ?? '') !== step.changed) throw tooLate() // another password since
  return { step, state }
}

/** Opens the session of whoever proved both. @throws AppError 401 */
export async function finishStep(call: RouteCall, step: Step) {
  const done = await completeSignIn(call, step, step.next)
  if (!done) throw tooLate()
  return done
}

/**
 * Takes a code of the app, or a recovery code, as the second step: each once, five tries a quarter hour (attacks C06, C07).
 * @throws AppError 401 when there is no first step, 400 for a wrong code, 429
 */
export async function proveByCode(
  call: RouteCall,
  input: { code: string } | { recoveryCode: string },
  emergency = false,
): Promise<{ next: string; cookies: string[] }> {
  const { step } = await stepOf(call, emergency)
  const { ip, requestId } = call.facts
  await assertTries(step.userId)
  const right =
    'code' in input
      ? await useTotp(step.userId, input.code)
      : await useRecovery(step.userId, input.recoveryCode, [step.tenantId, ip, requestId])
  if (!right) {
    const field = 'code' in input ? 'code' : 'recoveryCode'
    await auditWrong(call, step)
    throw new AppError('invalid_input', WRONG, { fields: { [field]: WRONG } })
  }
  await forgetAttempts(codeBucket(step.userId))
  return finishStep(call, step)
}

/** Writes a refused second factor to the tenant's log. */
export async function auditWrong({ facts }: RouteCall, step: Step): Promise<void> {
  const { ip, requestId } = facts
  log().warn({ requestId, tenant: step.slug }, 'a second factor was refused')
  const event = {
    event: step.emergency ? 'session.break_glass' : 'session.sign_in',
    targetKind: 'user',
    targetId: step.userId,
    targetName: step.username,
    result: 'denied',
    reason: 'wrong second factor',
    ip,
    requestId,
  }
  await systemValue<null, 'audit_system'>('audit_system', [step.tenantId, null, 'nobody', event])
}
