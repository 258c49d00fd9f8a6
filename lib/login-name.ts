import { MASTER_SLUG } from '@/lib/master'
import { isSlug } from '@/lib/slug'

/** A username as stored: 1 to 64 of a-z, 0-9 and . _ @ + -, starting with a letter or digit. ASCII: no look-alikes. */
export const USERNAME_PATTERN = /^[a-z0-9][a-z0-9._@+-]{0,63}$/

/**
 * The stored form of a username: NFKC, lower case. Returns null when that is not a valid username. Outer blanks are
 * not trimmed (attack B14). Nothing but an ASCII result passes, so Cyrillic look-alikes are refused (B13).
 */
export function normaliseUsername(text: string): string | null {
  // NFKC may grow one character into 18; do not let a megabyte through it.
  if (text.length > 256) return null
  const username = text.normalize('NFKC').toLowerCase()
  return USERNAME_PATTERN.test(username) ? username : null
}

export type LoginName =
  | { kind: 'bare'; username: string }
  | { kind: 'prefixed'; slug: string; username: string }
  | { kind: 'invalid' }

const INVALID: LoginName = { kind: 'invalid' }

/**
 * Reads what was typed into the username field: `name`, or `subdomain\name` with exactly one ASCII backslash
 * (PRODUCT rule 9). The subdomain is case-insensitive like the host name it stands for; `default` names the master
 * (rule 17), every other reserved name is invalid. No trimming: a trailing blank is a wrong name.
 */
export function parseLogin(text: string): LoginName {
  const parts = text.split('\\')
  const username = normaliseUsername(parts.at(-1) ?? '')
  if (username === null || parts.length > 2) return INVALID
  const prefix = parts.length === 2 ? parts[0] : undefined
  if (prefix === undefined) return { kind: 'bare', username }
  // Tested before lower-casing: the Kelvin sign would otherwise become a plain "k".
  if (!/^[A-Za-z0-9-]+$/.test(prefix)) return INVALID
  const slug = prefix.toLowerCase()
  return isSlug(slug) || slug === MASTER_SLUG ? { kind: 'prefixed', slug, username } : INVALID
}
