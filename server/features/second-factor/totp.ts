import { Secret, TOTP } from 'otpauth'

/** As apps expect it (RFC 6238): SHA-1, six digits, half a minute. */
const PERIOD = 30
const totpOf = (secret: string, issuer = '', label = '') =>
  new TOTP({ secret: Secret.fromBase32(secret), issuer, label, algorithm: 'SHA1', digits: 6, period: PERIOD })

/** 160 random bits in base32, as people type it into an app. */
export const newTotpSecret = (): string => new Secret({ size: 20 }).base32

/** What the QR code holds: `otpauth://totp/…`. */
export const totpUri = (secret: string, issuer: string, label: string): string =>
  totpOf(secret, issuer, label).toString()

/** The half minute (counted since 1970) whose code this is, one to either side of now; null: it is none. */
export function stepOfCode(secret: string, code: string, now = Date.now()): number | null {
  const delta = totpOf(secret).validate({ token: code, timestamp: now, window: 1 })
  return delta === null ? null : Math.floor(now / 1000 / PERIOD) + delta
}

/** The code of a moment: for tests and for the demo. */
export const codeAt = (secret: string, now = Date.now()): string =>
  totpOf(secret).generate({ timestamp: now })
