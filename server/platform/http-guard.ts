import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type TLSSocket } from 'node:tls'
import { isSafePath, parseHost, resolveTenant, type SiteConfig } from '@/lib/host'
import {
  FORWARDING_HEADERS,
  IP_HEADER,
  isInternalHeader,
  PATH_HEADER,
  REQUEST_ID_HEADER,
} from '@/lib/request-headers'
import { canonicalIp, type CidrSet, clientIp } from '@/server/platform/client-ip'

const MAX_URL_BYTES = 8_192
const MAX_HEADER_BYTES = 16_384
const MAX_HEADERS = 100
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const FORWARDING = new Set(FORWARDING_HEADERS)
/** Answered beside Next, so the middleware never takes the tenant's prefix off them. */
const OWN_MOUNT = /^\/(?:api|agent|scim|login\/hand-off)(?:\/|$)/

export interface GuardConfig {
  site: SiteConfig
  /** Peers whose X-Forwarded-* are believed (TRUSTED_PROXIES). */
  trustedProxies: CidrSet
  /** Development: lets Next's hot reload open its websocket. */
  dev?: boolean
  /** What asks for another protocol is looked at like the rest; whoever sets this decides about it. */
  socket?: boolean
}

export type GuardResult =
  | {
      ok: true
      /** Path and query, without `/t/<slug>` before what is answered beside Next, in path mode. The same as `req.url` from now on. */
      url: string
      /** The path as it was sent, for `resolveTenant`. */
      path: string
      /** The Host header, as the browser knows it: canonical name and the port that was sent. */
      host: string
      proto: 'http' | 'https'
      clientIp: string
      requestId: string
    }
  | { ok: false; status: 400 | 405 | 414 | 431 }

const refuse = (status: 400 | 405 | 414 | 431): GuardResult => ({ ok: false, status })

function rawPairs(req: IncomingMessage): [name: string, value: string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i + 1 < req.rawHeaders.length; i += 2) {
    pairs.push([(req.rawHeaders[i] ?? '').toLowerCase(), req.rawHeaders[i + 1] ?? ''])
  }
  return pairs
}

/** All values under a name, in order; more than one where a header came twice. */
function valuesOf(pairs: readonly [string, string][], name: string): string[] {
  return pairs.filter(([key]) => key === name).map(([, value]) => value)
}

/** The Host that counts, or null. A trusted proxy's X-Forwarded-Host goes before its own Host. */
function effectiveHost(pairs: readonly [string, string][], isTrusted: boolean): string | null {
  const [sent, ...moreHosts] = valuesOf(pairs, 'host')
  const [forwarded, ...moreForwarded] = isTrusted ? valuesOf(pairs, 'x-forwarded-host') : []
  if (sent === undefined || moreHosts.length > 0 || moreForwarded.length > 0) return null
  const host = forwarded ?? sent
  const name = parseHost(host)
  if (name === null || parseHost(sent) === null) return null
  return name + (/:\d+$/.exec(host.slice(host.lastIndexOf(']') + 1))?.[0] ?? '')
}

/** Upgrade is refused but by server/http/console-socket.ts: forwarding one is how CVE-2026-44578 worked (attack B06). */
function isUpgrade(req: IncomingMessage, path: string, dev: boolean): boolean {
  const upgrade = req.headers.upgrade
  if (upgrade === undefined) return false
  // Java's HttpClient and curl --http2 offer h2c with every request; a server may ignore it (RFC 9110, 7.8).
  if (upgrade.toLowerCase() === 'h2c') return false
  return !(dev && path.startsWith('/_next/'))
}

function malformed(
  req: IncomingMessage,
  pairs: readonly [string, string][],
  { dev = false, socket = false }: Pick<GuardConfig, 'dev' | 'socket'>,
): GuardResult | null {
  const url = req.url ?? ''
  if (!METHODS.has(req.method ?? '')) return refuse(405)
  if (Buffer.byteLength(url) > MAX_URL_BYTES) return refuse(414)
  const bytes = pairs.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0)
  if (pairs.length > MAX_HEADERS || bytes > MAX_HEADER_BYTES) return refuse(431)
  const path = url.split('?', 1)[0] ?? ''
  // Also refuses absolute-form and `*`: neither starts with a slash.
  if (!isSafePath(path) || url.includes('#') || (!socket && isUpgrade(req, path, dev))) return refuse(400)
  return null
}

/** Replaces what was sent in our, Next's or a proxy's name by what is true. */
function rewriteHeaders(
  req: IncomingMessage,
  pairs: readonly [string, string][],
  ours: Record<string, string>,
  dev: boolean,
): void {
  const isDropped = (name: string) =>
    FORWARDING.has(name) ||
    isInternalHeader(name, dev) ||
    name in ours ||
    name === 'upgrade' ||
    name === 'http2-settings'
  const kept = pairs.filter(
    ([name, value]) => !isDropped(name) || (dev && name === 'upgrade' && value === 'websocket'),
  )
  req.rawHeaders.splice(0, Infinity, ...kept.flat(), ...Object.entries(ours).flat())
  const keep = new Set(kept.map(([name]) => name))
  for (const name of Object.keys(req.headers)) if (!keep.has(name)) delete req.headers[name]
  Object.assign(req.headers, ours)
}

/**
 * Checks a request before anything of ours or Next's sees it, and changes it in place: spoofable headers go, `Host` and
 * `X-Forwarded-*` then say what is true, `x-freehold-path`, `-ip` and `-request-id` are set (attacks B02 to B06, B10).
 * Does not look at whether the host is ours: a health check may come by address. Never throws.
 */
export function guardRequest(req: IncomingMessage, config: GuardConfig): GuardResult {
  const { site, trustedProxies, dev = false } = config
  const pairs = rawPairs(req)
  const fault = malformed(req, pairs, config)
  if (fault) return fault

  const peer = canonicalIp(req.socket.remoteAddress ?? '')
  const isTrusted = peer !== null && trustedProxies.has(peer)
  const host = effectiveHost(pairs, isTrusted)
  if (host === null) return refuse(400)
  const proto = effectiveProto(req, pairs, isTrusted, site)
  const ip = clientIp(peer ?? undefined, valuesOf(pairs, 'x-forwarded-for').join(','), trustedProxies)
  const requestId = randomUUID()

  const [path = '', query] = splitOnce(req.url ?? '', '?')
  const ours = {
    host,
    'x-forwarded-host': host,
    'x-forwarded-proto': proto,
    'x-forwarded-for': ip,
    [PATH_HEADER]: path,
    [IP_HEADER]: ip,
    [REQUEST_ID_HEADER]: requestId,
  }
  rewriteHeaders(req, pairs, ours, dev)
  const target = resolveTenant(host, path, site)
  if (target.kind === 'tenant' && target.prefix !== '' && OWN_MOUNT.test(target.path))
    req.url = target.path + query
  return { ok: true, url: req.url ?? '/', path, host, proto, clientIp: ip, requestId }
}

/** The text before the separator, and the rest with it. */
function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)]
}

/**
 * How the browser reached us. A proxy that is not in TRUSTED_PROXIES leaves us with PUBLIC_URL's word for it, which no
 * client can change.
 */
function effectiveProto(
  req: IncomingMessage,
  pairs: readonly [string, string][],
  isTrusted: boolean,
  site: SiteConfig,
): 'http' | 'https' {
  if ((req.socket as Partial<TLSSocket>).encrypted) return 'https'
  const [sent] = isTrusted ? valuesOf(pairs, 'x-forwarded-proto') : []
  const proto = sent?.trim().toLowerCase()
  return proto === 'http' || proto === 'https' ? proto : site.scheme
}
