import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { allow } from '@/server/features/allow-list/allow.fixture'
import { createGuardedServer } from '@/server/http/server'
import { createWorld, type World } from '@/test/world'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

let world: World
const servers: http.Server[] = []
/** What Next would answer, behind a proxy that is trusted and without one. */
async function serve(trustedProxies: string[]): Promise<number> {
  const server = createGuardedServer(
    (_req, res) => {
      res.end('page')
      return Promise.resolve()
    },
    { trustedProxies, dev: false },
  )
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
let plain: number
let proxied: number
beforeAll(async () => {
  world = await createWorld()
  plain = await serve([])
  proxied = await serve(['127.0.0.1'])
})
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  await world.close()
})
beforeEach(() => world.restore())

interface Answer {
  status: number
  text: string
  headers: http.IncomingHttpHeaders
}
const ask = (path: string, headers: Record<string, string> = {}, port = plain): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const all = { host: 'acme.localhost:3000', ...headers }
    http
      .get({ port, host: '127.0.0.1', path, headers: all, agent: false }, (res) => {
        let text = ''
        res.on('data', (chunk: Buffer) => (text += chunk.toString()))
        res.on('end', () => resolve({ status: res.statusCode ?? 0, text, headers: res.headers }))
      })
      .on('error', reject)
  })

const PAGES = [
  '/',
  '/login',
  '/login?next=/audit',
  '/forgot',
  '/reset',
  '/verify',
  '/invitation',
  '/setup',
  '/audit',
  '/no/such/page',
  '/settings/security',
]

describe('a page that is asked for from an address that is not allowed', () => {
  it('is one and the same page, whoever asks for whatever; Next is not asked', async () => {
    for (const path of PAGES) expect((await ask(path)).text).toBe('page')
    await allow(world, 'A', '198.51.100.0/24')
    const cookie = { cookie: world.factsOf('Ada').cookie ?? '' }
    const bodies = new Set<string>()
    for (const path of PAGES)
      for (const headers of [{}, cookie]) {
        const { status, text, headers: said } = await ask(path, headers)
        expect([path, status]).toEqual([path, 403])
        expect(said['cache-control']).toBe('no-store')
        expect(said['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/)
        expect(said['set-cookie']).toBeUndefined()
        bodies.add(text)
      }
    expect(bodies.size).toBe(1)
    const [body = ''] = bodies
    expect(body).toContain('This address is not allowed here')
    expect(body).toContain('<strong>127.0.0.1</strong>')
    expect(body).toContain('href="/emergency"')
    expect(body).not.toMatch(/acme/i)
  })

  it('leaves open what is named, spelled like that, and files', async () => {
    await allow(world, 'A', '198.51.100.0/24')
    for (const path of [
      '/emergency',
      '/emergency?step=second',
      '/impersonation-over?why=quit',
      '/icon.svg',
      '/favicon.ico',
      '/_next/static/x.js',
    ])
      expect([path, (await ask(path)).text]).toEqual([path, 'page'])
    for (const path of [
      '/emergency/',
      '/Emergency',
      '/emergenc%79',
      '/emergency/x',
      '/emergency;x',
      '/_next/data/x.json',
      '/_next/image?url=x',
      '/favicon.ico/x',
      '/x/_next/static/',
    ])
      expect([path, (await ask(path)).status]).toEqual([path, 403])
  })

  it('does not believe what a client says of its address; a trusted proxy it does', async () => {
    await allow(world, 'A', '198.51.100.0/24')
    const said = {
      'x-forwarded-for': '198.51.100.7',
      'x-real-ip': '198.51.100.7',
      'x-freehold-ip': '198.51.100.7',
      forwarded: 'for=198.51.100.7',
    }
    expect((await ask('/login', said)).status).toBe(403)
    expect((await ask('/api/auth/csrf', said)).status).toBe(403)
    expect((await ask('/login', { 'x-forwarded-for': '198.51.100.7' }, proxied)).text).toBe('page')
    expect((await ask('/login', { 'x-forwarded-for': '198.51.100.7, 203.0.113.1' }, proxied)).status).toBe(
      403,
    )
    expect((await ask('/login', { 'x-forwarded-for': '203.0.113.1, 198.51.100.7' }, proxied)).text).toBe(
      'page',
    )
    expect((await ask('/login', { 'x-forwarded-for': '::ffff:198.51.100.7' }, proxied)).text).toBe('page')
  })

  it('is refused on that tenant’s host alone, and health answers everywhere', async () => {
    await allow(world, 'A', '198.51.100.0/24')
    for (const host of ['localhost:3000', 'bolt.localhost:3000', 'nosuch.localhost:3000'])
      expect((await ask('/login', { host })).text).toBe('page')
    expect((await ask('/api/health')).status).toBe(200)
    await allow(world, 'M', '198.51.100.0/24')
    expect((await ask('/login', { host: 'localhost:3000' })).status).toBe(403)
    expect((await ask('/login', { host: 'bolt.localhost:3000' })).text).toBe('page')
    expect((await ask('/api/health', { host: 'localhost:3000' })).status).toBe(200)
  })
})
