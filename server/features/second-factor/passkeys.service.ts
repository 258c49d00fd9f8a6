import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import type { ResolvedTenant } from '@/lib/host'
import type { SignedInOp } from '@/server/context/op'
import { callSystem, systemValue } from '@/server/db/system'
import type { Passkey } from '@/server/features/second-factor/account-state'
import { newChallenge, useChallenge, type ChallengeFor } from '@/server/features/second-factor/challenge'
import type { AddPasskey, Assertion } from '@/server/features/second-factor/passkey.schema'
import { newRecoveryCodes, recoveryHash } from '@/server/features/second-factor/recovery-codes'
import { relyingParty } from '@/server/features/second-factor/relying-party'
import {
  assertFresh,
  assertNotLast,
  logOf,
  sessionOf,
  stateOf,
} from '@/server/features/second-factor/second-factor.service'
import { AppError, conflict, notFound } from '@/server/platform/errors'

const forRegistering = (op: SignedInOp): ChallengeFor => ({
  purpose: 'register',
  tenantId: op.tenant.id,
  userId: op.actor.userId,
})

/** What the browser needs to make a passkey of mine for this host. */
export async function registrationOptions(op: SignedInOp): Promise<{ options: string }> {
  const { id } = relyingParty(op.host)
  const { passkeys } = await stateOf(op)
  const options = await generateRegistrationOptions({
    rpID: id,
    rpName: op.tenant.name,
    userID: new Uint8Array(Buffer.from(op.actor.userId.replaceAll('-', ''), 'hex')),
    userName: op.actor.username,
    userDisplayName: op.actor.displayName,
    challenge: newChallenge(forRegistering(op)),
    attestationType: 'none',
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    excludeCredentials: passkeys
      .filter(({ rpId }) => rpId === id)
      .map(({ credential, transports }) => ({ id: credential, transports })),
  })
  return { options: JSON.stringify(options) }
}

const REFUSED = 'This passkey could not be set up. Load the page again and try once more.'

/** A key that an authenticator made for this host and this challenge, with the person present and verified. */
async function verifiedKey(op: SignedInOp, input: AddPasskey) {
  const { id, origin } = relyingParty(op.host)
  const { clientDataJSON, attestationObject, transports } = input
  const verification = await verifyRegistrationResponse({
    response: {
      id: input.id,
      rawId: input.id,
      type: 'public-key',
      clientExtensionResults: {},
      response: { clientDataJSON, attestationObject, transports },
    },
    expectedChallenge: (challenge) => useChallenge(challenge, forRegistering(op)),
    expectedOrigin: origin,
    expectedRPID: id,
    requireUserVerification: true,
  }).catch(() => null)
  if (!verification?.verified) throw new AppError('invalid_input', REFUSED)
  return { rpId: id, ...verification.registrationInfo.credential }
}

/** Adds a passkey to my account; signs me out everywhere else. @throws AppError 400, 409 with ten of them, 429 */
export async function addPasskey(op: SignedInOp, input: AddPasskey): Promise<{ recoveryCodes: string[] }> {
  await assertFresh(op, input.current)
  const { rpId, id, publicKey, counter } = await verifiedKey(op, input)
  const codes = newRecoveryCodes()
  const hashes = codes.map((code) => recoveryHash(op.actor.userId, code))
  const key = { rpId, name: input.name, counter, transports: input.transports }
  const bytes = [Buffer.from(id, 'base64url'), Buffer.from(publicKey)] as const
  const args = [op.actor.userId, key, ...bytes, hashes, sessionOf(op), ...logOf(op)] as const
  const fresh = await systemValue<boolean | null, 'passkey_add'>('passkey_add', [...args])
  if (fresh === null) throw conflict('This passkey is set up already, or you have ten. Remove one first.')
  if (op.call) op.call.audited = true // wall.passkey_add wrote the row
  return { recoveryCodes: fresh ? codes : [] }
}

/** Removes a passkey of mine; signs me out everywhere else. @throws AppError 400, 404, 409 for the last factor, 429 */
export async function removePasskey(
  op: SignedInOp,
  input: { id: string; current: string },
): Promise<{ done: boolean }> {
  await assertFresh(op, input.current)
  await assertNotLast(op)
  const args = [op.actor.userId, input.id, sessionOf(op), ...logOf(op)] as const
  if (!(await systemValue<boolean, 'passkey_remove'>('passkey_remove', [...args]))) throw notFound()
  if (op.call) op.call.audited = true // wall.passkey_remove wrote the row
  return { done: true }
}

/** What the browser needs to sign in. @param passkeys of whom it has to be; empty: whoever has one for this host */
export async function signInOptions(
  host: ResolvedTenant,
  what: ChallengeFor,
  passkeys: readonly Passkey[] = [],
): Promise<object> {
  const { id } = relyingParty(host)
  return generateAuthenticationOptions({
    rpID: id,
    challenge: newChallenge(what),
    userVerification: 'required',
    allowCredentials: passkeys
      .filter(({ rpId }) => rpId === id)
      .map(({ credential, transports }) => ({ id: credential, transports })),
  })
}

interface Found {
  id: string
  rp_id: string
  public_key: Buffer
  counter: string
  transports: string[]
  ok: boolean
  tenant_id: string
  user_id: string
  home: string
  username: string
  changed: string
}

/**
 * Whose passkey signed this, on this host, for this challenge, with the person verified; null: nobody's who may sign in here. A counter that does
 * not go up is a copy's.
 */
export async function provedByPasskey(
  host: ResolvedTenant,
  slug: string,
  input: Assertion,
  what: ChallengeFor,
): Promise<Found | null> {
  const { id: rpId, origin } = relyingParty(host)
  const { id, clientDataJSON, authenticatorData, signature } = input
  const [found] = await callSystem<Found, 'passkey_find'>('passkey_find', [
    Buffer.from(id, 'base64url'),
    slug,
  ])
  if (!found?.ok || found.rp_id !== rpId || (what.userId !== null && found.user_id !== what.userId))
    return null
  const verification = await verifyAuthenticationResponse({
    response: {
      id,
      rawId: id,
      type: 'public-key',
      clientExtensionResults: {},
      response: { clientDataJSON, authenticatorData, signature },
    },
    expectedChallenge: (challenge) => useChallenge(challenge, what),
    expectedOrigin: origin,
    expectedRPID: rpId,
    credential: { id, publicKey: new Uint8Array(found.public_key), counter: Number(found.counter) },
    requireUserVerification: true,
  }).catch(() => null)
  if (!verification?.verified) return null
  const { newCounter } = verification.authenticationInfo
  const counted = await systemValue<boolean, 'passkey_used'>('passkey_used', [found.id, newCounter])
  return counted ? found : null
}
