import { lookup, type LookupAddress } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import { addressKind } from '@/server/platform/address-kind'
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

/** Whether the server may talk to that address. */
export function mayReach(address: string, allowed: Allowed): boolean {
  const kind = addressKind(address)
  if (kind === 'loopback') return allowed !== 'public'
  return kind === 'private' ? allowed === 'private' : kind === 'public'
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
