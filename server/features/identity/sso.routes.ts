import * as oidc from 'openid-client'
import { z } from 'zod'
import { MASTER_SLUG } from '@/lib/master'
import { tenantOrigin } from '@/lib/paths'
import { assertGate } from '@/server/authz/gate'
import { readCookie, sessionCookie } from '@/server/context/cookie'
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
import { PENDING_SECONDS, readPending, signPending } from './pending'
import { clientOf } from './provider'
import {
  callbackOf,
  type LiveSource,
  liveSource,
  type Outcome,
  proveIdentity,
  type Refusal,
} from './sso.service'

const startQuery = z.object({ next: z.string().max(2048).optional() })

/** Somebody who does not get in by their provider: one neutral page, or words for what they can ask an administrator about. */
class Refused extends Error {
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

const hostSlug = ({ op }: RouteCall): string => placeOf(op.host).slug ?? MASTER_SLUG

/** The source that is asked for, on the host of its own tenant. @throws Refused, the same for one that never was; AppError 429 */
async function sourceOf(call: RouteCall): Promise<LiveSource> {
  const { op, params } = call
  const slug = hostSlug(call)
  const bucket = bucketOf('sso', networkOf(op.ip))
  await assertWithin({ bucket, seconds: QUARTER_HOUR, attempts: 100 })
  if (slug !== MASTER_SLUG) assertGate(op.gate, 'use')
  const id = z.uuid().safeParse(params.source)
  const source = id.success ? await liveSource(id.data, slug) : null
  if (!source) throw new Refused('sso', 'no such source')
  return source
}

const dropCookie = (slug: string | null) => cookieOf(sessionCookie(slug, 'sso'), '', 0)

/** 1: off to the provider, with PKCE, state and nonce kept in this browser. */
async function start(call: RouteCall): Promise<Response> {
  const source = await sourceOf(call)
  const { slug } = placeOf(call.op.host)
  const query = startQuery.safeParse(Object.fromEntries(new URL(call.request.url).searchParams))
  const config = await clientOf(source.issuer, source.clientId, source.secret)
  const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()]
  const address = oidc.buildAuthorizationUrl(config, {
    redirect_uri: callbackOf(slug, source.id),
    scope: source.scopes,
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  const next = query.success ? query.data.next : undefined
  const note = signPending({ sourceId: source.id, slug: hostSlug(call), state, nonce, verifier, next })
  return redirectTo(address.href, [cookieOf(sessionCookie(slug, 'sso'), note, PENDING_SECONDS)])
}

/** 2: back with a code. State, nonce and verifier are those of this browser, and are used once. */
async function callback(call: RouteCall): Promise<Response> {
  const { op, facts } = call
  const source = await sourceOf(call)
  const { slug } = placeOf(op.host)
  const note = readPending(readCookie(facts.cookie, sessionCookie(slug, 'sso')), hostSlug(call), source.id)
  if (!note) throw new Refused('sso', 'the sign-in did not begin in this browser', source)
  const fresh = await systemValue<boolean, 'challenge_use'>('challenge_use', [
    Buffer.from(sha256(`sso ${note.state}`), 'hex'),
    source.tenantId,
  ])
  if (!fresh) throw new Refused('sso', 'the answer was used before', source)
  const outcome: Outcome = await proveIdentity(source, note, new URL(call.request.url).search, {
    slug,
    ip: op.ip,
    requestId: facts.requestId,
  }).catch((error: unknown) => {
    throw new Refused('sso', codeOf(error), source)
  })
  if (outcome.code !== 'ok') throw new Refused(outcome.refusal, outcome.code, source)
  const { tenantId, userId, username } = outcome
  const who = { tenantId, userId, username, home: hostSlug(call), changed: null }
  const held = await secondStep(call, who, note.next, true)
  if (held !== null) return redirectTo(stepPage(call), [held, dropCookie(slug)])
  const done = await completeSignIn(call, who, note.next)
  if (!done) throw new Refused('sso', 'the account or tenant was closed', source)
  return redirectTo(done.next, [...done.cookies, dropCookie(slug)])
}

/** What went wrong, without anything that the provider or the browser sent. */
function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown }
  if (typeof code === 'string' && /^[A-Za-z_-]{1,60}$/.test(code)) return code
  return error instanceof Error ? error.name : 'error'
}

async function auditRefusal({ facts }: RouteCall, { source, reason }: Refused): Promise<void> {
  log().warn(
    { requestId: facts.requestId, source: source?.id, reason },
    'a sign-in by an identity source was refused',
  )
  if (!source) return
  const event = {
    event: 'session.sign_in',
    targetKind: 'identitySource',
    targetId: source.id,
    targetName: source.name,
    result: 'denied',
    reason,
    ip: facts.ip,
    requestId: facts.requestId,
  }
  await systemValue<null, 'audit_system'>('audit_system', [source.tenantId, null, 'nobody', event])
}

/** A browser is here, not a program: whatever goes wrong ends on the sign-in page. */
const guarded =
  (handle: HttpRoute['handle']): HttpRoute['handle'] =>
  async (call) => {
    const { slug } = placeOf(call.op.host)
    try {
      return await handle(call)
    } catch (error) {
      const refused = error instanceof Refused ? error : new Refused('sso', codeOf(error))
      if (error instanceof AppError && error.code === 'rate_limited') throw error
      await auditRefusal(call, refused)
      const page = `${tenantOrigin(slug, siteConfig())}/login`
      return redirectTo(`${page}?problem=${refused.refusal}`, [dropCookie(slug)])
    }
  }

const BASE = '/api/sso/oidc/:source'
const IDS = { source: 'identitySource' } as const

/** Signing in by a tenant's own OpenID Connect provider. The GETs change nothing without the cookie of this browser. */
export const ssoRoutes: HttpRoute[] = [
  {
    name: 'sso.start',
    method: 'GET',
    path: `${BASE}/start`,
    declaration: {
      scope: 'public',
      audit: 'none',
      ids: IDS,
      summary: 'Begin to sign in by an identity source',
    },
    maxBody: 0,
    handle: guarded(start),
  },
  {
    name: 'sso.callback',
    method: 'GET',
    path: `${BASE}/callback`,
    declaration: {
      scope: 'public',
      audit: 'session.sign_in',
      ids: IDS,
      summary: 'Come back from an identity source',
    },
    maxBody: 0,
    handle: guarded(callback),
  },
]
