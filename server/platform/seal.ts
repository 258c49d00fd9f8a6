import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { deriveKey } from '@/server/platform/crypto'

const VERSION = 1
const NONCE = 12
const TAG = 16

const keyOf = (root: Buffer, purpose: string) => deriveKey(root.toString('hex'), `seal:${purpose}`)

/** What a sealed text is for, and whose it is: it opens only where it was put (tenant and row), so that a copy elsewhere is worthless. */
export interface SealPlace {
  purpose: string
  tenantId: string
  rowId: string
}
const aadOf = ({ purpose, tenantId, rowId }: SealPlace) => Buffer.from([purpose, tenantId, rowId].join('|'))

/**
 * Encrypts a text with AES-256-GCM: version, nonce (12), tag (16), ciphertext. The place is authenticated, not stored.
 * @param root the install's derived key (`database().key`)
 */
export function seal(root: Buffer, place: SealPlace, text: string): Buffer {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', keyOf(root, place.purpose), nonce)
  cipher.setAAD(aadOf(place))
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([Buffer.from([VERSION]), nonce, cipher.getAuthTag(), body])
}

/** The text that was sealed for this place. @throws Error when it was sealed for another, with another secret, or altered */
export function unseal(root: Buffer, place: SealPlace, sealed: Uint8Array): string {
  const data = Buffer.from(sealed)
  if (data[0] !== VERSION || data.length < 1 + NONCE + TAG) throw new Error('not a sealed text')
  const nonce = data.subarray(1, 1 + NONCE)
  const decipher = createDecipheriv('aes-256-gcm', keyOf(root, place.purpose), nonce, { authTagLength: TAG })
  decipher.setAAD(aadOf(place))
  decipher.setAuthTag(data.subarray(1 + NONCE, 1 + NONCE + TAG))
  return Buffer.concat([decipher.update(data.subarray(1 + NONCE + TAG)), decipher.final()]).toString('utf8')
}
