import { z } from 'zod'
import { MASTER_SLUG } from '@/lib/master'
import { tenantOrigin } from '@/lib/paths'
import { assertGate } from '@/server/authz/gate'
import { sessionCookie } from '@/server/context/cookie'
import { siteConfig } from '@/server/context/site'
import { systemValue } from '@/server/db/system'
import { cookieOf } from '@/server/features/sessions/session-cookie'
import { completeSignIn, secondStep, stepPage } from '@/server/features/sign-in/complete'
import { placeOf, redirectTo } from '@/server/features/sign-in/respond'
import type { HttpRoute, RouteCall } from '@/server/http/route'
import { sha256 } from '@/server/platform/crypto'
import { AppError } from '@/server/platform/errors'
import { log } from '@/server/platform/log'
import { assertWithin, bucketOf, networkOf, QUARTER_HOUR } from '@/server/platform/rate-limit'
import type { KindName } from './provider.schema'
import { auditRefused, codeOf } from './refused'
import { type From, type LiveSource, liveSource, type Outcome, type Refusal } from './sso.service'

// What signing in by a source is made of, whatever its kind.

/** Somebody who does not get in by their provider: one neutral page, or words for what they can ask an administrator about. */
export class Refused extends Error {
  override name = 'Refused'
  constructor(
    readonly refusal: Refusal,
    /** For the log: never a token or claim. */
    readonly reason: string,
    readonly source?: LiveSource,
  ) {
    super(reason)
  }
}

/** The slug of the host that was asked. */
export const hostSlug = ({ op }: RouteCall): string => placeOf(op.host).slug ?? MASTER_SLUG

/** The source that is asked for, if it is of that kind, on the host of its own tenant. @param counted as what sort of try: going on after one is none of its own @throws Refused, the same for one that never was; AppError 429 */
export async function sourceOf(
  call: RouteCall,
  kind: KindName,
  counted: 'sso' | 'sso.continue' = 'sso',
): Promise<LiveSource> {
  const { op, params } = call
  const slug = hostSlug(call)
  const bucket = bucketOf(counted, networkOf(op.ip))
  await assertWithin({ bucket, seconds: QUARTER_HOUR, attempts: 100 })
  if (slug !== MASTER_SLUG) assertGate(op.gate, 'use')
  const id = z.uuid().safeParse(params.source)
  const source = id.success ? await liveSource(id.data, slug) : null
  if (source?.kind !== kind) throw new Refused('sso', 'no such source')
  return source
}

export const fromOf = ({ op, facts }: RouteCall): From => ({
  slug: placeOf(op.host).slug,
  ip: op.ip,
  requestId: facts.requestId,
})

const dropCookie = (slug: string | null) => cookieOf(sessionCookie(slug, 'sso'), '', 0)

/** An answer of the other side is used once. @param state unique to a sign-in @throws Refused the second time */
export async function useOnce(source: LiveSource, state: string): Promise<void> {
  const hash = Buffer.from(sha256(`sso ${state}`), 'hex')
  if (!(await systemValue<boolean, 'challenge_use'>('challenge_use', [hash, source.tenantId])))
    throw new Refused('sso', 'the answer was used before', source)
}

/** The way in of somebody whom a source proved, or tried to. @throws Refused */
export async function finish(
  call: RouteCall,
  source: LiveSource,
  proof: Promise<Outcome>,
  next?: string,
): Promise<Response> {
  const { slug } = placeOf(call.op.host)
  const outcome = await proof.catch((error: unknown) => {
    throw error instanceof Refused ? error : new Refused('sso', codeOf(error), source)
  })
  if (outcome.code !== 'ok') throw new Refused(outcome.refusal, outcome.code, source)
  const { tenantId, userId, username } = outcome
  const who = { tenantId, userId, username, home: hostSlug(call), changed: null, sourceId: source.id }
  const held = await secondStep(call, who, next, true)
  if (held !== null) return redirectTo(stepPage(call), [held, dropCookie(slug)])
  const done = await completeSignIn(call, who, next)
  if (!done) throw new Refused('sso', 'the account or tenant was closed', source)
  return redirectTo(done.next, [...done.cookies, dropCookie(slug)])
}

/** A browser is here, not a program: whatever goes wrong ends on the sign-in page. */
export const guarded =
  (handle: HttpRoute['handle']): HttpRoute['handle'] =>
  async (call) => {
    const { slug } = placeOf(call.op.host)
    try {
      return await handle(call)
    } catch (error) {
      const refused = error instanceof Refused ? error : new Refused('sso', codeOf(error))
      if (error instanceof AppError && error.code === 'rate_limited') throw error
      const { source, reason } = refused
      if (source) await auditRefused(source, reason, fromOf(call))
      else
        log().warn({ requestId: call.facts.requestId, reason }, 'a sign-in by an identity source was refused')
      const page = `${tenantOrigin(slug, siteConfig())}/login`
      return redirectTo(`${page}?problem=${refused.refusal}`, [dropCookie(slug)])
    }
  }
