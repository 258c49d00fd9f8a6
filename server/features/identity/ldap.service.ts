import { setTimeout as sleep } from 'node:timers/promises'
import { normaliseUsername } from '@/lib/login-name'
import { policyAt } from '@/server/features/security-policy/policy-at'
import { limitsOf } from '@/server/features/sign-in/sign-in.service'
import { AppError } from '@/server/platform/errors'
import { log } from '@/server/platform/log'
import { bucketOf, countAttempt, forgetAttempts, QUARTER_HOUR, tooMany } from '@/server/platform/rate-limit'
import { settingsOf } from './ldap.kind'
import { ldapStored } from './ldap.schema'
import { askDirectory } from './ldap-person'
import { directoryCode } from './ldap-words'
import { auditRefused } from './refused'
import { type From, type LiveSource, type Outcome, signInProved } from './sso.service'

/** One try to sign in by a directory. */
export interface DirectoryTry extends From {
  login: string
  password: string
  knownCookie: string | null
  /** Slug of the host, also of the master's. */
  host: string
}

/** A refusal takes at least so long, in ms: how long the directory takes to say no would tell whom it knows (attack C03). */
const FLOOR = 300

const unavailable = () =>
  new AppError(
    'unavailable',
    'The directory of your organization cannot be asked just now. Try again later, or ask an administrator.',
  )

/** A name as it is counted and asked for: a directory takes no notice of blanks around it, nor of how many are inside. */
const folded = (login: string) => login.normalize('NFKC').trim().replace(/\s+/g, ' ')

interface Tries {
  /** Of this name in this directory. */
  account: string
  /** Of whom the directory finds by it, who may have other names. */
  subjectBucket: (subject: string) => string
  mayTry: (subject: string) => Promise<boolean>
}

/** The limits of signing in with a password, with the tries on this name in this directory. @throws AppError 429 */
async function assertTries(
  source: LiveSource,
  { login, host, knownCookie, ip, requestId }: DirectoryTry,
): Promise<Tries> {
  const { lockoutAttempts: attempts } = await policyAt(host, host)
  const username = normaliseUsername(login)
  const target = username === null ? null : { host, home: host, username }
  const account = bucketOf('sign-in.directory', source.id, login.toLowerCase())
  const limits = limitsOf({ slug: host, target, knownCookie, ip }, attempts, account)
  const wait = await countAttempt(limits)
  if (wait > 0) {
    audit(source, 'too many attempts', username, { ip, requestId })
    throw tooMany(wait)
  }
  const subjectBucket = (subject: string) => bucketOf('sign-in.subject', source.id, subject)
  // A device that is known has a limit of its own, which strangers do not use up.
  const counts = limits.some(({ bucket }) => bucket === account)
  const mayTry = async (subject: string) =>
    !counts ||
    (await countAttempt([{ bucket: subjectBucket(subject), seconds: QUARTER_HOUR, attempts }])) === 0
  return { account, subjectBucket, mayTry }
}

/**
 * Asks the directory of a source whose name and password that is. Unknown, wrong, several of one name, disabled or locked there, or
 * disabled here: one and the same, null; the log tells them apart. What was typed goes to that directory and nowhere else.
 * @throws AppError 429; 503 where the directory cannot be asked, whoever it is
 */
export async function signInByDirectory(source: LiveSource, typed: DirectoryTry): Promise<Outcome | null> {
  const began = performance.now()
  const tried = { ...typed, login: folded(typed.login) }
  const { account, subjectBucket, mayTry } = await assertTries(source, tried)
  const refuse = async (reason: string) => {
    audit(source, reason, normaliseUsername(tried.login), tried)
    await sleep(Math.max(0, FLOOR - (performance.now() - began)))
    return null
  }
  const settings = settingsOf(ldapStored.parse(source.settings), source)
  const proof = await askDirectory(settings, source.secret ?? '', tried.login, tried.password, mayTry).catch(
    async (error: unknown) => {
      await refuse(directoryCode(error))
      throw unavailable()
    },
  )
  if (!proof.ok) return refuse(proof.why)
  const { subject, claims, groups } = proof
  // askDirectory has read the attributes that the source names, and calls them so.
  const names = { usernameClaim: 'username', emailClaim: 'email', nameClaim: 'name', groupsClaim: 'groups' }
  const outcome = await signInProved(
    { ...source, ...names },
    { subject, claims: { ...claims, groups } },
    tried,
  )
  await forgetAttempts(account)
  await forgetAttempts(subjectBucket(subject))
  if (outcome.code === 'ok') return outcome
  if (outcome.refusal === 'sso') return refuse(outcome.code)
  audit(source, outcome.code, normaliseUsername(tried.login), tried)
  return outcome
}

/** Writes a refusal to the tenant's log. Nobody waits for it. What was typed stands there only when it has the form of a name. */
function audit(
  source: LiveSource,
  reason: string,
  login: string | null,
  from: Pick<From, 'ip' | 'requestId'>,
): void {
  auditRefused(source, reason, from, login).catch((error: unknown) =>
    log().error({ err: error, requestId: from.requestId }, 'a refused sign-in could not be audited'),
  )
}
