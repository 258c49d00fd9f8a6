import type { SignedInOp } from '@/server/context/op'
import { systemValue } from '@/server/db/system'
import { assertOwnPassword, passwordBucket } from '@/server/features/account/own-password'
import { type AccountState, accountState } from '@/server/features/second-factor/account-state'
import { sealTotp } from '@/server/features/second-factor/check-code'
import { newRecoveryCodes, recoveryHash } from '@/server/features/second-factor/recovery-codes'
import type { EnableInput, MyFactors } from '@/server/features/second-factor/second-factor.schema'
import { newSetUp, readSetUp, type SetUp } from '@/server/features/second-factor/set-up'
import { stepOfCode } from '@/server/features/second-factor/totp'
import { relyingParty } from '@/server/features/second-factor/relying-party'
import { conflict, invalidField, notFound } from '@/server/platform/errors'
import { forgetAttempts } from '@/server/platform/rate-limit'

export const stateOf = (op: SignedInOp): Promise<AccountState> => accountState(op.actor.userId, op.tenant.id)
/** In whose log, and of which request. */
export const logOf = (op: SignedInOp) => [op.tenant.id, op.ip, op.requestId] as const
export const sessionOf = (op: SignedInOp): Buffer => Buffer.from(op.session.tokenHash, 'hex')

/** Asks for the password again before what lets me in changes (attack C14). @throws AppError 400 on `current`, 429 */
export async function assertFresh(op: SignedInOp, current: string): Promise<void> {
  await assertOwnPassword(op, current)
  await forgetAttempts(passwordBucket(op))
}

/** How I sign in, beside my password. */
export async function myFactors(op: SignedInOp): Promise<MyFactors> {
  const { totpSince, recoveryLeft, passkeys, required, passwordMin } = await stateOf(op)
  const { id } = relyingParty(op.host)
  return {
    totpSince: totpSince && new Date(totpSince).toISOString(),
    recoveryLeft,
    required,
    passwordMin,
    passkeys: passkeys.map(({ rpId, name, createdAt, lastUsedAt, ...key }) => ({
      id: key.id,
      name,
      host: rpId,
      here: rpId === id,
      createdAt: new Date(createdAt).toISOString(),
      lastUsedAt: lastUsedAt && new Date(lastUsedAt).toISOString(),
    })),
  }
}

/** A secret for my app. Nothing is stored before `enable`. */
export const beginSetUp = (op: SignedInOp): SetUp =>
  newSetUp(op.actor.userId, op.tenant.name, op.actor.username)

/** What a person's first code proved. @throws AppError 400 on `code`, 409 when the page was open for too long */
export function proveSetUp(userId: string, ticket: string, code: string): { secret: string; step: number } {
  const secret = readSetUp(ticket, userId)
  if (secret === null) throw conflict('This page was open for too long. Load it again and scan the new code.')
  const step = stepOfCode(secret, code)
  if (step === null)
    throw invalidField(
      'code',
      'This is not the code that the app shows now. Does the clock of your phone go right?',
    )
  return { secret, step }
}

/**
 * Turns one-time codes on for somebody and ends their sessions but `keep`. @returns the recovery codes, this once; empty where there are
 * some already @throws AppError 409 when they are on already
 */
export async function storeTotp(
  who: { userId: string; homeTenantId: string },
  proved: { secret: string; step: number },
  keep: Buffer | null,
  log: readonly [tenantId: string, ip: string, requestId: string],
): Promise<string[]> {
  const { userId, homeTenantId } = who
  const codes = newRecoveryCodes()
  const fresh = await systemValue<boolean | null, 'totp_set'>('totp_set', [
    userId,
    sealTotp(homeTenantId, userId, proved.secret),
    proved.step,
    codes.map((code) => recoveryHash(userId, code)),
    keep,
    ...log,
  ])
  if (fresh === null) throw conflict('An app is set up already. Remove it first.')
  return fresh ? codes : []
}

/** Turns one-time codes on for me; signs me out everywhere else. @throws AppError 400, 409, 429 */
export async function enableTotp(op: SignedInOp, input: EnableInput): Promise<{ recoveryCodes: string[] }> {
  await assertFresh(op, input.current)
  const proved = proveSetUp(op.actor.userId, input.ticket, input.code)
  const recoveryCodes = await storeTotp(op.actor, proved, sessionOf(op), logOf(op))
  if (op.call) op.call.audited = true // wall.totp_set wrote the row
  return { recoveryCodes }
}

/** The last factor stays where a tenant asks for one. @throws AppError 409 */
export async function assertNotLast(op: SignedInOp): Promise<void> {
  const { required, totpSince, passkeys } = await stateOf(op)
  if (required && passkeys.length + (totpSince === null ? 0 : 1) <= 1)
    throw conflict('Your tenant asks for a second factor. Set up another one first.')
}

/** Turns one-time codes off; signs me out everywhere else. @throws AppError 400, 404, 409, 429 */
export async function disableTotp(op: SignedInOp, current: string): Promise<{ done: boolean }> {
  await assertFresh(op, current)
  await assertNotLast(op)
  const args = [op.actor.userId, sessionOf(op), ...logOf(op)] as const
  if (!(await systemValue<boolean, 'totp_remove'>('totp_remove', [...args]))) throw notFound()
  if (op.call) op.call.audited = true // wall.totp_remove wrote the row
  return { done: true }
}

/** Ten new recovery codes in place of the former. @throws AppError 400, 409 without a second factor, 429 */
export async function renewRecoveryCodes(
  op: SignedInOp,
  current: string,
): Promise<{ recoveryCodes: string[] }> {
  await assertFresh(op, current)
  const recoveryCodes = newRecoveryCodes()
  const hashes = recoveryCodes.map((code) => recoveryHash(op.actor.userId, code))
  const args = [op.actor.userId, hashes, ...logOf(op)] as const
  if (!(await systemValue<boolean, 'recovery_set'>('recovery_set', [...args])))
    throw conflict('Set up a second factor first: recovery codes stand in for it.')
  if (op.call) op.call.audited = true // wall.recovery_set wrote the row
  return { recoveryCodes }
}
