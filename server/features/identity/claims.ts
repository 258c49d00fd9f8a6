import { normaliseUsername } from '@/lib/login-name'

export interface ClaimNames {
  usernameClaim: string
  emailClaim: string
  nameClaim: string
  groupsClaim: string
}

/** Who somebody is, as their source says. Null: not told, or not fit for it. */
export interface Person {
  username: string | null
  email: string | null
  firstName: string | null
  lastName: string | null
}

type Claims = Record<string, unknown>

const GROUPS_MAX = 500
/** An address as the database takes it. */
export const EMAIL = /^[^\s,;<>"\\@]{1,64}@[^\s,;<>"\\@]{1,189}$/

function textOf(claims: Claims, name: string, max: number): string | null {
  const value = claims[name]
  if (typeof value !== 'string') return null
  // No control characters, which could forge a line somewhere.
  const text = value.replace(/\p{C}/gu, ' ').trim()
  return text === '' ? null : text.slice(0, max)
}

/** First and last name: as told apart by the standard's own claims, else the name split at its first space. */
function namesOf(claims: Claims, name: string): Pick<Person, 'firstName' | 'lastName'> {
  const given = textOf(claims, 'given_name', 100)
  const family = textOf(claims, 'family_name', 100)
  if (name === 'name' && given !== null) return { firstName: given, lastName: family ?? '' }
  const whole = textOf(claims, name, 200)
  if (whole === null) return { firstName: null, lastName: null }
  const [first = '', ...rest] = whole.split(/\s+/)
  return { firstName: first.slice(0, 100), lastName: rest.join(' ').slice(0, 100) }
}

export function personOf(claims: Claims, names: ClaimNames): Person {
  const email = textOf(claims, names.emailClaim, 254)
  const username = textOf(claims, names.usernameClaim, 200)
  return {
    username: username === null ? null : normaliseUsername(username),
    email: email !== null && EMAIL.test(email) ? email : null,
    ...namesOf(claims, names.nameClaim),
  }
}

/** The groups of somebody: a list of texts, or one text. */
export function groupsOf(claims: Claims, name: string): string[] {
  const value = claims[name]
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list
    .filter((one): one is string => typeof one === 'string' && one.length <= 200)
    .slice(0, GROUPS_MAX)
}
