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
const BOLT = 'http://bolt.localhost:3000'

let world: SignInWorld
const browser = (ip?: string) => new Browser(dispatch, ip)
const me = (b: Browser, base: string) =>
  b.call<{ username: string; tenant: { slug: string } }>(base, 'account.me')
const bodyOf = async (response: Response) => {
  const { requestId: _, ...body } = (await response.json()) as Record<string, unknown>
  return body
}
const settle = () => new Promise((resolve) => setTimeout(resolve, 150))

beforeAll(async () => {
  world = await openWorld()
})
beforeEach(async () => {
  site.current = { scheme: 'http', baseHost: 'localhost', port: '3000', tenantUrls: 'subdomain' }
  await world.forgive()
})
afterAll(() => world.close())

describe('signing in', () => {
  it('takes a bare name on a tenant host and on the main host', async () => {
    const tom = browser()
    const response = await tom.signIn(ACME, 'tom', PASSWORD)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ next: '/' })
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect((await me(tom, ACME)).data).toMatchObject({ username: 'tom', tenant: { slug: 'acme' } })

    const mara = browser()
    expect((await mara.signIn(MAIN, 'mara', PASSWORD)).status).toBe(200)
    expect((await me(mara, MAIN)).data).toMatchObject({ username: 'mara', tenant: { slug: 'default' } })
  })

  it('takes home\\name of a member from elsewhere, and a tenant its own prefix; case of names does not matter', async () => {
    const guest = await world.user(world.bolt, 'guest', 'viewer')
    await world.member(world.acme, guest, 'viewer')
    expect((await browser().signIn(ACME, 'bolt\\guest', PASSWORD)).status).toBe(200)
    expect((await browser().signIn(ACME, 'guest', PASSWORD)).status).toBe(401)
    expect((await browser().signIn(ACME, 'bolt\\bo', PASSWORD)).status).toBe(401) // no member of Acme
    expect((await browser().signIn(ACME, 'acme\\tom', PASSWORD)).status).toBe(200)
    expect((await browser().signIn(ACME, 'ACME\\Tom', PASSWORD)).status).toBe(200)
    expect((await browser().signIn(ACME, 'default\\mara', PASSWORD)).status).toBe(200) // parent-level
    expect((await browser().signIn(MAIN, 'default\\mara', PASSWORD)).status).toBe(200)
  })

  it.each([
    'master\\mara',
    '\\tom',
    'acme\\tom\\x',
    'a/../acme\\tom',
    'tom\u0000',
    'tom ',
    ' tom',
    'acme＼tom',
    'acme/tom',
    'аcme\\tom',
    'tоm',
  ])('B14: refuses %j as any wrong name', async (login) => {
    const response = await browser().signIn(ACME, login, PASSWORD)
    expect(response.status).toBe(401)
    expect(await bodyOf(response)).toEqual({
      error: 'unauthenticated',
      message: 'The username or password is wrong.',
      status: 401,
    })
  })

  it('B14: a subtenant user without prefix is nobody on the main host, and the credentials endpoint there takes none with one', async () => {
    expect((await browser().signIn(MAIN, 'tom', PASSWORD)).status).toBe(401)
    expect((await browser().signIn(MAIN, 'acme\\tom', PASSWORD)).status).toBe(401)
  })

  it('C03, B15: unknown, disabled, wrong, expired, foreign, and an unknown tenant give one and the same answer', async () => {
    const gone = await world.user(world.acme, 'gone', 'viewer')
    await world.sql(`update user_account set status = 'disabled' where id = $1`, [gone])
    const late = await world.user(world.acme, 'late', 'viewer')
    await world.sql(
      `update user_credential set must_change = true, expires_at = now() - interval '1 second' where user_id = $1`,
      [late],
    )
    const closed = await world.tenant('closed', 'Closed')
    await world.user(closed, 'tom', 'viewer')
    await world.sql(`update tenant set status = 'disabled' where id = $1`, [closed])
    const answers = await Promise.all(
      [
        [ACME, 'nobody'],
        [ACME, 'gone'],
        [ACME, 'late'],
        [ACME, 'bolt\\bo'],
        ['http://closed.localhost:3000', 'tom'],
        ['http://no-such.localhost:3000', 'tom'],
        [ACME, '..'],
      ].map(async ([base = '', login = '']) => browser().signIn(base, login, PASSWORD)),
    )
    answers.push(await browser().signIn(ACME, 'tom', 'wrong password 123'))
    const shapes = await Promise.all(
      answers.map(async (response) => ({
        status: response.status,
        body: await bodyOf(response),
        headers: [...response.headers.keys()].filter((name) => name !== 'x-request-id'),
      })),
    )
    for (const shape of shapes) expect(shape).toEqual(shapes[0])
    expect(shapes[0]?.status).toBe(401)
    expect(answers.flatMap((response) => response.headers.getSetCookie())).toEqual([])
  })

  it('C03: takes as long for nobody as for somebody', async () => {
    const places = [
      [ACME, 'tom'],
      [ACME, 'nobody'],
      ['http://no-such.localhost:3000', 'tom'],
    ] as const
    /** Times of the unknown names against the known one, from the shortest of ten each, taken in turns. */
    const ratios = async (): Promise<number[]> => {
      const best = places.map(() => Infinity)
      for (let round = 0; round < 10; round++) {
        for (const [i, [base, login]] of places.entries()) {
          await world.forgive()
          const start = performance.now()
          await browser().signIn(base, login, 'wrong password 123')
          best[i] = Math.min(best[i] ?? Infinity, performance.now() - start)
        }
      }
      const [known = 0, ...unknown] = best
      return unknown.map((time) => time / known)
    }
    // Without the dummy hash an unknown name is some 20 ms faster, a ratio of about 0.2, however often one tries. What else
    // the machine does is not there every time.
    let seen: number[] = []
    for (let attempt = 0; attempt < 4; attempt++) {
      seen = await ratios()
      if (seen.every((ratio) => ratio > 0.5 && ratio < 2)) return
    }
    expect.fail(
      `unknown names take ${seen.map((ratio) => ratio.toFixed(2)).join(' and ')} of the time of a known one`,
    )
  }, 60_000)

  it('C17: a first password must be changed at once', async () => {
    const id = await world.user(world.acme, 'fresh', 'viewer')
    await world.sql(
      `update user_credential set must_change = true, expires_at = now() + interval '24 hours' where user_id = $1`,
      [id],
    )
    const b = browser()
    const response = await b.signIn(ACME, 'fresh', PASSWORD, { next: '/audit' })
    expect(await response.json()).toEqual({ next: '/account/password' })
    expect((await b.call(ACME, 'tenants.list')).status).toBe(403)
    const changed = await b.call(ACME, 'account.changePassword', {
      current: PASSWORD,
      password: 'violet-kettle-ridge-7',
      confirm: 'violet-kettle-ridge-7',
    })
    expect(changed.status).toBe(200)
    expect(await (await browser().signIn(ACME, 'fresh', 'violet-kettle-ridge-7')).json()).toEqual({
      next: '/',
    })
  })

  it.each([
    ['/infrastructure/hosts?q=1', '/infrastructure/hosts?q=1'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['https://bolt.localhost:3000/', '/'],
    ['/t/bolt/audit', '/'],
  ])('B11: leads to %s only within the tenant', async (next, expected) => {
    expect(await (await browser().signIn(ACME, 'tom', PASSWORD, { next })).json()).toEqual({ next: expected })
  })

  it('audits what succeeds and what is refused, the latter without a password or a hint', async () => {
    await browser('192.0.2.77').signIn(ACME, 'tom', PASSWORD)
    await browser('192.0.2.77').signIn(ACME, 'tom', 'wrong password 123')
    await browser('192.0.2.77').signIn(ACME, 'my secret password', 'x')
    await settle()
    const rows = await world.sql<{ result: string; reason: string; target_name: string; actor_name: string }>(
      `select result, reason, target_name, actor_name from audit_event where tenant_id = $1 and event = 'session.sign_in' and ip = '192.0.2.77' order by at`,
      [world.acme],
    )
    expect(rows).toEqual([
      { result: 'ok', reason: '', target_name: '', actor_name: 'tom Test (tom)' },
      { result: 'denied', reason: 'refused', target_name: 'tom', actor_name: 'nobody' },
      { result: 'denied', reason: 'refused', target_name: '', actor_name: 'nobody' },
    ])
  })
})

