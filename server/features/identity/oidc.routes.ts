import * as oidc from 'openid-client'
import { z } from 'zod'
import { readCookie, sessionCookie } from '@/server/context/cookie'
import { cookieOf } from '@/server/features/sessions/session-cookie'
import { placeOf, redirectTo } from '@/server/features/sign-in/respond'
import type { HttpRoute, RouteCall } from '@/server/http/route'
import { callbackOf } from './oidc.kind'
import { oidcClient, proveIdentity } from './oidc.service'
import { PENDING_SECONDS, readPending, signPending } from './pending'
import { finish, fromOf, guarded, hostSlug, Refused, sourceOf, useOnce } from './sso.flow'

const startQuery = z.object({ next: z.string().max(2048).optional() })

/** 1: off to the provider, with PKCE, state and nonce kept in this browser. */
async function start(call: RouteCall): Promise<Response> {
  const source = await sourceOf(call, 'oidc')
  const { slug } = placeOf(call.op.host)
  const query = startQuery.safeParse(Object.fromEntries(new URL(call.request.url).searchParams))
  const { config, scopes } = await oidcClient(source)
  const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()]
  const address = oidc.buildAuthorizationUrl(config, {
    redirect_uri: callbackOf(slug, source.id),
    scope: scopes,
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
  const source = await sourceOf(call, 'oidc')
  const { slug } = placeOf(op.host)
  const note = readPending(readCookie(facts.cookie, sessionCookie(slug, 'sso')), hostSlug(call), source.id)
  if (!note) throw new Refused('sso', 'the sign-in did not begin in this browser', source)
  await useOnce(source, note.state)
  const proof = proveIdentity(source, note, new URL(call.request.url).search, fromOf(call))
  return finish(call, source, proof, note.next)
}

const BASE = '/api/sso/oidc/:source'
const IDS = { source: 'identitySource' } as const

/** Signing in by a tenant's own OpenID Connect provider. The GETs change nothing without the cookie of this browser. */
export const oidcRoutes: HttpRoute[] = [
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
