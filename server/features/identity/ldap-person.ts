import { randomUUID } from 'node:crypto'
import {
  AndFilter,
  EqualityFilter,
  type Entry,
  ExtensibleFilter,
  FilterParser,
  OrFilter,
  ResultCodeError,
} from 'ldapts'
import { type Directory, openDirectory, type Place } from './ldap-connect'
import { commonNameOf, normalDn } from './ldap-dn'

/** How many groups of one person are looked at. */
const GROUPS_MAX = 500
/** Seconds that the directory may search. */
const SEARCH_SECONDS = 5

/** What a directory is asked. */
export interface Questions {
  /** Who searches. */
  bindDn: string
  /** Below it people are. */
  baseDn: string
  /** Who among them may sign in, as a filter; empty: all. */
  personFilter: string
  /** What a person may type as their name. */
  loginAttributes: string[]
  /** Which attribute the directory gives an entry for good. */
  subjectAttribute: 'entryUUID' | 'objectGUID'
  usernameAttribute: string
  emailAttribute: string
  nameAttribute: string
  /** Where groups are told: in the person's entry, or in the groups', below `groupBase`; nested: through groups in groups, too (Active Directory). */
  groupsFrom: 'person' | 'search' | 'nested'
  groupBase: string
  /** Of the person, such as memberOf, or of the groups, such as member. */
  groupsAttribute: string
  /** What a group is called: its whole name, or its cn alone. */
  groupName: 'dn' | 'cn'
}

export type DirectorySettings = Place & Questions

/** Somebody whom the directory knows. */
export interface Found {
  dn: string
  subject: string
  claims: Record<string, string>
  /** Names of groups that the entry tells of itself. */
  memberOf: string[]
}

/** Why somebody is not let in: for the log, never for them. */
export type Unproved = 'unknown' | 'several' | 'no subject' | 'too many attempts' | AccountState
export type AccountState = 'wrong' | 'disabled' | 'locked' | 'expired' | 'must change' | 'not now'

const valuesOf = (entry: Entry, name: string): (string | Buffer)[] => {
  const key = Object.keys(entry).find((one) => one.toLowerCase() === name.toLowerCase())
  const value = key === undefined ? [] : (entry[key] ?? [])
  return Array.isArray(value) ? value : [value]
}
const textsOf = (entry: Entry, name: string): string[] =>
  valuesOf(entry, name).filter((one) => typeof one === 'string')

