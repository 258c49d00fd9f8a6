import { NextRequest } from 'next/server'
import { beforeEach, describe, expect, test, vi } from 'vitest'

/** Runs the middleware as a fresh process with these settings would. */
async function run(
  url: string,
  headers: Record<string, string> = {},
  env: Record<string, string> = {},
  method = 'GET',
) {
  vi.resetModules()
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  const { middleware } = await import('@/middleware')
  const host = new URL(url).host
  const response = middleware(new NextRequest(url, { method, headers: { host, ...headers } }))
  const names = response.headers.get('x-middleware-override-headers')?.split(',') ?? []
  const passedOn = Object.fromEntries(
    names.map((name) => [name, response.headers.get(`x-middleware-request-${name}`)]),
  )
  return {
    response,
    status: response.status,
    passedOn,
    rewrite: response.headers.get('x-middleware-rewrite'),
  }
}

const HTTPS = { PUBLIC_URL: 'https://portal.example.com' }
const PATHS = { TENANT_URLS: 'path' }

beforeEach(() => {
  for (const name of ['PUBLIC_URL', 'TENANT_URLS', 'PORT']) vi.stubEnv(name, '')
})

describe('hosts', () => {
  test.each([
    ['http://localhost:3000/', 200],
    ['http://acme.localhost:3000/audit', 200],
    ['http://nosuchtenant.localhost:3000/audit', 200],
    ['http://www.localhost:3000/', 404],
    ['http://x.acme.localhost:3000/', 404],
    ['http://evil.com/', 404],
    ['http://localhost:3000/t/acme', 404],
    ['http://acme.localhost:3000//x', 400],
    ['http://acme.localhost:3000/t%2Fbolt', 400],
  ])('%s: %d', async (url, status) => expect((await run(url)).status).toBe(status))

  test('the Host header counts, not the URL', async () => {
    expect((await run('http://localhost:3000/', { host: 'evil.com' })).status).toBe(404)
    expect((await run('http://localhost:3000/', { host: 'a@localhost' })).status).toBe(400)
  })

  test('PORT alone gives the default address', async () => {
    const { response } = await run('http://localhost:4001/login?login=acme%5Ctom', {}, { PORT: '4001' })
    expect(response.headers.get('location')).toBe('http://acme.localhost:4001/login?hint=tom')
  })
})

describe('what looks like a file', () => {
  test.each([
    ['http://acme.localhost:3000/account.css', {}],
    ['http://acme.localhost:3000/account/x.css', {}],
    ['http://acme.localhost:3000/infrastructure/networks.js', {}],
    ['http://localhost:3000/t/acme/account/x.css', PATHS],
  ])('%s has no page behind it (B16)', async (url, env) =>
    expect(new URL((await run(url, {}, env)).rewrite ?? url).pathname).toBe('/_/no/page/has/this/address'),
  )

  test.each(['/favicon.ico', '/icon.svg', '/account', '/infrastructure/networks', '/login?next=/a.b'])(
    '%s is itself (positive twin)',
    async (path) => expect((await run(`http://acme.localhost:3000${path}`)).rewrite).toBeNull(),
  )
})

describe('path mode', () => {
  test('takes the prefix off and keeps the query', async () => {
    const { rewrite, passedOn } = await run('http://localhost:3000/t/acme/audit?page=2', {}, PATHS)
    expect(rewrite).toBe('http://localhost:3000/audit?page=2')
    expect(passedOn['x-freehold-path']).toBe('/t/acme/audit')
  })

  test.each(['http://localhost:3000/t/', 'http://localhost:3000/t/www/x', 'http://acme.localhost:3000/'])(
    '%s: 404',
    async (url) => expect((await run(url, {}, PATHS)).status).toBe(404),
  )
})

