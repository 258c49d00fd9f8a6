import type { SiteConfig } from '@/lib/host'
import { tenantOrigin } from '@/lib/paths'

interface CspInput {
  /** Fresh for every response; base64. */
  nonce: string
  site: SiteConfig
  /** Whether the page is the main host's own; only from there does a form lead on to tenants' hosts. */
  isMaster: boolean
  /** Development: hot reload needs eval and a websocket. */
  dev: boolean
}

/** Where forms of a page may lead, besides its own origin: sign-in is handed from the main host to a tenant's. */
function formTargets({ site, isMaster }: Pick<CspInput, 'site' | 'isMaster'>): string {
  if (site.tenantUrls === 'path') return "'self'" // one origin for all
  return isMaster ? `'self' ${tenantOrigin('*', site)}` : `'self' ${tenantOrigin(null, site)}`
}

/** The Content-Security-Policy of a page. Next reads the nonce from it, on the request, and marks its scripts. */
export function contentSecurityPolicy(input: CspInput): string {
  const { nonce, dev } = input
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ''}`,
    // Radix, sonner and charts set style attributes and insert style elements while they run.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self'${dev ? ' ws: wss:' : ''}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "frame-src 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    `form-action ${formTargets(input)}`,
  ].join('; ')
}

/** What every response carries, whoever makes it: pages (middleware), API handlers and errors. */
export function baseSecurityHeaders(site: Pick<SiteConfig, 'scheme' | 'tenantUrls'>): Record<string, string> {
  // In path mode the host's subdomains are not ours to force onto https.
  const hsts = `max-age=63072000${site.tenantUrls === 'subdomain' ? '; includeSubDomains' : ''}`
  return {
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()',
    'Cache-Control': 'no-store',
    ...(site.scheme === 'https' && { 'Strict-Transport-Security': hsts }),
  }
}
