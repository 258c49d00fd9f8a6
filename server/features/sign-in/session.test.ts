import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SiteConfig } from '@/lib/host'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { openWorld, PASSWORD, type SignInWorld } from '@/server/features/sign-in/world.fixture'
import { dispatch } from '@/server/http/dispatch'

const site = vi.hoisted(() => {
  process.env.LOG_LEVEL = 'silent'
  const current: SiteConfig = { scheme: 'http', baseHost: 'localhost', port: '3000', tenantUrls: 'subdomain' }
  return { current }
})
vi.mock('@/server/context/site', () => ({ siteConfig: () => site.current }))

const MAIN = 'http://localhost:3000'
const ACME = 'http://acme.localhost:3000'

let world: SignInWorld
const browser = (ip?: string) => new Browser(dispatch, ip)
const me = (b: Browser, base: string) =>
  b.call<{ username: string; tenant: { slug: string } }>(base, 'account.me')

beforeAll(async () => {
  world = await openWorld()
})
beforeEach(async () => {
  site.current = { scheme: 'http', baseHost: 'localhost', port: '3000', tenantUrls: 'subdomain' }
  await world.forgive()
})
afterAll(() => world.close())

describe('the session', () => {
  it('B01: is worth nothing on another host', async () => {
    const b = browser()
    await b.signIn(ACME, 'tom', PASSWORD)
    const token = b.cookiesOf('acme.localhost').get('fh') ?? ''
    for (const host of ['bolt.localhost', 'localhost', 'no-such.localhost']) {
      b.cookiesOf(host).set('fh', token)
      expect((await me(b, `http://${host}:3000`)).status).toBe(401)
    }
    expect((await me(b, ACME)).status).toBe(200)
  })

  it('C10: is new at each sign-in, never the one that was there, and the old one ends', async () => {
    const b = browser()
    b.cookiesOf('acme.localhost').set('fh', 'A'.repeat(43))
    await b.signIn(ACME, 'tom', PASSWORD)
    const first = b.cookiesOf('acme.localhost').get('fh') ?? ''
    expect(first).toMatch(/^[\w-]{43}$/)
    expect(first).not.toBe('A'.repeat(43))
    await b.signIn(ACME, 'ada', PASSWORD)
    const second = b.cookiesOf('acme.localhost').get('fh') ?? ''
    expect(second).not.toBe(first)
    expect((await me(b, ACME)).data.username).toBe('ada')
    b.cookiesOf('acme.localhost').set('fh', first)
    expect((await me(b, ACME)).status).toBe(401)
  })

  it('is opaque: the database holds no token', async () => {
    const b = browser()
    await b.signIn(ACME, 'tom', PASSWORD)
    const token = b.cookiesOf('acme.localhost').get('fh') ?? ''
    const [row] = await world.sql<{ text: string }>(`select string_agg(s::text, ' ') as text from session s`)
    expect(row?.text).not.toContain(token)
    expect(row?.text).not.toContain(Buffer.from(token).toString('hex'))
  })

  it('C11: ends with sign-out, which leads to the own sign-in page; a replayed cookie is dead', async () => {
    const b = browser()
    await b.signIn(ACME, 'tom', PASSWORD)
    const token = b.cookiesOf('acme.localhost').get('fh') ?? ''
    const response = await b.signOut(ACME)
    expect(await response.json()).toEqual({ next: '/login' })
    expect(b.cookiesOf('acme.localhost').has('fh')).toBe(false)
    b.cookiesOf('acme.localhost').set('fh', token)
    expect((await me(b, ACME)).status).toBe(401)
    expect((await browser().signOut(ACME)).status).toBe(200) // nobody signed in: no harm
  })

  it('C13, rule 11: a disabled tenant, user or home is out in the next request, and cannot come in', async () => {
    const b = browser()
    await b.signIn(ACME, 'tom', PASSWORD)
    for (const [off, on] of [
      [
        `update tenant set status = 'disabled' where slug = 'acme'`,
        `update tenant set status = 'active' where slug = 'acme'`,
      ],
      [
        `update user_account set status = 'disabled' where username = 'tom'`,
        `update user_account set status = 'active' where username = 'tom'`,
      ],
    ] as const) {
      expect((await me(b, ACME)).status).toBe(200)
      await world.sql(off)
      expect((await me(b, ACME)).status).toBe(401)
      expect((await browser().signIn(ACME, 'tom', PASSWORD)).status).toBe(401)
      await world.sql(on)
    }
    expect((await browser().signIn(ACME, 'tom', PASSWORD)).status).toBe(200)
  })

  it('C15: ends after 30 idle minutes and after 12 hours, used or not', async () => {
    const b = browser()
    await b.signIn(ACME, 'tom', PASSWORD)
    const [row] = await world.sql<{ idle: number; absolute: number; id: string }>(
      `select id, extract(epoch from idle_expires_at - created_at)::int idle, extract(epoch from absolute_expires_at - created_at)::int absolute
       from session order by created_at desc limit 1`,
    )
    expect(row).toMatchObject({ idle: 1800, absolute: 43_200 })
    await world.sql(`update session set idle_expires_at = now() - interval '1 second' where id = $1`, [
      row?.id,
    ])
    expect((await me(b, ACME)).status).toBe(401)
    await world.sql(`update session set idle_expires_at = now() + interval '5 minutes' where id = $1`, [
      row?.id,
    ])
    expect((await me(b, ACME)).status).toBe(200)
    await world.sql(`update session set absolute_expires_at = now() - interval '1 second' where id = $1`, [
      row?.id,
    ])
    expect((await me(b, ACME)).status).toBe(401)
  })

  it('a failing database signs nobody in or out: 503 and no cookie is touched', async () => {
    const b = browser()
    await b.signIn(ACME, 'tom', PASSWORD)
    const { csrfToken } = (await (await b.get(`${ACME}/api/auth/csrf`)).json()) as { csrfToken: string }
    const before = new Map(b.cookiesOf('acme.localhost'))
    const { database } = await import('@/server/db/runtime')
    const system = database().system
    const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const real = system.query.bind(system)
    const query = vi.spyOn(system, 'query')
    // The context still loads; the outage begins between it and the work.
    query.mockImplementation(((config: { text: string }) =>
      config.text.includes('auth_context') ? real(config) : Promise.reject(away)) as never)
    expect((await b.post(`${ACME}/api/auth/signout`, { csrfToken })).status).toBe(503)
    expect(
      (await b.post(`${ACME}/api/auth/callback/credentials`, { login: 'tom', password: PASSWORD, csrfToken }))
        .status,
    ).toBe(503)
    query.mockRestore()
    expect(b.cookiesOf('acme.localhost')).toEqual(before)
    expect((await me(b, ACME)).status).toBe(200)
  })
})

