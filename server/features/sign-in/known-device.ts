import { database } from '@/server/db/runtime'
import type { SignInTarget } from '@/server/features/sign-in/sign-in.policy'
import { deriveKey, hmac, timingSafeEqualText } from '@/server/platform/crypto'

export const KNOWN_SECONDS = 90 * 24 * 60 * 60
const MAX_PEOPLE = 4

const macOf = (target: SignInTarget, expires: string): string =>
  hmac(
    deriveKey(database().key.toString('hex'), 'known device'),
    JSON.stringify([target.host, target.home, target.username, expires]),
  ).slice(0, 40)

const entriesOf = (cookie: string | null): string[] =>
  (cookie ?? '').split('.').filter(Boolean).slice(0, MAX_PEOPLE)

function isFor(entry: string, target: SignInTarget): boolean {
  const [expires = '', mac = ''] = entry.split('~')
  return timingSafeEqualText(mac, macOf(target, expires)) && Number.parseInt(expires, 36) * 1000 > Date.now()
}

/**
 * Whether this browser signed in before as that very person on that very tenant: it then has attempts of its own, so that
 * wrong passwords from elsewhere do not lock the person out (attack C02). Proves nothing else.
 * @returns what counts its attempts; null: not known
 */
export function knownDevice(cookie: string | null, target: SignInTarget): string | null {
  return entriesOf(cookie).find((entry) => isFor(entry, target)) ?? null
}

/** The cookie's new value after a success: this person first, the others that use this browser behind. */
export function rememberDevice(cookie: string | null, target: SignInTarget): string {
  const expires = Math.floor(Date.now() / 1000 + KNOWN_SECONDS).toString(36)
  const others = entriesOf(cookie).filter((entry) => !isFor(entry, target))
  return [`${expires}~${macOf(target, expires)}`, ...others].slice(0, MAX_PEOPLE).join('.')
}
