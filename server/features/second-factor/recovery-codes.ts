import { randomInt } from 'node:crypto'
import { database } from '@/server/db/runtime'
import { deriveKey, hmac } from '@/server/platform/crypto'

/** Without look-alikes: people write them down. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'
const COUNT = 10
const group = () => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')

/** Ten codes of 49 bits each: `k3x9p-7hq2m`. Tries are limited, and the stored hash needs the installation's key. */
export const newRecoveryCodes = (): string[] => Array.from({ length: COUNT }, () => `${group()}-${group()}`)

/** What is stored of a code of this person's. Blanks, hyphens and capitals are how people copy it. */
export function recoveryHash(userId: string, code: string): Buffer {
  const plain = code.toLowerCase().replace(/[^a-z0-9]/g, '')
  const key = deriveKey(database().key.toString('hex'), 'recovery code')
  return Buffer.from(hmac(key, `${userId} ${plain}`), 'hex')
}
