import { type NextRequest, NextResponse } from 'next/server'
import { baseSecurityHeaders, contentSecurityPolicy } from '@/lib/csp'
import { type ResolvedTenant, resolveTenant, type SiteConfig, siteFromPublicUrl } from '@/lib/host'
import { parseLogin } from '@/lib/login-name'
import { MASTER_SLUG } from '@/lib/master'
import { consolePaths, tenantOrigin } from '@/lib/paths'
import {
  IP_HEADER,
  isInternalHeader,
  NONCE_HEADER,
  PATH_HEADER,
  REQUEST_ID_HEADER,
} from '@/lib/request-headers'
import { isSlug } from '@/lib/slug'

const DEV = process.env.NODE_ENV !== 'production'

/** Read at run time: the Edge sandbox sees the environment that the server was started with. */
function readSite(): SiteConfig {
  const publicUrl = process.env.PUBLIC_URL?.trim() || `http://localhost:${process.env.PORT?.trim() || '3000'}`
  return siteFromPublicUrl(publicUrl, process.env.TENANT_URLS?.trim())
}

let site: SiteConfig | undefined

function plainPage(status: 400 | 404, config: SiteConfig): NextResponse {
  const title = status === 404 ? 'Not found' : 'Bad request'
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1></html>\n`
  return new NextResponse(html, {
    status,
    headers: {
      ...baseSecurityHeaders(config),
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy':
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    },
  })
}

/**
 * Where a sign-in page's request belongs: `/login?login=acme\alice` and `/login/account/acme` on the main host lead to
 * Acme's own sign-in page (PRODUCT rule 9). The answer depends on the text alone, never on whether there is an Acme
 * (attack B15). Null: it is at home here.
 */
function signInElsewhere(target: ResolvedTenant, query: URLSearchParams, config: SiteConfig): string | null {
  if (target.kind !== 'master') return null
  const paths = consolePaths('')
  const [, account] = /^\/login\/account\/([^/]+)$/.exec(target.path) ?? []
  if (account !== undefined) {
    const slug = account.toLowerCase()
    return tenantOrigin(isSlug(slug) ? slug : null, config) + paths.signIn
  }
  if (target.path !== paths.signIn) return null
  const login = parseLogin(query.get('login') ?? '')
  if (login.kind !== 'prefixed' || login.slug === MASTER_SLUG) return null
  return tenantOrigin(login.slug, config) + paths.signInAs(login.username)
}

/** Files that are served by these very names; `_next` has its own. */
const FILES = /^\/(?:favicon\.ico|icon\.svg|_next\/)/
/** Has no page behind it: what is sent there is not found, without the console around it. */
const NO_PAGE = '/_/no/page/has/this/address'

/**
 * No page is called like a file: what looks like one gets an answer without anybody's data, whatever a cache in between thinks of
 * its ending (attack B16).
 */
const pagePath = (path: string): string => (/\.[^/]*$/.test(path) && !FILES.test(path) ? NO_PAGE : path)

/** The request's headers without any that could pass for ours, and with ours. */
function forwardedHeaders(request: NextRequest, nonce: string, policy: string): Headers {
  const headers = new Headers(request.headers)
  // These two come from server/platform/http-guard.ts, which removes what a client sends under their names.
  const kept = new Set([IP_HEADER, REQUEST_ID_HEADER])
  for (const name of request.headers.keys()) {
    const isOther = name === 'x-forwarded-host' || name === 'forwarded' || name.startsWith('x-org')
    if (isOther || (isInternalHeader(name, DEV) && !kept.has(name))) headers.delete(name)
  }
  headers.set(PATH_HEADER, request.nextUrl.pathname)
  headers.set(NONCE_HEADER, nonce)
  headers.set('content-security-policy', policy)
  return headers
}

/**
 * Maps host and path to a tenant's page and sets the security headers. It looks nothing up and authorises nothing:
 * every page resolves the tenant again and asks for the session (attacks B03 to B05).
 */
export function middleware(request: NextRequest): NextResponse {
  const config = (site ??= readSite())
  const { pathname, searchParams } = request.nextUrl
  const target = resolveTenant(request.headers.get('host'), pathname, config)
  if (target.kind === 'bad') return plainPage(400, config)
  if (target.kind === 'unknown') return plainPage(404, config)

  if (request.method === 'GET' || request.method === 'HEAD') {
    const elsewhere = signInElsewhere(target, searchParams, config)
    if (elsewhere !== null) {
      return NextResponse.redirect(elsewhere, { status: 303, headers: baseSecurityHeaders(config) })
    }
  }

  const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
  const policy = contentSecurityPolicy({ nonce, site: config, isMaster: target.kind === 'master', dev: DEV })
  const init = { request: { headers: forwardedHeaders(request, nonce, policy) } }
  const page = pagePath(target.path)
  const response = page === pathname ? NextResponse.next(init) : rewritten(request, page, init)
  response.headers.set('Content-Security-Policy', policy)
  for (const [name, value] of Object.entries(baseSecurityHeaders(config))) response.headers.set(name, value)
  return response
}

function rewritten(
  request: NextRequest,
  path: string,
  init: { request: { headers: Headers } },
): NextResponse {
  const url = request.nextUrl.clone()
  url.pathname = path
  return NextResponse.rewrite(url, init)
}

/** Left out: what answers without a page (each resolves the tenant itself) and files that are the same for all. */
export const config = {
  matcher: ['/((?!api(?:/|$)|agent(?:/|$)|_next/static/|fonts/).*)'],
}
