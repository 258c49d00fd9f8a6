import { isSlug } from '@/lib/slug'

/** How this install is reached; worked out once from PUBLIC_URL and TENANT_URLS. */
export interface SiteConfig {
  scheme: 'http' | 'https'
  /** Canonical: lower case, ASCII, no port, no trailing dot. */
  baseHost: string
  /** '' when it is the scheme's own port. */
  port: string
  /** Tenants live at acme.<base> or, on installs without wildcard DNS, at <base>/t/acme (PRODUCT rule 10). */
  tenantUrls: 'subdomain' | 'path'
}

export type TenantPrefix = '' | `/t/${string}`

export type ResolvedTenant =
  | { kind: 'master'; path: string }
  | { kind: 'tenant'; slug: string; path: string; prefix: TenantPrefix }
  /** Well-formed, but nobody of ours: answer 404. */
  | { kind: 'unknown' }
  /** A malformed host or path: answer 400. */
  | { kind: 'bad' }

const UNKNOWN: ResolvedTenant = { kind: 'unknown' }
const BAD: ResolvedTenant = { kind: 'bad' }

// Anything a URL parser would cut at, decode or forgive. '%' too: URL decodes `%61cme`, other parsers do not.
// eslint-disable-next-line no-control-regex
const FORBIDDEN_IN_HOST = /[\u0000-\u0020\u007f-\u00a0,;@/\\?#%"'<>^`{|}()*!$&+=~]/
const LABEL = /^[a-z0-9_-]{1,63}$/
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

function hasValidPort(port: string): boolean {
  return /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65535
}

/** What the URL parser makes of an authority, or null: IDN to punycode, IPv6 compressed. */
function viaUrl(authority: string): string | null {
  try {
    return new URL(`http://${authority}/`).hostname
  } catch {
    return null
  }
}

function canonicalIpv6(bracketed: string): string | null {
  const match = /^(\[[0-9a-f:.]+\])(?::(\d*))?$/i.exec(bracketed)
  if (!match || (match[2] !== undefined && !hasValidPort(match[2]))) return null
  return viaUrl(match[1] ?? '')
}

/**
 * The canonical name in a Host header: port checked and dropped, lower case, punycode, one trailing dot removed,
 * IPv6 in brackets. Returns null when it is malformed. Stricter than a URL parser on purpose: what two parsers could
 * read differently is refused (attack B03).
 */
export function parseHost(raw: string | null | undefined): string | null {
  if (!raw || raw.length > 260 || FORBIDDEN_IN_HOST.test(raw)) return null
  if (raw.startsWith('[')) return canonicalIpv6(raw)
  const [rawName = '', port, ...more] = raw.split(':')
  if (more.length > 0 || (port !== undefined && !hasValidPort(port))) return null
  const typed = rawName.toLowerCase()
  const isAscii = /^[\x21-\x7e]+$/.test(rawName)
  const name = (isAscii ? typed : (viaUrl(rawName) ?? '')).replace(/\.$/, '')
  const labels = name.split('.')
  if (name.length > 253 || !labels.every((label) => LABEL.test(label))) return null
  // A numeric last label makes URL parsers read the whole as IPv4 (127.1, 0x7f.1, 2130706433): only plain ones pass.
  const isNumeric = /^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')
  if (isNumeric && !(isAscii && IPV4.test(name))) return null
  return name
}

function isIpLiteral(host: string): boolean {
  return host.startsWith('[') || IPV4.test(host)
}

/**
 * Whether a URL path means the same to every parser: absolute, no empty or dot segment, no backslash, no encoded
 * slash, backslash, dot segment or control character, no broken escape (attack B05).
 */
export function isSafePath(path: string): boolean {
  // eslint-disable-next-line no-control-regex
  if (!path.startsWith('/') || /[\u0000-\u0020\u007f\\?#]|\/\//.test(path)) return false
  if (/%(?![0-9a-f]{2})|%(?:2f|5c|7f|[01][0-9a-f])/i.test(path)) return false
  if (/\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path)) return false
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false // not UTF-8, such as the overlong %c0%af
  }
}

function isBaseHost(host: string, baseHost: string): boolean {
  if (host === baseHost) return true
  // Health checks of a local install come by address.
  return baseHost === 'localhost' && (host === '127.0.0.1' || host === '[::1]')
}

function resolveOnBase(path: string, tenantUrls: SiteConfig['tenantUrls']): ResolvedTenant {
  const [, first, slug = ''] = path.split('/', 3)
  if (first !== 't') return { kind: 'master', path }
  if (tenantUrls !== 'path' || !isSlug(slug)) return UNKNOWN
  const prefix: TenantPrefix = `/t/${slug}`
  return { kind: 'tenant', slug, path: path.slice(prefix.length) || '/', prefix }
}

/**
 * Which tenant a request addresses, from its Host header and URL path (no query): the one place that decides it,
 * for middleware, pages, tRPC and REST alike (PRODUCT rules 9 and 10). Says nothing about whether the tenant exists.
 * Never throws.
 */
export function resolveTenant(
  host: string | null | undefined,
  path: string,
  site: Pick<SiteConfig, 'baseHost' | 'tenantUrls'>,
): ResolvedTenant {
  const name = parseHost(host)
  if (name === null || !isSafePath(path)) return BAD
  if (isBaseHost(name, site.baseHost)) return resolveOnBase(path, site.tenantUrls)
  if (site.tenantUrls === 'path' || isIpLiteral(site.baseHost)) return UNKNOWN
  const suffix = `.${site.baseHost}`
  if (!name.endsWith(suffix)) return UNKNOWN
  const slug = name.slice(0, -suffix.length)
  if (!isSlug(slug) || path === '/t' || path.startsWith('/t/')) return UNKNOWN
  return { kind: 'tenant', slug, path, prefix: '' }
}

/**
 * Reads PUBLIC_URL and TENANT_URLS (unset: `subdomain`, or `path` where the host is an IP address).
 * Throws an Error in words an operator understands.
 */
export function siteFromPublicUrl(publicUrl: string, tenantUrls?: string): SiteConfig {
  const url = URL.canParse(publicUrl) ? new URL(publicUrl) : null
  const scheme = url?.protocol === 'https:' ? 'https' : url?.protocol === 'http:' ? 'http' : null
  const baseHost = parseHost(url?.hostname)
  if (!url || !scheme || baseHost === null || url.username || url.password || url.search || url.hash) {
    throw new Error('PUBLIC_URL must look like https://portal.example.com')
  }
  if (url.pathname !== '/')
    throw new Error('PUBLIC_URL must have no path: Freehold needs a host name of its own')
  const mode = tenantUrls || (isIpLiteral(baseHost) ? 'path' : 'subdomain')
  if (mode !== 'subdomain' && mode !== 'path') throw new Error('TENANT_URLS must be "subdomain" or "path"')
  if (mode === 'subdomain' && isIpLiteral(baseHost)) {
    throw new Error(
      'TENANT_URLS must be "path" when PUBLIC_URL is an IP address: an address has no subdomains',
    )
  }
  return { scheme, baseHost, port: url.port, tenantUrls: mode }
}