describe('sign-in belongs elsewhere (B14, B15)', () => {
  test.each([
    ['http://localhost:3000/login?login=acme%5CAlice', {}, 'http://acme.localhost:3000/login?hint=alice'],
    ['http://localhost:3000/login?login=nosuch%5Calice', {}, 'http://nosuch.localhost:3000/login?hint=alice'],
    ['http://localhost:3000/login?login=acme\\alice', {}, 'http://acme.localhost:3000/login?hint=alice'],
    ['http://localhost:3000/login/account/acme', {}, 'http://acme.localhost:3000/login'],
    ['http://localhost:3000/login/account/ACME', {}, 'http://acme.localhost:3000/login'],
    ['http://localhost:3000/login/account/www', {}, 'http://localhost:3000/login'],
    ['http://localhost:3000/login/account/evil.com', {}, 'http://localhost:3000/login'],
    [
      'https://portal.example.com/login?login=acme%5Ctom%40x',
      HTTPS,
      'https://acme.portal.example.com/login?hint=tom%40x',
    ],
    [
      'http://localhost:3000/login?login=acme%5Calice',
      PATHS,
      'http://localhost:3000/t/acme/login?hint=alice',
    ],
    ['http://localhost:3000/login/account/acme', PATHS, 'http://localhost:3000/t/acme/login'],
  ])('%s', async (url, env, location) => {
    const { status, response } = await run(url, {}, env)
    expect(status).toBe(303)
    expect(response.headers.get('location')).toBe(location)
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test.each([
    'login',
    'login?login=mara',
    'login?login=master%5Cadmin',
    'login?login=default%5Cmara',
    'login?login=%5Cu',
    'login?login=a%5Cb%5Cc',
    'login?login=acme%5Cu%20',
    'login?login=acme%EF%BC%BCu',
    'login?login=evil.com%5Cu',
  ])('/%s stays', async (rest) => {
    expect((await run(`http://localhost:3000/${rest}`)).status).toBe(200)
  })

  test('on a tenant’s own host it stays', async () => {
    expect((await run('http://acme.localhost:3000/login?login=bolt%5Cbo')).status).toBe(200)
  })

  test('a POST is not led anywhere', async () => {
    expect((await run('http://localhost:3000/login?login=acme%5Ctom', {}, {}, 'POST')).status).toBe(200)
  })
})

describe('headers', () => {
  test('what could pass for ours goes; path, nonce and policy come (B02, B04)', async () => {
    const { passedOn, response } = await run('http://acme.localhost:3000/audit', {
      'x-freehold-path': '/evil',
      'x-freehold-nonce': 'mine',
      'x-freehold-other': 'mine',
      'x-forwarded-host': 'bolt.localhost',
      'x-tenant': 'bolt',
      'x-org-id': 'bolt',
      'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware',
      'x-middleware-request-x-tenant': 'bolt',
      'content-security-policy': "script-src 'nonce-mine'",
      'x-freehold-ip': '203.0.113.5',
      rsc: '1',
      cookie: 'a=b',
    })
    const policy = response.headers.get('content-security-policy')
    const nonce = passedOn['x-freehold-nonce']
    expect(policy).toContain(`'nonce-${nonce}'`)
    expect(passedOn).toEqual({
      host: 'acme.localhost:3000',
      rsc: '1',
      cookie: 'a=b',
      'x-freehold-ip': '203.0.113.5', // the guard's word; it removes a client's
      'x-freehold-path': '/audit',
      'x-freehold-nonce': nonce,
      'content-security-policy': policy,
    })
  })

  test('a nonce is used once', async () => {
    const [a, b] = [await run('http://localhost:3000/'), await run('http://localhost:3000/')]
    expect(a.passedOn['x-freehold-nonce']).toMatch(/^[A-Za-z0-9+/]{22}==$/)
    expect(a.passedOn['x-freehold-nonce']).not.toBe(b.passedOn['x-freehold-nonce'])
  })

  test.each(['http://localhost:3000/', 'http://evil.com/', 'http://localhost:3000//'])(
    '%s is guarded',
    async (url) => {
      const { headers } = (await run(url)).response
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('same-origin')
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('strict-transport-security')).toBeNull()
    },
  )

  test('HSTS under https', async () => {
    const { response } = await run('https://acme.portal.example.com/', {}, HTTPS)
    expect(response.headers.get('strict-transport-security')).toContain('includeSubDomains')
  })
})

test('the matcher leaves out only what answers without a page', async () => {
  const { config } = await import('@/middleware')
  const matches = (path: string) => new RegExp(`^${config.matcher[0]}$`).test(path)
  for (const path of [
    '/',
    '/login',
    '/audit',
    '/apiary',
    '/API/x',
    '/agents',
    '/_next/data/x',
    '/t/acme/api/x',
  ]) {
    expect([path, matches(path)]).toEqual([path, true])
  }
  for (const path of ['/api', '/api/trpc/x', '/agent/install.sh', '/_next/static/x.js', '/fonts/x.woff2']) {
    expect([path, matches(path)]).toEqual([path, false])
  }
})