/** An id of 16 bytes as Active Directory writes it: its first three parts begin with their last byte. */
function guidOf(value: string | Buffer | undefined): string | null {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  if (bytes?.length !== 16) return null
  const part = (from: number, to: number, turned = false) => {
    const piece = Buffer.from(bytes.subarray(from, to))
    return (turned ? piece.reverse() : piece).toString('hex')
  }
  return [part(0, 4, true), part(4, 6, true), part(6, 8, true), part(8, 10), part(10, 16)].join('-')
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Who an entry is for good, whatever it is called and wherever it moves to; null: it does not say. */
export function subjectOf(entry: Entry, attribute: Questions['subjectAttribute']): string | null {
  const values = valuesOf(entry, attribute)
  if (values.length !== 1) return null
  if (attribute === 'objectGUID') return guidOf(values[0])
  const text = String(values[0]).toLowerCase()
  return UUID.test(text) ? text : null
}

/** Whoever has that name, if the filter lets them in. What was typed is a value, never a part of the filter (attack: LDAP injection). */
function filterFor({ personFilter, loginAttributes }: Questions, login: string): AndFilter {
  const names = loginAttributes.map((attribute) => new EqualityFilter({ attribute, value: login }))
  const own = personFilter === '' ? [] : [FilterParser.parseString(personFilter)]
  return new AndFilter({ filters: [...own, new OrFilter({ filters: names })] })
}

/** Signs in as the one who searches. @throws ResultCodeError, Error of the network */
export const bindService = ({ client }: Directory, { bindDn }: Questions, secret: string): Promise<void> =>
  // Without a password a directory takes it for a bind as nobody, and says yes.
  secret === '' ? Promise.reject(new Error('no bind password')) : client.bind(bindDn, secret)

/** @param login null: anybody at all, for a test @returns those who match, two at most */
export async function findPeople(
  { client }: Directory,
  q: Questions,
  login: string | null,
): Promise<Entry[]> {
  const any = q.personFilter === '' ? undefined : FilterParser.parseString(q.personFilter)
  const { searchEntries } = await client.search(q.baseDn, {
    filter: login === null ? any : filterFor(q, login),
    scope: 'sub',
    sizeLimit: login === null ? 1 : 2,
    timeLimit: SEARCH_SECONDS,
    attributes: [
      ...new Set([
        q.subjectAttribute,
        q.usernameAttribute,
        q.emailAttribute,
        q.nameAttribute,
        'givenName',
        'sn',
        ...(q.groupsFrom === 'person' ? [q.groupsAttribute] : []),
      ]),
    ],
    explicitBufferAttributes: ['objectGUID'],
  })
  return searchEntries
}

/** Attributes that hold a whole name: first and last name beside them say better where it is to be split. */
const WHOLE_NAMES = new Set(['cn', 'displayname', 'name'])

/** What is told of an entry. */
export function personIn(entry: Entry, q: Questions): Omit<Found, 'subject'> {
  const [first, last] = [textsOf(entry, 'givenName')[0], textsOf(entry, 'sn')[0]]
  const told = {
    username: textsOf(entry, q.usernameAttribute)[0],
    email: textsOf(entry, q.emailAttribute)[0],
    name: textsOf(entry, q.nameAttribute)[0],
    ...(WHOLE_NAMES.has(q.nameAttribute.toLowerCase()) &&
      first !== undefined && { given_name: first, family_name: last }),
  }
  const claims = Object.fromEntries(
    Object.entries(told).filter((one): one is [string, string] => one[1] !== undefined),
  )
  return {
    dn: entry.dn,
    claims,
    memberOf: q.groupsFrom === 'person' ? textsOf(entry, q.groupsAttribute) : [],
  }
}

/** Names of the groups of somebody, asked for as the one who searches. */
async function groupDns(
  { client }: Directory,
  q: Questions,
  who: Pick<Found, 'dn' | 'memberOf'>,
): Promise<string[]> {
  if (q.groupsFrom === 'person') return who.memberOf.slice(0, GROUPS_MAX)
  const filter =
    q.groupsFrom === 'nested'
      ? new ExtensibleFilter({ matchType: q.groupsAttribute, rule: '1.2.840.113556.1.4.1941', value: who.dn })
      : new EqualityFilter({ attribute: q.groupsAttribute, value: who.dn })
  const { searchEntries } = await client.search(q.groupBase, {
    filter,
    scope: 'sub',
    sizeLimit: GROUPS_MAX,
    timeLimit: SEARCH_SECONDS,
    attributes: ['cn'],
  })
  return searchEntries.map(({ dn }) => dn)
}

/** What a group is called here, in the one form in which names are compared. Null: it has no such name. */
export function groupNameOf(dn: string, by: Questions['groupName']): string | null {
  return by === 'dn' ? normalDn(dn) : (commonNameOf(dn)?.toLowerCase() ?? null)
}

/** What Active Directory says beyond "invalid credentials" (AcceptSecurityContext error, data …). */
const STATES: Record<string, AccountState> = {
  '525': 'wrong',
  '52e': 'wrong',
  '530': 'not now',
  '531': 'not now',
  '532': 'expired',
  '533': 'disabled',
  '701': 'expired',
  '773': 'must change',
  '775': 'locked',
}

/** Why a bind was refused. @throws what is no refusal */
export function stateOf(error: unknown): AccountState {
  if (!(error instanceof ResultCodeError)) throw error
  const data = /\bdata ([0-9a-f]{3,4})\b/i.exec(error.message)?.[1]?.toLowerCase()
  return (data === undefined ? undefined : STATES[data]) ?? 'wrong'
}

/** The bind that says whether it is them. */
async function proves({ client }: Directory, dn: string, password: string): Promise<AccountState | null> {
  return client.bind(dn, password).then(() => null, stateOf)
}

export type Proof =
  | { ok: true; subject: string; claims: Record<string, string>; groups: string[] }
  | { ok: false; why: Unproved }

/**
 * Asks a directory whether that name and password are somebody's: finds the one entry, signs in as it, reads its groups. A name that is
 * not there takes the same steps. An empty password is refused before anything is sent: a directory says yes to it (RFC 4513, 5.1.2).
 * @param mayTry whether one more password of the one who was found may be tried, by whatever name
 * @throws AddressRefused, NotSecret, ResultCodeError, Error of the network: the directory cannot be asked
 */
export async function askDirectory(
  s: DirectorySettings,
  secret: string,
  login: string,
  password: string,
  mayTry: (subject: string) => Promise<boolean> = () => Promise.resolve(true),
): Promise<Proof> {
  if (password === '') return { ok: false, why: 'wrong' }
  const directory = await openDirectory(s)
  try {
    await bindService(directory, s, secret)
    const [entry, second] = await findPeople(directory, s, login)
    const subject = entry && subjectOf(entry, s.subjectAttribute)
    const dn = entry && !second && subject && normalDn(entry.dn) !== null ? entry.dn : null
    const tried = dn !== null && subject ? await mayTry(subject) : true
    const refused = await proves(directory, (tried ? dn : null) ?? `cn=${randomUUID()},${s.baseDn}`, password)
    if (!entry) return { ok: false, why: 'unknown' }
    if (second) return { ok: false, why: 'several' }
    if (dn === null || !subject) return { ok: false, why: 'no subject' }
    if (!tried) return { ok: false, why: 'too many attempts' }
    if (refused !== null) return { ok: false, why: refused }
    const who = personIn(entry, s)
    if (s.groupsFrom !== 'person') await bindService(directory, s, secret)
    const names = (await groupDns(directory, s, who)).map((one) => groupNameOf(one, s.groupName))
    return { ok: true, subject, claims: who.claims, groups: names.filter((one) => one !== null) }
  } finally {
    directory.close()
  }
}
