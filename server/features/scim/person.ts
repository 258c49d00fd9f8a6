import { attributeName, NOT_KEPT, READ_ONLY } from './attributes'
import { field, isObject, type Json, type Operation } from './body'
import { matches, parseFilter } from './filter'
import { badPath, badValue, ScimError } from './scim-error'
import { activeOf, emailOf, externalIdOf, lineOf, userNameOf } from './texts'

/** What is kept of somebody. */
export interface Person {
  userName: string
  email: string
  givenName: string
  familyName: string
  externalId: string | null
  active: boolean
}

/** One address is kept: the primary one, else that of work, else the first. @throws ScimError 400 */
function pickEmail(value: unknown): string {
  const list: unknown[] = Array.isArray(value) ? value : [value]
  const entries = list.map((one) => (isObject(one) ? one : { value: one }))
  const isPrimary = (one: Json) => String(field(one, 'primary')).toLowerCase() === 'true'
  const isWork = (one: Json) => String(field(one, 'type')).toLowerCase() === 'work'
  const picked = entries.find(isPrimary) ?? entries.find(isWork) ?? entries[0]
  return picked ? emailOf(field(picked, 'value')) : ''
}

/** A whole name, at its first blank. */
function splitName(value: unknown): Pick<Person, 'givenName' | 'familyName'> {
  const [first = '', ...rest] = lineOf(value, 'A name', 200).split(/\s+/)
  return { givenName: lineOf(first, 'A name', 100), familyName: lineOf(rest.join(' '), 'A name', 100) }
}

function withName(person: Person, value: unknown): Person {
  if (!isObject(value)) throw badValue('name is an object')
  const [given, family, whole] = ['givenName', 'familyName', 'formatted'].map((name) => field(value, name))
  if (given === undefined && family === undefined && whole !== undefined)
    return { ...person, ...splitName(whole) }
  return {
    ...person,
    ...(given !== undefined && { givenName: lineOf(given, 'givenName', 100) }),
    ...(family !== undefined && { familyName: lineOf(family, 'familyName', 100) }),
  }
}

const SET: Record<string, (person: Person, value: unknown) => Person> = {
  username: (person, value) => ({ ...person, userName: userNameOf(value) }),
  externalid: (person, value) => ({ ...person, externalId: externalIdOf(value) }),
  active: (person, value) => ({ ...person, active: activeOf(value) }),
  name: withName,
  'name.givenname': (person, value) => withName(person, { givenName: value ?? '' }),
  'name.familyname': (person, value) => withName(person, { familyName: value ?? '' }),
  'name.formatted': (person, value) => withName(person, { formatted: value ?? '' }),
  emails: (person, value) => ({ ...person, email: pickEmail(value ?? []) }),
  'emails.value': (person, value) => ({ ...person, email: emailOf(value) }),
}
const REMOVE: Record<string, Partial<Person>> = {
  externalid: { externalId: null },
  name: { givenName: '', familyName: '' },
  'name.givenname': { givenName: '' },
  'name.familyname': { familyName: '' },
  emails: { email: '' },
  'emails.value': { email: '' },
}

/** What comes after a filter in brackets. */
const FILTERED = /^([a-z]+)\[(.*)\](?:\.([a-z]+))?$/is

/** Changes what one path names. @throws ScimError 400 invalidPath, mutability, invalidValue, invalidFilter */
function change(person: Person, { op, path, value }: Operation & { path: string }): Person {
  const name = attributeName('user', path.trim())
  if (name === null) return person
  const [, list, inside = '', part] = FILTERED.exec(name) ?? []
  if (list !== undefined) return changeOne(person, op, { list, inside: insideOf(path, inside), part }, value)
  if (READ_ONLY.has(name.split('.', 1)[0] ?? ''))
    throw new ScimError(400, 'mutability', `${path} is not yours to change`)
  if (NOT_KEPT.has(name) || NOT_KEPT.has(name.split('.', 1)[0] ?? '')) return person
  // a word like `__proto__` names none
  const own = <T>(table: Record<string, T>) => (Object.hasOwn(table, name) ? table[name] : undefined)
  if (op === 'remove') {
    const gone = own(REMOVE)
    if (gone) return { ...person, ...gone }
    if (own(SET)) throw new ScimError(400, 'mutability', `${path} cannot be removed`)
  }
  const set = own(SET)
  if (!set) throw badPath(`There is no ${path}`)
  return set(person, value)
}

/** The filter as it was written: texts in it have a case. */
const insideOf = (path: string, lower: string): string => {
  const from = path.toLowerCase().indexOf(lower)
  return path.slice(from, from + lower.length)
}

/** One element of a list: of the addresses, the one that is kept is that of work, and primary. */
function changeOne(
  person: Person,
  op: Operation['op'],
  { list, inside, part }: { list: string; inside: string; part: string | undefined },
  value: unknown,
): Person {
  if (NOT_KEPT.has(list)) return person
  if (list !== 'emails') throw badPath(`There is no list ${list}`)
  const filter = parseFilter('user', `emails[${inside}]`)
  const kept = { value: person.email, type: 'work', primary: true }
  if (!matches(filter, { emails: [kept] })) return person
  if (part !== undefined && part !== 'value') return person
  if (op === 'remove') return { ...person, email: '' }
  return { ...person, email: part === 'value' ? emailOf(value) : pickEmail(value) }
}

/** Somebody after a PATCH (RFC 7644, 3.5.2). @throws ScimError 400 */
export function patchPerson(person: Person, operations: readonly Operation[]): Person {
  return operations.reduce((now, operation) => {
    const { op, path, value } = operation
    if (path !== null) return change(now, { ...operation, path })
    if (!isObject(value)) throw badValue('Without a path the value is an object')
    return Object.entries(value)
      .filter(([name]) => !READ_ONLY.has(name.toLowerCase()))
      .reduce((next, [name, one]) => change(next, { op, path: name, value: one }), now)
  }, person)
}

/**
 * Somebody as a body has them. What a PUT leaves out stays as it is (RFC 7644, 3.5.1, lets us): nobody is let in again, or loses how they
 * sign in, by a field that is missing.
 * @param now null: a new one, active unless it says otherwise @throws ScimError 400
 */
export function personFrom(body: Json, now: Person | null): Person {
  const start = now ?? {
    userName: '',
    email: '',
    givenName: '',
    familyName: '',
    externalId: null,
    active: true,
  }
  const told = ['userName', 'externalId', 'active', 'name', 'emails']
    .map((name) => [name, field(body, name)] as const)
    .filter(([, value]) => value !== undefined && value !== null)
    .reduce((next, [path, value]) => change(next, { op: 'replace', path, value }), start)
  if (told.userName === '' || field(body, 'userName') === undefined) throw badValue('userName is needed')
  const nameless = now === null && told.givenName === '' && told.familyName === ''
  return nameless ? { ...told, ...splitName(field(body, 'displayName')) } : told
}
