import { callSystem, systemValue } from '@/server/db/system'
import { policyAt } from '@/server/features/security-policy/policy-at'
import { knownDevice } from '@/server/features/sign-in/known-device'
import type { SignInTarget } from '@/server/features/sign-in/sign-in.policy'
import { log } from '@/server/platform/log'
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

/** One try to sign in. `slug`: of the host it comes to; `target`: whom the name means, null when it means nobody. */
export interface Attempt {
  slug: string
  target: SignInTarget | null
  password: string
  knownCookie: string | null
  ip: string
  requestId: string
}

/** Someone who gave the right password and may sign in there. */
export interface Verified {
  tenantId: string
  userId: string
  /** As whom, and where. */
  target: SignInTarget
  mustChange: boolean
  /** Which password it was: when it was set, in microseconds since 1970. A new one voids what this one proved. */
  changed: string
}

export interface LookupRow {
  ok: boolean
  tenant_id: string | null
  user_id: string | null
  password_hash: string | null
  must_change: boolean
  changed: string | null
}

const AUDITS_A_MINUTE = 20

/** What counts the tries on one account from devices that are not known. */
export const accountBucket = ({ host, home, username }: SignInTarget) =>
  bucketOf('sign-in.account', host, home, username)

/** 10 tries an account or as few as its tenants allow, 50 an address and tenant, 200 an address, in 15 minutes; a known device has 10 of its own (C01, C02). @param account what counts the tries on it */
export function limitsOf(
  { slug, target, knownCookie, ip }: Pick<Attempt, 'slug' | 'target' | 'knownCookie' | 'ip'>,
  most: number,
  account = target && accountBucket(target),
): Limit[] {
  const device = target && knownDevice(knownCookie, target)
  const limit = (bucket: string, attempts: number): Limit => ({ bucket, seconds: QUARTER_HOUR, attempts })
  if (device) return [limit(bucketOf('sign-in.device', device), most)]
  const network = networkOf(ip)
  return [
    limit(bucketOf('sign-in.ip', network), 200),
    limit(bucketOf('sign-in.ip-tenant', network, slug), 50),
    ...(account === null ? [] : [limit(account, most)]),
  ]
}

/**
 * Checks a name and password under all limits. Unknown, disabled, not a member, an expired first password, an unknown tenant
 * and a wrong password are one and the same: null, after the same work (PRODUCT rule 9, attacks C03, B15).
 * @throws AppError 429 with the same words for all, 503
 */
export async function verifySignIn(attempt: Attempt): Promise<Verified | null> {
  const { target, password } = attempt
  const { lockoutAttempts } = await policyAt(target?.host ?? attempt.slug, target?.home ?? '')
  const wait = await countAttempt(limitsOf(attempt, lockoutAttempts))
  const [row] = await callSystem<LookupRow, 'sign_in_lookup'>('sign_in_lookup', [
    target?.host ?? attempt.slug,
    target?.home ?? '',
    target?.username ?? '',
  ])
  if (wait > 0) {
    auditRefusal(row?.tenant_id ?? null, attempt, 'too many attempts')
    throw tooMany(wait)
  }
  const matches = await verifyPassword(row?.ok ? row.password_hash : null, password)
  if (!matches || !row?.tenant_id || !row.user_id || row.changed === null || !target) {
    auditRefusal(row?.tenant_id ?? null, attempt, 'refused')
    return null
  }
  await forgetAttempts(accountBucket(target))
  const { tenant_id: tenantId, user_id: userId, must_change: mustChange, changed } = row
  return { tenantId, userId, target, mustChange, changed }
}

/**
 * Writes a refused sign-in to the tenant's log, if there is such a tenant. Nobody waits for it: the answer takes as long where
 * there is none. It says nothing about whether the name exists: a tenant's administrators may not learn that of other homes.
 */
export function auditRefusal(
  tenantId: string | null,
  { slug, target, ip, requestId }: Attempt,
  reason: string,
  eventName = 'session.sign_in',
): void {
  log().warn({ requestId, tenant: slug, reason }, 'sign-in refused')
  if (tenantId === null) return
  // What was typed is recorded only when it has the form of a name: people type passwords into the wrong field.
  const name = target
    ? target.home === target.host
      ? target.username
      : `${target.home}\\${target.username}`
    : ''
  const event = {
    event: eventName,
    targetKind: 'user',
    targetName: name,
    result: 'denied',
    reason,
    ip,
    requestId,
  }
  const write = async () => {
    const wait = await countAttempt([
      { bucket: `sign-in.audit:${tenantId}`, seconds: 60, attempts: AUDITS_A_MINUTE },
    ])
    if (wait === 0) await systemValue<null, 'audit_system'>('audit_system', [tenantId, null, 'nobody', event])
  }
  write().catch((error: unknown) =>
    log().error({ err: error, requestId }, 'a refused sign-in could not be audited'),
  )
}
