import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { siteFromPublicUrl } from '@/lib/host'
import { compileCidrs } from '@/server/platform/client-ip'
import { type GuardConfig, guardRequest, type GuardResult } from '@/server/platform/http-guard'

const LOCAL = siteFromPublicUrl('http://localhost:3000')
const PORTAL = siteFromPublicUrl('https://portal.example.com')
const PATHS = siteFromPublicUrl('http://localhost:3000', 'path')
const NOBODY = compileCidrs([])
const LOOPBACK = compileCidrs(['127.0.0.0/8'])

/** What a handler behind the guard sees. */
interface Seen {
  result: GuardResult
  url: string
  headers: IncomingMessage['headers']
  raw: string[]
}

let server: Server
let config: GuardConfig = { site: LOCAL, trustedProxies: NOBODY }

beforeAll(async () => {
  server = createServer((req, res) => {
    const result = guardRequest(req, config)
    const seen: Seen = { result, url: req.url ?? '', headers: req.headers, raw: req.rawHeaders }
    res.writeHead(result.ok ? 200 : result.status, { connection: 'close' }).end(JSON.stringify(seen))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => server.close())

/** Sends bytes as they are and returns the status with what the handler saw (null: Node itself refused). */
async function send(
  lines: string[],
  use: Partial<GuardConfig> = {},
): Promise<{ status: number; seen: Seen | null }> {
  config = { site: LOCAL, trustedProxies: NOBODY, ...use }
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.end([...lines, 'Connection: close', '', ''].join('\r\n'), 'latin1')
  const chunks: Buffer[] = []
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  const json = /\{"result".*\}/s.exec(text)?.[0]
  return { status: Number(text.slice(9, 12)), seen: json ? (JSON.parse(json) as Seen) : null }
}

/** As `send`, for a request that passes. */
async function pass(lines: string[], use: Partial<GuardConfig> = {}) {
  const { status, seen } = await send(lines, use)
  expect(status).toBe(200)
  if (!seen?.result.ok) throw new Error('refused')
  return { ...seen, result: seen.result }
}

const GET = 'GET /audit?page=2 HTTP/1.1'
const HOST = 'Host: acme.localhost:3000'

test('an ordinary request passes and learns path, address and id', async () => {
  const { result, url, headers } = await pass([
    GET,
    HOST,
    'Cookie: a=b',
    'X-Org-ID: acme',
    'RSC: 1',
    'Next-Url: /',
  ])
  expect(result).toMatchObject({
    url: '/audit?page=2',
    path: '/audit',
    host: 'acme.localhost:3000',
    proto: 'http',
    clientIp: '127.0.0.1',
  })
  expect(url).toBe('/audit?page=2')
  expect(headers).toMatchObject({
    host: 'acme.localhost:3000',
    cookie: 'a=b',
    'x-org-id': 'acme',
    rsc: '1',
    'next-url': '/',
    'x-freehold-path': '/audit',
    'x-freehold-ip': '127.0.0.1',
    'x-freehold-request-id': result.requestId,
  })
})

describe('B03: the Host header', () => {
  test.each([
    ['ACME.localhost.:3000', 'acme.localhost:3000'],
    ['acme.localhost', 'acme.localhost'],
    ['[::1]:3000', '[::1]:3000'],
    ['10.0.0.5:3000', '10.0.0.5:3000'],
  ])('%s is %s', async (sent, host) => {
    const { result, headers } = await pass([GET, `Host: ${sent}`])
    expect(result.host).toBe(host)
    expect(headers.host).toBe(host)
  })

  test.each([
    ['missing', [GET]],
    ['missing in HTTP/1.0', ['GET / HTTP/1.0']],
    ['empty', [GET, 'Host:']],
    ['twice', [GET, HOST, 'Host: bolt.localhost']],
    ['twice, the same', [GET, HOST, HOST]],
    ['a list', [GET, 'Host: acme.localhost, bolt.localhost']],
    ['with a user', [GET, 'Host: bolt@acme.localhost']],
    ['with a path', [GET, 'Host: acme.localhost/t/bolt']],
    ['with a blank', [GET, 'Host: acme localhost']],
    ['a short address', [GET, 'Host: 127.1']],
    ['a bad port', [GET, 'Host: acme.localhost:99999']],
  ])('%s: 400', async (_name, lines) => {
    expect((await send(lines)).status).toBe(400)
  })
})

describe('B03, B05, B06: the request line', () => {
  test.each([
    ['absolute-form', 'GET http://bolt.localhost:3000/audit HTTP/1.1', 400],
    ['absolute-form to metadata', 'GET http://169.254.169.254/latest HTTP/1.1', 400],
    ['asterisk', 'OPTIONS * HTTP/1.1', 400],
    ['two slashes', 'GET //bolt.localhost/ HTTP/1.1', 400],
    ['dot segments', 'GET /t/acme/../bolt HTTP/1.1', 400],
    ['encoded dot segments', 'GET /a/%2e%2E/b HTTP/1.1', 400],
    ['encoded slash', 'GET /t%2Facme HTTP/1.1', 400],
    ['encoded backslash', 'GET /a%5Cb HTTP/1.1', 400],
    ['backslash', 'GET /a\\b HTTP/1.1', 400],
    ['NUL', 'GET /a%00 HTTP/1.1', 400],
    ['fragment', 'GET /a#b HTTP/1.1', 400],
    ['fragment in the query', 'GET /a?b#c HTTP/1.1', 400],
    ['TRACE', 'TRACE / HTTP/1.1', 405],
    ['PROPFIND', 'PROPFIND / HTTP/1.1', 405],
    ['8 kB of URL', `GET /?${'a'.repeat(8191)} HTTP/1.1`, 414],
  ])('%s', async (_name, line, status) => {
    expect((await send([line, HOST])).status).toBe(status)
  })

  test('CONNECT never reaches a handler', async () => {
    expect((await send(['CONNECT 127.0.0.1:80 HTTP/1.1', HOST])).seen).toBeNull()
  })

  test('8 kB exactly passes', async () => {
    await pass([`GET /?${'a'.repeat(8190)} HTTP/1.1`, HOST])
  })

  test('too many or too long headers: 431', async () => {
    const many = Array.from({ length: 101 }, (_, i) => `X-A${i}: 1`)
    expect((await send([GET, HOST, ...many])).status).toBe(431)
    const cookies = Array.from({ length: 60 }, (_, i) => `c${i}=${'x'.repeat(1000)}`).join('; ')
    expect((await send([GET, HOST, `Cookie: ${cookies}`])).status).toBe(431)
  })

  test('a websocket is refused, except for hot reload', async () => {
    const upgrade = ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: eA==']
    expect((await send([GET, HOST, ...upgrade])).status).toBe(400)
    expect((await send(['GET /_next/hmr HTTP/1.1', HOST, ...upgrade])).status).toBe(400)
    expect((await send([GET, HOST, ...upgrade], { dev: true })).status).toBe(400)
    const { headers } = await pass(['GET /_next/hmr HTTP/1.1', HOST, ...upgrade], { dev: true })
    expect(headers.upgrade).toBe('websocket')
  })

  test('an offer of HTTP/2 is not taken up', async () => {
    const { headers } = await pass([GET, HOST, 'Upgrade: h2c', 'HTTP2-Settings: AAA'])
    expect(headers.upgrade).toBeUndefined()
    expect(headers['http2-settings']).toBeUndefined()
  })
})

describe('B02, B04: headers in our name', () => {
  const SPOOFED = [
    'X-Freehold-Path: /t/bolt',
    'X-Freehold-Ip: 1.1.1.1',
    'X-Freehold-Request-Id: mine',
    'X-Freehold-Nonce: mine',
    'X-Forwarded-Host: bolt.localhost',
    'X-Forwarded-Proto: https',
    'X-Forwarded-For: 1.1.1.1',
    'X-Forwarded-Port: 1',
    'Forwarded: for=1.1.1.1;host=bolt.localhost',
    'X-Real-IP: 1.1.1.1',
    'X-Tenant-Id: bolt',
    'X-User-Id: 1',
    'X-Original-URL: /admin',
    'X-Middleware-Subrequest: middleware:middleware:middleware:middleware:middleware',
    'X-Middleware-Override-Headers: x-tenant',
    'X-Nextjs-Data: 1',
    'X-Invoke-Path: /admin',
    'X-Matched-Path: /admin',
    "Content-Security-Policy: script-src 'nonce-mine'",
  ]

  test('none of them gets through, in either form', async () => {
    const { result, headers, raw } = await pass([GET, HOST, ...SPOOFED])
    expect(result).toMatchObject({
      host: 'acme.localhost:3000',
      proto: 'http',
      clientIp: '127.0.0.1',
      path: '/audit',
    })
    const ours = [
      'host',
      'x-forwarded-host',
      'x-forwarded-proto',
      'x-forwarded-for',
      'x-freehold-path',
      'x-freehold-ip',
    ]
    expect(Object.keys(headers).sort()).toEqual([...ours, 'connection', 'x-freehold-request-id'].sort())
    expect(headers).toMatchObject({
      'x-forwarded-host': 'acme.localhost:3000',
      'x-forwarded-proto': 'http',
      'x-forwarded-for': '127.0.0.1',
    })
    const text = JSON.stringify(raw)
    for (const word of ['bolt', '1.1.1.1', 'mine', 'https', 'subrequest']) expect(text).not.toContain(word)
  })

  test('a repeated header stays repeated, our own come once', async () => {
    const { headers, raw } = await pass([
      GET,
      HOST,
      'X-Forwarded-For: 1.1.1.1',
      'X-Forwarded-For: 2.2.2.2',
      'Accept: a',
      'Accept: b',
    ])
    expect(headers.accept).toBe('a, b')
    expect(raw.filter((item) => item === 'x-forwarded-for')).toHaveLength(1)
    expect(raw.filter((item) => item === 'accept')).toHaveLength(2)
  })

  test('without a trusted proxy the scheme is what PUBLIC_URL says', async () => {
    const lines = [GET, 'Host: acme.portal.example.com', 'X-Forwarded-Proto: http']
    expect((await pass(lines, { site: PORTAL })).result.proto).toBe('https')
  })
})

describe('behind a trusted proxy', () => {
  const trusted = { trustedProxies: LOOPBACK }

  test('its word on client, host and scheme counts', async () => {
    const lines = [
      'X-Forwarded-Host: Bolt.localhost',
      'X-Forwarded-Proto: https',
      'X-Forwarded-For: 9.9.9.9, 198.51.100.1',
    ]
    const { result, headers } = await pass([GET, HOST, ...lines, 'X-Tenant: acme'], trusted)
    expect(result).toMatchObject({ host: 'bolt.localhost', proto: 'https', clientIp: '198.51.100.1' })
    expect(headers).toMatchObject({
      host: 'bolt.localhost',
      'x-forwarded-host': 'bolt.localhost',
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '198.51.100.1',
    })
    expect(headers['x-tenant']).toBeUndefined()
  })

  test('X-Forwarded-For sent in pieces is one list', async () => {
    const lines = [GET, HOST, 'X-Forwarded-For: 9.9.9.9', 'X-Forwarded-For: 198.51.100.1']
    expect((await pass(lines, trusted)).result.clientIp).toBe('198.51.100.1')
  })

  test.each([
    'X-Forwarded-Host: acme.localhost, bolt.localhost',
    'X-Forwarded-Host: bolt@acme.localhost',
    'X-Forwarded-Host: a\r\nX-Forwarded-Host: b',
    'X-Forwarded-Host:',
  ])('a malformed %j is refused', async (line) => {
    expect((await send([GET, HOST, line], trusted)).status).toBe(400)
  })

  test('an odd scheme is not believed', async () => {
    expect((await pass([GET, HOST, 'X-Forwarded-Proto: javascript'], trusted)).result.proto).toBe('http')
  })
})

describe('path mode', () => {
  test.each([
    ['/t/acme/api/trpc/hosts.list?batch=1', '/api/trpc/hosts.list?batch=1', '/t/acme/api/trpc/hosts.list'],
    ['/t/acme/agent/install.sh', '/agent/install.sh', '/t/acme/agent/install.sh'],
    ['/t/acme/login/hand-off?code=x', '/login/hand-off?code=x', '/t/acme/login/hand-off'],
    ['/t/acme/login', '/t/acme/login', '/t/acme/login'],
    ['/t/acme/api', '/api', '/t/acme/api'],
    ['/t/acme/apiary', '/t/acme/apiary', '/t/acme/apiary'],
    ['/t/acme/audit?x=/api/y', '/t/acme/audit?x=/api/y', '/t/acme/audit'],
    ['/t/www/api/x', '/t/www/api/x', '/t/www/api/x'],
    ['/api/x', '/api/x', '/api/x'],
  ])('%s goes to %s', async (sent, url, path) => {
    const { result, headers } = await pass([`GET ${sent} HTTP/1.1`, 'Host: localhost:3000'], { site: PATHS })
    expect(result).toMatchObject({ url, path })
    expect(headers['x-freehold-path']).toBe(path)
  })

  test('with subdomains nothing is taken off', async () => {
    expect((await pass(['GET /t/acme/api/x HTTP/1.1', 'Host: localhost:3000'])).url).toBe('/t/acme/api/x')
  })
})