describe('cookies', () => {
  const cookiesSet = async (base: string) => {
    const b = browser()
    expect((await b.signIn(base, 'tom', PASSWORD)).status).toBe(200)
    return b
  }
  const parts = (header = '') => header.split('; ').map((part) => part.toLowerCase())

  it('are host-only, HttpOnly and Lax on http', async () => {
    const b = await cookiesSet(ACME)
    expect([...b.cookiesOf('acme.localhost').keys()].sort()).toEqual(['fh', 'fh-csrf', 'fh-known'])
    for (const header of b.setCookies) {
      expect(parts(header)).toEqual(expect.arrayContaining(['path=/', 'httponly', 'samesite=lax']))
      expect(header).not.toMatch(/domain=|secure/i)
    }
  })

  it('B10: are __Host- and Secure under https; one that a sibling planted under the plain name is not read', async () => {
    site.current = { scheme: 'https', baseHost: 'portal.example', port: '', tenantUrls: 'subdomain' }
    const base = 'https://acme.portal.example'
    const b = await cookiesSet(base)
    expect([...b.cookiesOf('acme.portal.example').keys()].sort()).toEqual([
      '__Host-fh',
      '__Host-fh-csrf',
      '__Host-fh-known',
    ])
    for (const header of b.setCookies) {
      expect(parts(header)).toEqual(expect.arrayContaining(['path=/', 'secure', 'httponly', 'samesite=lax']))
      expect(header).not.toMatch(/domain=/i)
    }
    expect((await me(b, base)).status).toBe(200)
    const planted = browser()
    planted
      .cookiesOf('acme.portal.example')
      .set('fh', b.cookiesOf('acme.portal.example').get('__Host-fh') ?? '')
    expect((await me(planted, base)).status).toBe(401)
  })

  it('have a name for each tenant where tenants are paths of one host; two tenants at once do not mix', async () => {
    site.current = { scheme: 'http', baseHost: 'localhost', port: '3000', tenantUrls: 'path' }
    const b = browser()
    const response = await b.signIn(`${MAIN}/t/acme`, 'tom', PASSWORD, { next: '/t/bolt/audit' })
    expect(await response.json()).toEqual({ next: '/t/acme' })
    expect((await b.signIn(`${MAIN}/t/bolt`, 'bo', PASSWORD)).status).toBe(200)
    expect((await b.signIn(MAIN, 'mara', PASSWORD)).status).toBe(200)
    const names = [...b.cookiesOf('localhost').keys()].filter((name) => /^fh(\.|$)/.test(name))
    expect(names.sort()).toEqual(['fh', 'fh.acme', 'fh.bolt'])
    expect((await me(b, `${MAIN}/t/acme`)).data.username).toBe('tom')
    expect((await me(b, `${MAIN}/t/bolt`)).data.username).toBe('bo')
    expect((await me(b, MAIN)).data.username).toBe('mara')
    expect(await (await b.signOut(`${MAIN}/t/acme`)).json()).toEqual({ next: '/t/acme/login' })
    expect((await me(b, `${MAIN}/t/acme`)).status).toBe(401)
    expect((await me(b, `${MAIN}/t/bolt`)).status).toBe(200)
  })
})
