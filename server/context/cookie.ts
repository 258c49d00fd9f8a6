import { siteConfig } from '@/server/context/site'

/**
 * Name of the session cookie. Host-only; `__Host-` under https, so that no sibling subdomain can plant one (attack B10).
 * Where tenants live under paths they share a host, so each has a name of its own (PRODUCT rule 10).
 * @param slug null on the master's host
 */
export function sessionCookie(
  slug: string | null,
  what:
    | 'session'
    | 'acting'
    | 'csrf'
    | 'nonce'
    | 'ticket'
    | 'known'
    | 'step'
    | 'sso'
    | 'switch'
    | 'switch-nonce' = 'session',
): string {
  const { scheme, tenantUrls } = siteConfig()
  const base = what === 'session' ? 'fh' : `fh-${what}`
  const name = tenantUrls === 'path' && slug !== null ? `${base}.${slug}` : base
  return scheme === 'https' ? `__Host-${name}` : name
}

/** The value of one cookie in a Cookie header; null when it is absent or given twice (two jars disagree: trust neither). */
export function readCookie(header: string | null | undefined, name: string): string | null {
  const values = (header ?? '').split(';').flatMap((pair) => {
    const at = pair.indexOf('=')
    return at > 0 && pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : []
  })
  return values.length === 1 ? (values[0] ?? null) : null
}
