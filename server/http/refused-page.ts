import { createHash } from 'node:crypto'
import { baseSecurityHeaders } from '@/lib/csp'
import { resolveTenant } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import { buildContext, type RequestFacts } from '@/server/context/build'
import { siteConfig } from '@/server/context/site'
import { log } from '@/server/platform/log'

type Facts = RequestFacts & { requestId: string }

/** Files that are the same for everybody, whatever host they are asked of. */
const FILES = /^\/(?:favicon\.ico$|icon\.svg$|_next\/static\/|fonts\/)/
/**
 * Pages that answer from any address; their declarations in app/pages.ts say why (a test compares the two). A path that is not spelled like
 * one of them is none of them.
 */
export const OPEN_PAGES: readonly string[] = [consolePaths('').emergency, '/impersonation-over']

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.25rem}h1{font-size:1.4rem;line-height:1.3}small{font-size:.875rem}'
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

const escape = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.codePointAt(0)};`)

/** Whether a browser asks for something to show, not a script or program for data. */
export const wantsPage = (request: Request): boolean =>
  request.method !== 'POST' && (request.headers.get('accept') ?? '').includes('text/html')

/**
 * What somebody at an address that is not on the tenant's list gets: the same whatever they asked for and whoever they are. It knows the
 * address, and nothing of the tenant.
 */
export function refusedPage(facts: Facts): Response {
  const site = siteConfig()
  const host = resolveTenant(facts.host, facts.path, site)
  const paths = consolePaths(host.kind === 'tenant' ? host.prefix : '')
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="robots" content="noindex"><title>This address is not allowed here</title><style>${STYLE}</style></head>
<body><main><h1>This address is not allowed here</h1>
<p>You come from <strong>${escape(facts.ip)}</strong>. This console can be reached from certain addresses only.</p>
<p>Connect from one of them, such as your office or its VPN, and load this page again. An administrator can allow more addresses.</p>
<p><small><a href="${escape(paths.emergency)}">Emergency access</a></small></p></main></body></html>
`
  return new Response(html, {
    status: 403,
    headers: {
      ...baseSecurityHeaders(site),
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
    },
  })
}

/** The answer to a page that is asked for from an address that is not allowed; null: Next answers. Where it cannot be asked, the page asks again. */
export async function refusedPageFor(facts: Facts): Promise<Response | null> {
  const host = resolveTenant(facts.host, facts.path, siteConfig())
  if (host.kind !== 'master' && host.kind !== 'tenant') return null
  if (FILES.test(facts.path) || OPEN_PAGES.includes(host.path)) return null
  try {
    const op = await buildContext({ ...facts, background: true })
    // An impersonation that is over says so first; nobody is signed in then.
    if (!op.barred || op.staleImpersonation) return null
  } catch (error) {
    log().error({ err: error, requestId: facts.requestId }, 'whether the address is allowed is not known')
    return null
  }
  log().warn({ requestId: facts.requestId, ip: facts.ip }, 'an address was refused')
  return refusedPage(facts)
}
