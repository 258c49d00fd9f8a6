import type net from 'node:net'
import { TLSSocket } from 'node:tls'
import { AndFilter, type Entry, type Filter, FilterParser, PresenceFilter } from 'ldapts'
import { allowedHere } from './guarded-fetch'
import type { TestAnswer } from './identity.schema'
import {
  assertPlain,
  type Directory,
  directoryOver,
  type Place,
  reach,
  secured,
  startTls,
} from './ldap-connect'
import {
  bindService,
  type DirectorySettings,
  findPeople,
  personIn,
  type Questions,
  subjectOf,
} from './ldap-person'
import { bindWords, networkWords, searchWords } from './ldap-words'

/** Something is wrong: the last step says what. */
class Wrong extends Error {
  override name = 'Wrong'
}
type Say = (text: string) => void

/** @throws Wrong with what `words` makes of an error */
async function step<T>(work: () => Promise<T>, words: (error: unknown) => string): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new Wrong(words(error))
  }
}

const DAY = 24 * 60 * 60 * 1000
const SOON = 30 * DAY
const dateOf = (at: Date) =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(at)

function certificateWords(socket: TLSSocket): string {
  const until = new Date(socket.getPeerCertificate().valid_to)
  const soon = until.getTime() - Date.now() < SOON
  return `Its certificate is good, until ${dateOf(until)}.${soon ? ' That is soon: renew it before.' : ''}`
}

/** The way there, step by step. */
async function connected(place: Place, say: Say): Promise<Directory> {
  let socket: net.Socket = await step(async () => reach(place, allowedHere()), networkWords)
  say(`A server answers at port ${place.port} of ${place.host}.`)
  const { security } = place
  const plain = socket
  if (security === 'plain') {
    await step(async () => assertPlain(plain), networkWords)
    say('Without encryption: it is on this machine.')
    return directoryOver(plain)
  }
  if (security === 'starttls') {
    await step(() => startTls(plain), networkWords)
    say('It agreed to StartTLS.')
  }
  socket = await step(() => secured(plain, place), networkWords)
  if (socket instanceof TLSSocket) say(certificateWords(socket))
  return directoryOver(socket)
}

const both = (q: Questions, more: Filter): Filter =>
  q.personFilter === '' ? more : new AndFilter({ filters: [FilterParser.parseString(q.personFilter), more] })

/** Whether anything is below a base that fits. */
async function any(
  { client }: Directory,
  base: string,
  filter: Filter,
  what: string,
  scope: 'base' | 'sub' = 'sub',
) {
  const options = { filter, scope, sizeLimit: 1, timeLimit: 5, attributes: ['1.1'] }
  const { searchEntries } = await step(
    () => client.search(base, options),
    (error) => searchWords(error, what),
  )
  return searchEntries.length > 0
}

/** Whether an entry says what a sign-in needs. */
function sampleWords(entry: Entry, q: Questions): string {
  if (subjectOf(entry, q.subjectAttribute) === null)
    throw new Wrong(
      `An entry was found, but without ${q.subjectAttribute}, which says who somebody is for good. Choose the other kind of directory, or let the account that searches read it.`,
    )
  const { claims } = personIn(entry, q)
  if (claims.username === undefined)
    throw new Wrong(
      `An entry was found, but without ${q.usernameAttribute}. Choose the attribute that holds usernames, or a filter for people alone.`,
    )
  const lacks = [
    ...(claims.email === undefined ? [q.emailAttribute] : []),
    ...(claims.name === undefined && claims.given_name === undefined ? [q.nameAttribute] : []),
  ]
  const more = lacks.length === 0 ? '' : ` The first one has no ${lacks.join(' and no ')}.`
  return `People are found, with id and username.${more}`
}

const presence = (attribute: string) => new PresenceFilter({ attribute })

async function people(directory: Directory, q: Questions, say: Say): Promise<void> {
  if (!(await any(directory, q.baseDn, presence('objectClass'), 'base', 'base')))
    throw new Wrong('The base is empty to the account that searches. Let it read there.')
  say('The base is there.')
  const [entry] = await step(
    () => findPeople(directory, q, null),
    (error) => searchWords(error, 'base'),
  )
  if (!entry)
    throw new Wrong(
      'Nobody is found below the base who fits the filter. Check the filter, and what the account that searches may read.',
    )
  say(sampleWords(entry, q))
}

async function groups(directory: Directory, q: Questions): Promise<string> {
  if (q.groupsFrom === 'person')
    return (await any(directory, q.baseDn, both(q, presence(q.groupsAttribute)), 'base'))
      ? `People tell their groups (${q.groupsAttribute}).`
      : `Nobody tells of a group (${q.groupsAttribute}). If people are in groups, search for those instead.`
  return (await any(directory, q.groupBase, presence(q.groupsAttribute), 'base of the groups'))
    ? 'Groups with members are found.'
    : `No group with ${q.groupsAttribute} is found below the base of the groups. Check both.`
}

/** Does what a sign-in does, step by step, until something is wrong. */
export async function diagnoseDirectory(s: DirectorySettings, secret: string): Promise<TestAnswer> {
  const steps: TestAnswer['steps'] = []
  const say: Say = (text) => void steps.push({ ok: true, text })
  let directory: Directory | null = null
  try {
    directory = await connected(s, say)
    const ready = directory
    await step(() => bindService(ready, s, secret), bindWords)
    say('The account that searches signed in.')
    await people(ready, s, say)
    say(await groups(ready, s))
    return { ok: true, steps }
  } catch (error) {
    if (!(error instanceof Wrong)) throw error
    steps.push({ ok: false, text: error.message })
    return { ok: false, steps }
  } finally {
    directory?.close()
  }
}
