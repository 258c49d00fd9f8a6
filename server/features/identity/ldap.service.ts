import { setTimeout as sleep } from 'node:timers/promises'
import { normaliseUsername } from '@/lib/login-name'
import { systemValue } from '@/server/db/system'
import { policyAt } from '@/server/features/security-policy/policy-at'
import { limitsOf } from '@/server/features/sign-in/sign-in.service'
import { AppError } from '@/server/platform/errors'
import { log } from '@/server/platform/log'
import { bucketOf, countAttempt, forgetAttempts, tooMany } from '@/server/platform/rate-limit'
import { settingsOf } from './ldap.kind'
import { ldapStored } from './ldap.schema'
import { askDirectory } from './ldap-person'
import { codeOf } from './ldap-words'
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
const AUDITS_A_MINUTE = 20

const unavailable = () =>
  new AppError(
    'unavailable',
    'The directory of your organization cannot be asked just now. Try again later, or ask an administrator.',
  )

/** The limits of signing in with a password, with the tries on this name in this directory. @throws AppError 429 */
async function assertTries(
  source: LiveSource,
  { login, host, knownCookie, ip, requestId }: DirectoryTry,
): Promise<string> {
  const { lockoutAttempts } = await policyAt(host, host)
  const username = normaliseUsername(login)
  const target = username === null ? null : { host, home: host, username }
  const account = bucketOf('sign-in.directory', source.id, login.normalize('NFKC').toLowerCase())
  const wait = await countAttempt(limitsOf({ slug: host, target, knownCookie, ip }, lockoutAttempts, account))
  if (wait === 0) return account
  audit(source, 'too many attempts', username, { ip, requestId })
  throw tooMany(wait)
}

/**
 * Asks the directory of a source whose name and password that is. Unknown, wrong, several of one name, disabled or locked there, or
 * disabled here: one and the same, null; the log tells them apart. What was typed goes to that directory and nowhere else.
 * @throws AppError 429; 503 where the directory cannot be asked, whoever it is
 */
export async function signInByDirectory(source: LiveSource, tried: DirectoryTry): Promise<Outcome | null> {
  const began = performance.now()
  const account = await assertTries(source, tried)
  const refuse = async (reason: string) => {
    audit(source, reason, normaliseUsername(tried.login), tried)
    await sleep(Math.max(0, FLOOR - (performance.now() - began)))
    return null
  }
  const settings = settingsOf(ldapStored.parse(source.settings), source)
  const proof = await askDirectory(settings, source.secret ?? '', tried.login, tried.password).catch(
    async (error: unknown) => {
      await refuse(codeOf(error))
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
  const { ip, requestId } = from
  log().warn({ requestId, source: source.id, reason }, 'a sign-in by a directory was refused')
  const event = {
    event: 'session.sign_in',
    targetKind: 'identitySource',
    targetId: source.id,
    targetName: source.name,
    result: 'denied',
    reason,
    ...(login !== null && { after: { login } }),
    ip,
    requestId,
  }
  const write = async () => {
    const bucket = `sign-in.audit:${source.tenantId}`
    if ((await countAttempt([{ bucket, seconds: 60, attempts: AUDITS_A_MINUTE }])) > 0) return
    await systemValue<null, 'audit_system'>('audit_system', [source.tenantId, null, 'nobody', event])
  }
  write().catch((error: unknown) =>
    log().error({ err: error, requestId }, 'a refused sign-in could not be audited'),
  )
}
