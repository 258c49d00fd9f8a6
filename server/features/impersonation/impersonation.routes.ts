import { z } from 'zod'
import { WAY_BACK, WAY_IN } from '@/lib/from-anywhere'
import { consolePaths, safeReturnPath, tenantOrigin } from '@/lib/paths'
import { contextOfToken, tokenHash } from '@/server/context/build'
import { readCookie, sessionCookie } from '@/server/context/cookie'
import { siteConfig } from '@/server/context/site'
import { systemValue } from '@/server/db/system'
import { cookieOf, SESSION_SECONDS } from '@/server/features/sessions/session-cookie'
import { newSessionToken } from '@/server/features/sessions/sessions.service'
import { landingPath } from '@/server/features/sign-in/landing'
import { placeOf, redirectTo } from '@/server/features/sign-in/respond'
import type { HttpRoute, RouteCall } from '@/server/http/route'
import { randomToken, sha256 } from '@/server/platform/crypto'
import { notFound } from '@/server/platform/errors'
import { log } from '@/server/platform/log'
import { BASE } from './impersonation.service'

const NONCE_SECONDS = 60
const beginQuery = z.strictObject({ i: z.uuid() })
const continueQuery = z.strictObject({ i: z.uuid(), n: z.string().regex(/^[0-9a-f]{64}$/) })
const finishQuery = z.strictObject({ code: z.string().regex(/^[\w-]{43}$/) })

const at = (slug: string | null, path: string) => tenantOrigin(slug, siteConfig()) + path
const queryOf = (request: Request) => Object.fromEntries(new URL(request.url).searchParams)
/** The plain page that says that there is no impersonation, on the host that was asked. */
const over = (slug: string | null, why: string, from = '/') =>
  `${at(slug, '/impersonation-over')}?why=${why}&from=${encodeURIComponent(from)}`

/** 1, tenant's host: gives this browser a nonce, as a sign-in's hand-off does, so that the code works in no other. */
async function begin({ op, request }: RouteCall): Promise<Response> {
  const { slug } = placeOf(op.host)
  const input = beginQuery.safeParse(queryOf(request))
  if (slug === null || !input.success) throw notFound()
  const nonce = randomToken('')
  return redirectTo(`${at(null, `${BASE}/continue`)}?i=${input.data.i}&n=${sha256(nonce)}`, [
    cookieOf(sessionCookie(slug, 'nonce'), nonce, NONCE_SECONDS),
  ])
}

/** 2, main host: what this very session began a moment ago becomes a one-use code of 30 seconds. Others' ids begin nothing. */
async function proceed({ op, request }: RouteCall): Promise<Response> {
  const input = continueQuery.safeParse(queryOf(request))
  if (op.host.kind !== 'master' || !input.success || !op.session) throw notFound()
  const code = randomToken('')
  const slug = await systemValue<string | null, 'impersonation_code'>('impersonation_code', [
    Buffer.from(op.session.tokenHash, 'hex'),
    input.data.i,
    tokenHash(code),
    Buffer.from(input.data.n, 'hex'),
  ])
  return redirectTo(slug === null ? over(null, 'start') : `${at(slug, `${BASE}/finish`)}?code=${code}`)
}

/** 3, tenant's host: code and nonce become the session, in a cookie of its own beside the browser's own session there. */
async function finish({ op, request, facts }: RouteCall): Promise<Response> {
  const { slug, prefix } = placeOf(op.host)
  if (slug === null) throw notFound()
  const name = sessionCookie(slug, 'nonce')
  const nonce = readCookie(facts.cookie, name)
  const input = finishQuery.safeParse(queryOf(request))
  const token = newSessionToken()
  const session =
    input.success && nonce !== null
      ? await systemValue<string | null, 'impersonation_enter'>('impersonation_enter', [
          tokenHash(input.data.code),
          tokenHash(nonce),
          slug,
          tokenHash(token),
          facts.ip,
          facts.userAgent,
          facts.requestId,
        ])
      : null
  if (session === null) {
    log().warn({ requestId: facts.requestId, tenant: slug }, 'impersonation refused at the tenant’s host')
    return redirectTo(over(slug, 'start'), [cookieOf(name, '', 0)])
  }
  const now = await contextOfToken(facts, op.host, token, true)
  return redirectTo(landingPath(now, consolePaths(prefix)), [
    // Longer than the session: while it is there, nothing else counts here, and the page says that it is over.
    cookieOf(sessionCookie(slug, 'acting'), token, SESSION_SECONDS),
    cookieOf(name, '', 0),
  ])
}

/** Takes the cookie of an impersonation that is over away, and says so. One that is not over stays as it is. */
async function ended({ op, facts, request }: RouteCall): Promise<Response> {
  const { slug, prefix } = placeOf(op.host)
  if (slug === null) throw notFound()
  const name = sessionCookie(slug, 'acting')
  const token = readCookie(facts.cookie, name)
  if (token !== null && !op.staleImpersonation) return redirectTo(consolePaths(prefix).home)
  // Another tab quit, and the cookie is gone: this one tells where it began.
  if (token === null) return redirectTo(over(slug, 'quit', safeReturnPath(queryOf(request).from, '')))
  const { why, from } = (await systemValue<Over | null, 'impersonation_over'>('impersonation_over', [
    tokenHash(token),
  ])) ?? { why: '', from: '/' }
  return redirectTo(over(slug, why || 'time', from), [cookieOf(name, '', 0)])
}

interface Over {
  why: string
  from: string
}

const step = (name: string, summary: string, handle: HttpRoute['handle']): HttpRoute => ({
  name: `impersonation.${name}`,
  method: 'GET',
  path: `${BASE}/${name}`,
  declaration: { scope: 'public', audit: 'none', summary },
  maxBody: 0,
  handle,
})

/** From the master's host to the tenant's. The GETs change nothing without what impersonation.start began in this very browser (attack F16). */
export const impersonationRoutes: HttpRoute[] = [
  {
    ...step('begin', "Impersonation on the tenant's host: set a nonce", begin),
    declaration: {
      scope: 'public',
      audit: 'none',
      address: WAY_IN,
      summary: "Impersonation on the tenant's host: set a nonce",
    },
  },
  {
    ...step('continue', 'Impersonation on the main host: mint a one-use code', proceed),
    declaration: {
      scope: 'master',
      permission: ['impersonate', 'full'],
      licence: 'use',
      audit: 'none',
      summary: 'Impersonation on the main host: mint a one-use code',
    },
  },
  {
    ...step('finish', "Impersonation on the tenant's host: redeem the code", finish),
    declaration: {
      scope: 'public',
      audit: 'impersonation.enter',
      address: WAY_IN,
      summary: "Impersonation on the tenant's host: redeem the code",
    },
  },
  {
    ...step('ended', "Impersonation on the tenant's host: clear what is over", ended),
    declaration: {
      scope: 'public',
      audit: 'none',
      address: WAY_BACK,
      summary: "Impersonation on the tenant's host: clear what is over",
    },
  },
]
