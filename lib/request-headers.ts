/** The path as the browser sent it, before a tenant's prefix was taken off. Set by us alone. */
export const PATH_HEADER = 'x-freehold-path'
/** The client's address, as the http guard worked it out. */
export const IP_HEADER = 'x-freehold-ip'
/** The request's id, made by the http guard. */
export const REQUEST_ID_HEADER = 'x-freehold-request-id'
/** The nonce of the page's Content-Security-Policy, for the scripts that a page writes itself. Set by the middleware. */
export const NONCE_HEADER = 'x-freehold-nonce'

/** Where a client says it came from. Worth something only from a trusted proxy; the http guard replaces them. */
export const FORWARDING_HEADERS: readonly string[] = [
  'forwarded',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-for',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-server',
  'x-forwarded-scheme',
  'x-forwarded-ssl',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
]

const INTERNAL_PREFIXES = [
  'x-freehold-',
  'x-middleware-',
  'x-invoke-',
  'x-tenant',
  'x-vercel-',
  'x-next-',
  'x-prerender-',
]
const INTERNAL = new Set([
  'x-matched-path',
  'x-now-route-matches',
  'x-action-forwarded',
  'x-invocation-id',
  'next-resume',
  'x-original-url',
  'x-original-host',
  'x-original-uri',
  'x-rewrite-url',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-user-id',
  'x-user',
  // Next takes the nonce of its own scripts from these, on the request.
  'content-security-policy',
  'content-security-policy-report-only',
])
/** Sent by Next's own client while developing. */
const NEXT_DEV = new Set(['x-nextjs-request-id', 'x-nextjs-html-request-id'])

/**
 * Whether a client that sends this header (lower case) could only mean to speak in our, Next's or a proxy's name
 * (attacks B02, B04). What Next's client router needs (`rsc`, `next-router-*`, `next-url`, `next-action`) is not among
 * them, nor is `X-Org-ID`, which the API reads (PRODUCT rule 10).
 */
export function isInternalHeader(name: string, dev = false): boolean {
  if (name.startsWith('x-nextjs-')) return !(dev && NEXT_DEV.has(name))
  return INTERNAL.has(name) || INTERNAL_PREFIXES.some((prefix) => name.startsWith(prefix))
}
