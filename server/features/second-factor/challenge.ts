import { randomBytes } from 'node:crypto'
import { tokenHash } from '@/server/context/build'
import { database } from '@/server/db/runtime'
import { systemValue } from '@/server/db/system'
import { deriveKey, hmac, timingSafeEqualText } from '@/server/platform/crypto'

const MINUTES = 5
const NONCE = 16
const TIME = 8

/** What a challenge is for: another purpose, tenant or person is another challenge. */
export interface ChallengeFor {
  purpose: 'register' | 'sign-in' | 'step'
  tenantId: string
  /** Null: whoever signs. */
  userId: string | null
}

function macOf(head: Buffer, { purpose, tenantId, userId }: ChallengeFor): string {
  const key = deriveKey(database().key.toString('hex'), 'passkey challenge')
  return hmac(key, JSON.stringify([head.toString('hex'), purpose, tenantId, userId]))
}

/** A challenge of five minutes. Random, its end, and a signature over both and what it is for: there is no row until it is used. */
export function newChallenge(what: ChallengeFor, now = Date.now()): Uint8Array<ArrayBuffer> {
  const end = Buffer.alloc(TIME)
  end.writeBigUInt64BE(BigInt(now + MINUTES * 60_000))
  const head = Buffer.concat([randomBytes(NONCE), end])
  return new Uint8Array(Buffer.concat([head, Buffer.from(macOf(head, what), 'hex')]))
}

/** Whether we made this challenge for that, within five minutes, and nobody used it yet; it is used up. */
export async function useChallenge(text: string, what: ChallengeFor): Promise<boolean> {
  const bytes = Buffer.from(text, 'base64url')
  const head = bytes.subarray(0, NONCE + TIME)
  if (bytes.length !== NONCE + TIME + 32) return false
  if (!timingSafeEqualText(bytes.subarray(NONCE + TIME).toString('hex'), macOf(head, what))) return false
  if (head.readBigUInt64BE(NONCE) <= BigInt(Date.now())) return false
  return systemValue<boolean, 'challenge_use'>('challenge_use', [tokenHash(text), what.tenantId])
}
