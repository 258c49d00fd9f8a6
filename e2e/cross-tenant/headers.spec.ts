import type { IncomingHttpHeaders } from 'node:http'
import { differences, essence } from '../fixtures/compare'
import { cookieHeader, requestAs } from '../fixtures/http'
import { addresses } from '../fixtures/pages'
import { demo } from '../fixtures/site'
import { expect, test } from '../fixtures/test'

const acme = demo.tenant('acme')

test('B15: before sign-in a live, a disabled and an unknown subdomain are alike', async () => {
  // Of equal length, for lengths to compare, too, and with one initial, for the mark. Cobalt is disabled; nobody has the others.
  const slugs = ['cobalt', 'cobolt', 'cabman']
  const calls: [string, Parameters<typeof requestAs>[1]?][] = [
    ['/'],
    ['/login'],
    ['/login?hint=tom&next=/audit'],
    ['/setup'],
    ['/infrastructure/hosts'],
    ['/infrastructure/hosts/00000000-0000-4000-8000-000000000009'],
    ['/no/such/page'],
    ['/admin/tenants'],
    ['/api/trpc/account.me'],
    ['/api/trpc/no.such'],
    ['/api/events'],
    ['/api/hosts/export.csv'],
    ['/agent/install.sh'],
    ['/api/sign-in/hand-off/finish?code=x'],
    ['/api/auth/session'],
    [
      '/api/auth/callback/credentials',
      { method: 'POST', body: { login: 'cy', password: 'wrong', csrfToken: 'x' } },
    ],
    [
      '/api/agent/v1/report',
      { method: 'POST', body: {}, headers: { authorization: `Bearer fha_${'a'.repeat(43)}` } },
    ],
  ]
  for (const [path, options] of calls) {
    const [first, ...others] = await Promise.all(
      slugs.map(async (slug) => essence(await requestAs(demo.tenant(slug) + path, options), slug)),
    )
    for (const other of others) expect(differences(first!, other), path).toEqual([])
  }
  // A live one, too: Acme's name has another length, which the length of the page may show and nothing else.
  const withoutLength = async (slug: string) => {
    const answer = essence(await requestAs(`${demo.tenant(slug)}/login`), slug)
    return { ...answer, headers: { ...answer.headers, 'content-length': '' } }
  }
  expect(differences(await withoutLength('acme'), await withoutLength('azure'))).toEqual([])
})

test('B15: a wrong password looks the same at a live, a disabled and an unknown tenant', async () => {
  const attempt = async (slug: string) => {
    const origin = demo.tenant(slug)
    const csrf = await requestAs(`${origin}/api/auth/csrf`)
    const cookie = (csrf.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ')
    const { csrfToken } = JSON.parse(csrf.body) as { csrfToken: string }
    const body = { login: 'cy', password: 'wrong horse battery', csrfToken }
    const answer = await requestAs(`${origin}/api/auth/callback/credentials`, {
      method: 'POST',
      cookie,
      body,
    })
    return essence(answer, slug)
  }
  const [live, disabled, unknown] = [await attempt('acme'), await attempt('cobalt'), await attempt('abcdef')]
  expect(live.status).toBe(401)
  expect(differences(live, disabled)).toEqual([])
  expect(differences(live, unknown)).toEqual([])
})

/** What every page says, whoever asks. */
function expectGuarded(headers: IncomingHttpHeaders, path: string): void {
  const csp = String(headers['content-security-policy'])
  expect(headers['cache-control'], path).toContain('no-store')
  expect(headers['x-content-type-options'], path).toBe('nosniff')
  expect(headers['referrer-policy'], path).toBe('same-origin')
  expect(headers['cross-origin-opener-policy'], path).toBe('same-origin')
  expect(csp, path).toMatch(/script-src 'self' 'nonce-[A-Za-z0-9+/=]{20,}' 'strict-dynamic'/)
  expect(csp, path).not.toMatch(/script-src[^;]*unsafe/)
  expect(csp, path).toContain("default-src 'none'")
  expect(csp, path).toContain("frame-ancestors 'none'")
  expect(csp, path).toContain("base-uri 'none'")
  expect(headers['access-control-allow-origin'], path).toBeUndefined()
  expect(headers['x-powered-by'], path).toBeUndefined()
}

test('B16: no page is stored, framed or given to other origins', async ({ asUser }) => {
  const mara = await asUser('Mara, MSP admin')
  await mara.goto(demo.main)
  const cookie = await cookieHeader(mara, demo.main)
  const nonces = new Set<string>()
  for (const [name, path] of await addresses(mara, (page) => page.endsWith('provider-access'))) {
    for (const with_ of [cookie, undefined]) {
      const answer = await requestAs(demo.main + path, {
        cookie: with_,
        headers: { origin: 'https://evil.example' },
      })
      expectGuarded(answer.headers, path)
      nonces.add(String(answer.headers['content-security-policy']))
      if (with_ && !name.startsWith('(auth)')) expect(answer.status, path).toBe(200)
      if (!with_) expect(answer.body, path).not.toContain('Northwind')
    }
  }
  expect(nonces.size).toBeGreaterThan(30) // a fresh one each time
  const missing = await requestAs(`${demo.main}/no/such/page`, { cookie })
  expect(missing.status).toBe(404)
  expectGuarded(missing.headers, '/no/such/page')
})

test('B16: the same address gives each tenant its own, and a file name deceives no cache', async ({
  asUser,
}) => {
  const ada = await asUser("Ada, Acme's owner")
  await ada.goto(acme)
  const cookie = await cookieHeader(ada, acme)
  for (const path of [
    '/account.css',
    '/account/x.css',
    '/account/logo.png',
    '/infrastructure/hosts.js',
    '/audit/%20.css',
  ]) {
    const answer = await requestAs(acme + path, { cookie })
    expect(answer.status, path).toBe(404)
    expect(answer.headers['cache-control'], path).toContain('no-store')
    expect(answer.body, path).not.toContain('ada@')
  }
  for (const path of ['/api/trpc/account.me', '/api/hosts/export.csv', '/api/auth/csrf']) {
    const answer = await requestAs(acme + path, { cookie, headers: { origin: demo.tenant('bolt') } })
    expect(answer.status, path).toBe(200)
    expect(answer.headers['cache-control'], path).toContain('no-store')
    expect(answer.headers['access-control-allow-origin'], path).toBeUndefined()
    expect(answer.headers['x-content-type-options'], path).toBe('nosniff')
  }
  const script = /\/_next\/static\/[^"]+\.js/.exec((await requestAs(`${acme}/login`)).body)?.[0]
  const asset = await requestAs(acme + script!)
  expect(asset.status).toBe(200)
  expect(asset.headers['cache-control']).toContain('immutable')
  expect(asset.headers['x-content-type-options']).toBe('nosniff')
})