describe('forms of others', () => {
  it('B09: refuses another origin, a sibling, a wrong content type and a missing or foreign form token', async () => {
    const b = browser()
    const { csrfToken } = (await (await b.get(`${ACME}/api/auth/csrf`)).json()) as { csrfToken: string }
    const send = (headers: Record<string, string>, token = csrfToken) =>
      b.post(
        `${ACME}/api/auth/callback/credentials`,
        { login: 'tom', password: PASSWORD, csrfToken: token },
        { headers },
      )
    expect((await send({ origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await send({ origin: BOLT, 'sec-fetch-site': 'same-site' })).status).toBe(403)
    expect((await send({ 'content-type': 'text/plain' })).status).toBe(415)
    expect((await send({ 'content-type': 'multipart/form-data; boundary=x' })).status).toBe(415)
    expect((await send({}, 'f'.repeat(64))).status).toBe(403)
    expect(b.cookiesOf('acme.localhost').has('fh')).toBe(false)
    expect((await send({})).status).toBe(200)

    const other = (await (await browser().get(`${ACME}/api/auth/csrf`)).json()) as { csrfToken: string }
    expect((await b.post(`${ACME}/api/auth/signout`, { csrfToken: other.csrfToken })).status).toBe(403)
    expect(
      (await b.post(`${ACME}/api/auth/signout`, { csrfToken }, { headers: { origin: BOLT } })).status,
    ).toBe(403)
    expect((await me(b, ACME)).status).toBe(200)
  })

  it("offers nothing else of next-auth's", async () => {
    const b = browser()
    await b.signIn(ACME, 'tom', PASSWORD)
    for (const path of [
      'session',
      'providers',
      'signin',
      'error',
      'verify-request',
      '_log',
      'callback/github',
    ]) {
      expect((await b.get(`${ACME}/api/auth/${path}`)).status).toBe(404)
    }
    expect((await b.get(`${ACME}/api/auth/signout`)).status).toBe(405)
    // C12: claims cannot be updated, as there is nothing to update them with
    expect((await b.post(`${ACME}/api/auth/session`, { data: { role: 'owner' } })).status).toBe(404)
  })
})
