import { lookup, type LookupAddress } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { BlockList, isIP } from 'node:net'
import { env } from '@/server/platform/env'

/** How long one answer of an identity provider may take, in ms, and how large it may be, in bytes. */
const TIMEOUT = 10_000
const MAX_BYTES = 512 * 1024

/** What a request may reach beside public addresses over https: nothing; this machine; every network but link-local ones. */
export type Allowed = 'public' | 'loopback' | 'private'

/** Thrown before anything is sent to an address that the server does not talk to (attack I01). */
export class AddressRefused extends Error {
  override name = 'AddressRefused'
}

function listOf(family: 'ipv4' | 'ipv6', nets: string[]): BlockList {
  const list = new BlockList()
  for (const net of nets) {
    const [address = '', bits] = net.split('/')
    list.addSubnet(address, Number(bits), family)
  }
  return list
}
/** Per family: Node compares an IPv4 address with lists of IPv6, too. */
const LOOPBACK = { 4: listOf('ipv4', ['127.0.0.0/8']), 6: listOf('ipv6', ['::1/128']) }
const PRIVATE = {
  4: listOf('ipv4', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '198.18.0.0/15']),
  6: listOf('ipv6', ['fc00::/7']),
}
/** Link-local (the metadata service of clouds among them), multicast, unspecified and reserved; IPv4 in IPv6's clothes. */
const NEVER = {
  4: listOf(
    'ipv4',
    '0.0.0.0/8 169.254.0.0/16 192.0.0.0/24 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3'.split(
      ' ',
    ),
  ),
  6: listOf(
    'ipv6',
    '::/96 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 2001::/32 2001:db8::/32 2002::/16 fe80::/10 fec0::/10 ff00::/8'.split(
      ' ',
    ),
  ),
}

/** Whether the server may talk to that address. */
export function mayReach(address: string, allowed: Allowed): boolean {
  const family = isIP(address)
  if (family !== 4 && family !== 6) return false
  const is = (lists: Record<4 | 6, BlockList>) => lists[family].check(address, family === 4 ? 'ipv4' : 'ipv6')
  if (is(LOOPBACK)) return allowed !== 'public'
  if (is(PRIVATE)) return allowed === 'private'
  return !is(NEVER)
}

/** What this install lets identity providers be: see IDENTITY_ALLOW_PRIVATE. */
export function allowedHere(): Allowed {
  if (env().IDENTITY_ALLOW_PRIVATE) return 'private'
  return env().NODE_ENV === 'test' ? 'loopback' : 'public'
}

/** Why nothing is sent to that URL, whatever its name stands for; null: the address decides. */
export function urlRefusal(url: URL, allowed: Allowed): string | null {
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allowed !== 'public'))
    return 'The address must begin with https://'
  if (url.username || url.password) return 'The address must not hold a name or password'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return isIP(host) !== 0 && !mayReach(host, allowed)
    ? 'The address is in a network that is not reached from here'
    : null
}

type Callback = (error: Error | null, address: string | LookupAddress[], family?: number) => void

/** Looks a name up and gives out only what may be reached: the connection goes to the very address that was checked. */
export function lookupWithin(allowed: Allowed) {
  return (hostname: string, options: { all?: boolean }, done: Callback): void => {
    lookup(hostname, { all: true }, (error, addresses) => {
      if (error) return done(error, [])
      if (!addresses.every(({ address }) => mayReach(address, allowed)))
        return done(new AddressRefused('The address is in a network that is not reached from here'), [])
      const [first] = addresses
      if (options.all) done(null, addresses)
      else done(null, first?.address ?? '', first?.family)
    })
  }
}

interface Sent {
  method?: string
  headers?: Record<string, string>
  body?: unknown
}

/** openid-client sends forms; nothing else. */
const textOf = (body: unknown): string | undefined =>
  body instanceof URLSearchParams ? body.toString() : typeof body === 'string' ? body : undefined

/**
 * As fetch, to public addresses over https only, without following redirects, within 10 s and 512 KiB.
 * @throws AddressRefused before anything is sent; Error of the network
 */
export async function guardedFetch(
  address: string,
  init: Sent = {},
  allowed = allowedHere(),
): Promise<Response> {
  const url = new URL(address)
  const refusal = urlRefusal(url, allowed)
  if (refusal !== null) throw new AddressRefused(refusal)
  const body = textOf(init.body)
  const { send, ...options } = {
    send: url.protocol === 'https:' ? https.request : http.request,
    method: init.method ?? 'GET',
    headers: {
      ...init.headers,
      ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
    },
    lookup: lookupWithin(allowed) as never,
    agent: false as const,
    signal: AbortSignal.timeout(TIMEOUT),
  }
  return new Promise((resolve, reject) => {
    const request = send(url, options, (answer) => {
      const chunks: Buffer[] = []
      let size = 0
      answer.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > MAX_BYTES) answer.destroy(new Error('The answer is too large'))
        else chunks.push(chunk)
      })
      answer.on('error', reject)
      answer.on('end', () => {
        resolve(responseOf(answer, Buffer.concat(chunks)))
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}

function responseOf(answer: http.IncomingMessage, body: Buffer): Response {
  const status = answer.statusCode ?? 502
  const type = answer.headers['content-type']
  const challenge = answer.headers['www-authenticate']
  const headers = new Headers()
  if (type) headers.set('content-type', type)
  if (challenge) headers.set('www-authenticate', challenge)
  const empty = status === 204 || status === 205 || status === 304
  return new Response(empty ? null : new Uint8Array(body), { status: status < 200 ? 502 : status, headers })
}
