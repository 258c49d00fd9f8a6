import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * Derives a key for one purpose from the install's secret (HKDF-SHA256, salt `freehold`). Different purposes give
 * unrelated keys, so that one that leaks says nothing about another.
 * @param bytes length of the key
 */
export function deriveKey(secret: string, purpose: string, bytes = 32): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'freehold', purpose, bytes))
}

/** SHA-256 as lower-case hex. */
export function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

/** HMAC-SHA256 as lower-case hex. */
export function hmac(key: string | Buffer, data: string | Buffer): string {
  return createHmac('sha256', key).update(data).digest('hex')
}

/**
 * A random token: the prefix as given, then base64url of `bytes` random bytes.
 * @param prefix says what the token is, so that secret scanners and people recognise it; may be empty
 */
export function randomToken(prefix: string, bytes = 32): string {
  return prefix + randomBytes(bytes).toString('base64url')
}

/** Compares two texts in a time that depends on neither content nor length. */
export function timingSafeEqualText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
