import { parseLogin } from '@/lib/login-name'
import { readCookie, sessionCookie } from '@/server/context/cookie'
import { MASTER_SLUG } from '@/lib/master'
import type { RequestFacts } from '@/server/context/build'
import { callSystem } from '@/server/db/system'
import { knownDevice } from '@/server/features/sign-in/known-device'
import type { SignInTarget } from '@/server/features/sign-in/sign-in.policy'
import { auditRefusal, type LookupRow } from '@/server/features/sign-in/sign-in.service'
import type { Step } from '@/server/features/sign-in/step-ticket'
import { verifyPassword } from '@/server/platform/password'
import {
  bucketOf,
  countAttempt,
  forgetAttempts,
  type Limit,
  networkOf,
  QUARTER_HOUR,
  tooMany,
} from '@/server/platform/rate-limit'

interface Attempt {
  /** Of the tenant on whose host; accounts of emergency are homed there. */
  slug: string
  login: string
  password: string
}
type Facts = RequestFacts & { requestId: string }

const accountOf = ({ home, username }: SignInTarget) => bucketOf('emergency.account', home, username)

/** Half of what an ordinary sign-in has, and counted apart: trying here closes no other door. A device that signed in before has tries of its own (C02). */
function limitsOf({ slug }: Attempt, target: SignInTarget, { ip, cookie }: Facts): Limit[] {
  const limit = (bucket: string, attempts: number): Limit => ({ bucket, seconds: QUARTER_HOUR, attempts })
  const known = readCookie(cookie, sessionCookie(slug === MASTER_SLUG ? null : slug, 'known'))
  const device = knownDevice(known, target)
  if (device) return [limit(bucketOf('emergency.device', device), 5)]
  const network = networkOf(ip)
  return [
    limit(bucketOf('emergency.ip', network), 20),
    limit(bucketOf('emergency.ip-tenant', network, slug), 10),
    limit(accountOf(target), 5),
  ]
}

/** Whom a typed name means: somebody homed on this host's tenant, and nobody else. */
function targetOf({ slug, login }: Attempt): SignInTarget | null {
  const name = parseLogin(login)
  if (name.kind === 'invalid' || (name.kind === 'prefixed' && name.slug !== slug)) return null
  return { host: slug, home: slug, username: name.username }
}

/**
 * Checks a name and password for emergency access. Whoever is not appointed for it, unknown, disabled, wrong and a tenant that is none are one
 * and the same: null, after the same work.
 * @throws AppError 429 with the same words for all
 */
export async function verifyEmergency(
  attempt: Attempt,
  facts: Facts,
): Promise<Pick<Step, 'tenantId' | 'userId' | 'home' | 'username' | 'changed'> | null> {
  const { slug, password } = attempt
  const target = targetOf(attempt)
  const wait = await countAttempt(
    limitsOf(attempt, target ?? { host: slug, home: slug, username: '' }, facts),
  )
  const [row] = await callSystem<LookupRow, 'break_glass_lookup'>('break_glass_lookup', [
    slug,
    target?.username ?? '',
  ])
  const refused = (reason: string) =>
    auditRefusal(
      row?.tenant_id ?? null,
      { ...attempt, target, knownCookie: null, ip: facts.ip, requestId: facts.requestId },
      reason,
      'session.break_glass',
    )
  if (wait > 0) {
    refused('too many attempts')
    throw tooMany(wait)
  }
  const matches = await verifyPassword(row?.ok ? row.password_hash : null, password)
  if (!matches || !row?.tenant_id || !row.user_id || row.changed === null || !target) {
    refused('refused')
    return null
  }
  await forgetAttempts(accountOf(target))
  return {
    tenantId: row.tenant_id,
    userId: row.user_id,
    home: slug,
    username: target.username,
    changed: row.changed,
  }
}
