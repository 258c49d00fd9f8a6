import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SiteConfig } from '@/lib/host'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { readTicket, signTicket } from '@/server/features/sign-in/ticket'
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
const STEP = '/api/sign-in/hand-off'

let world: SignInWorld
const browser = () => new Browser(dispatch)
const start = (b: Browser, login = 'acme\\tom', password = PASSWORD) =>
  b.post(`${MAIN}${STEP}`, { login, password })
const nextOf = async (response: Response) => ((await response.json()) as { next: string }).next
const location = (response: Response) => {
  expect(response.status).toBe(303)
  return response.headers.get('location') ?? ''
}
/** As far as the address of the last step, which holds the code. */
async function untilCode(b: Browser): Promise<string> {
  const begin = await nextOf(await start(b))
  return location(await b.get(location(await b.get(begin))))
}
const whoAmI = async (b: Browser, base: string) =>
  (await b.call<{ username: string }>(base, 'account.me')).data?.username

beforeAll(async () => {
  world = await openWorld()
})
beforeEach(async () => {
  site.current = { scheme: 'http', baseHost: 'localhost', port: '3000', tenantUrls: 'subdomain' }
  await world.forgive()
})
afterAll(() => world.close())

describe('acme\\tom on the main host', () => {
  it("ends up signed in on Acme's host, and nowhere else", async () => {
    const b = browser()
    const begin = await nextOf(await start(b))
    expect(begin).toBe(`${ACME}${STEP}/begin`)
    const proceed = location(await b.get(begin))
    expect(proceed).toMatch(
      /^http:\/\/localhost:3000\/api\/sign-in\/hand-off\/continue\?tenant=acme&n=[0-9a-f]{64}$/,
    )
    const finish = location(await b.get(proceed))
    expect(finish).toMatch(/^http:\/\/acme\.localhost:3000\/api\/sign-in\/hand-off\/finish\?code=[\w-]{43}$/)
    const done = await b.get(finish)
    expect(location(done)).toBe('/')
    expect(done.headers.get('referrer-policy')).toBe('no-referrer')
    expect(await whoAmI(b, ACME)).toBe('tom')
    expect(await whoAmI(b, MAIN)).toBeUndefined()
    expect(await whoAmI(b, BOLT)).toBeUndefined()
    // Nothing is left of the way but the device, known on both hosts.
    expect([...b.cookiesOf('localhost').keys()]).toEqual(['fh-known'])
    expect([...b.cookiesOf('acme.localhost').keys()].sort()).toEqual(['fh', 'fh-known'])
    for (const header of b.setCookies) expect(header).toMatch(/; HttpOnly; SameSite=Lax$/)
  })

  it('works where tenants are paths, and under https', async () => {
    site.current = { scheme: 'https', baseHost: 'portal.example', port: '', tenantUrls: 'path' }
    const b = browser()
    const main = 'https://portal.example'
    const begin = await nextOf(await b.post(`${main}${STEP}`, { login: 'acme\\tom', password: PASSWORD }))
    expect(begin).toBe(`${main}/t/acme${STEP}/begin`)
    const finish = location(await b.get(location(await b.get(begin))))
    expect(location(await b.get(finish))).toBe('/t/acme')
    expect(await whoAmI(b, `${main}/t/acme`)).toBe('tom')
    expect(b.cookiesOf('portal.example').has('__Host-fh.acme')).toBe(true)
  })

  it('leads to the new password when one is due, and replaces the session that was there', async () => {
    const b = browser()
    await b.signIn(ACME, 'ada', PASSWORD)
    const old = b.cookiesOf('acme.localhost').get('fh') ?? ''
    await world.sql(`update user_credential set must_change = true where user_id = $1`, [world.ids.tom])
    expect(location(await b.get(await untilCode(b)))).toBe('/account/password')
    await world.sql(`update user_credential set must_change = false where user_id = $1`, [world.ids.tom])
    expect(await whoAmI(b, ACME)).toBe('tom')
    b.cookiesOf('acme.localhost').set('fh', old)
    expect(await whoAmI(b, ACME)).toBeUndefined()
  })

  it.each([
    ['a wrong password', 'acme\\tom', 'wrong password 123'],
    ['an unknown name', 'acme\\nobody', PASSWORD],
    ['an unknown tenant', 'no-such\\tom', PASSWORD],
    ['a bare name', 'tom', PASSWORD],
    ['the master', 'default\\mara', PASSWORD],
    ['another home', 'bolt\\tom', PASSWORD],
    ['nonsense', 'a\\b\\c', PASSWORD],
  ])('refuses %s like any other, and gives no ticket', async (_what, login, password) => {
    const b = browser()
    const response = await start(b, login, password)
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({
      error: 'unauthenticated',
      message: 'The username or password is wrong.',
    })
    expect(response.headers.getSetCookie()).toEqual([])
  })

  it('B09: takes the form from its own page only, on the main host only', async () => {
    const body = { login: 'acme\\tom', password: PASSWORD }
    const send = (headers: Record<string, string>) => browser().post(`${MAIN}${STEP}`, body, { headers })
    expect((await send({ origin: ACME, 'sec-fetch-site': 'same-site' })).status).toBe(403)
    expect((await send({ origin: 'http://evil.example' })).status).toBe(403)
    expect((await send({ 'content-type': 'text/plain' })).status).toBe(415)
    expect((await browser().post(`${ACME}${STEP}`, body)).status).toBe(404)
    expect((await send({})).status).toBe(200)
  })
})

describe('the code', () => {
  const refused = async (response: Response, base: string) =>
    expect(location(response)).toBe(`${base}/login?problem=hand-off`)

  it('is worth nothing in another browser: without the nonce it would be login CSRF', async () => {
    const attacker = browser()
    const finish = await untilCode(attacker)
    const victim = browser()
    await refused(await victim.get(finish), ACME)
    expect(await whoAmI(victim, ACME)).toBeUndefined()
    // With a nonce of the victim's own, too.
    await victim.get(`${ACME}${STEP}/begin`)
    await refused(await victim.get(finish), ACME)
    expect(victim.cookiesOf('acme.localhost').has('fh')).toBe(false)
    // Its twin: where the nonce is, it works.
    expect(location(await attacker.get(finish))).toBe('/')
  })

  it('works once', async () => {
    const b = browser()
    const finish = await untilCode(b)
    const nonce = b.cookiesOf('acme.localhost').get('fh-nonce') ?? ''
    expect(location(await b.get(finish))).toBe('/')
    const again = browser()
    again.cookiesOf('acme.localhost').set('fh-nonce', nonce)
    await refused(await again.get(finish), ACME)
  })

  it('works once when it is redeemed many times at once', async () => {
    const b = browser()
    const finish = await untilCode(b)
    const answers = await Promise.all(Array.from({ length: 8 }, () => b.get(finish)))
    expect(answers.filter((response) => response.headers.get('location') === '/')).toHaveLength(1)
  })

  it('lives 30 seconds', async () => {
    const b = browser()
    const finish = await untilCode(b)
    const [row] = await world.sql<{ left: number }>(
      `select extract(epoch from expires_at - now())::float as left from sign_in_code where used_at is null order by expires_at desc limit 1`,
    )
    expect(row?.left).toBeGreaterThan(20)
    expect(row?.left).toBeLessThanOrEqual(30)
    await world.sql(
      `update sign_in_code set expires_at = now() - interval '1 millisecond' where used_at is null`,
    )
    await refused(await b.get(finish), ACME)
    expect(await whoAmI(b, ACME)).toBeUndefined()
  })

  it("is worth nothing on another tenant's host, even with the nonce there, and not on the main host", async () => {
    const b = browser()
    const finish = await untilCode(b)
    const nonce = b.cookiesOf('acme.localhost').get('fh-nonce') ?? ''
    b.cookiesOf('bolt.localhost').set('fh-nonce', nonce)
    await refused(await b.get(finish.replace(ACME, BOLT)), BOLT)
    expect(await whoAmI(b, BOLT)).toBeUndefined()
    expect((await b.get(finish.replace(ACME, MAIN))).status).toBe(404)
    expect(location(await b.get(finish))).toBe('/')
  })

  it('is refused when the tenant or the user was disabled on the way', async () => {
    const b = browser()
    const finish = await untilCode(b)
    await world.sql(`update user_account set status = 'disabled' where id = $1`, [world.ids.tom])
    await refused(await b.get(finish), ACME)
    await world.sql(`update user_account set status = 'active' where id = $1`, [world.ids.tom])
    const second = await untilCode(b)
    await world.sql(`update tenant set status = 'disabled' where id = $1`, [world.acme])
    await refused(await b.get(second), ACME)
    await world.sql(`update tenant set status = 'active' where id = $1`, [world.acme])
    expect(location(await b.get(await untilCode(b)))).toBe('/')
  })

  it.each(['', '?code=', '?code=short', `?code=${'x'.repeat(43)}`, `?code=${'x'.repeat(43)}&more=1`])(
    'is never %j',
    async (query) => {
      const b = browser()
      await b.get(`${ACME}${STEP}/begin`)
      await refused(await b.get(`${ACME}${STEP}/finish${query}`), ACME)
    },
  )
})

describe('the ticket', () => {
  const proceed = (b: Browser, tenant: string) =>
    b.get(`${MAIN}${STEP}/continue?tenant=${tenant}&n=${'a'.repeat(64)}`)

  it('is needed, is for one tenant, and is used up', async () => {
    const b = browser()
    expect(location(await proceed(b, 'acme'))).toBe(`${MAIN}/login?problem=hand-off`)
    await start(b)
    expect(location(await proceed(b, 'bolt'))).toBe(`${MAIN}/login?problem=hand-off`)
    expect(location(await proceed(b, 'no-such'))).toBe(`${MAIN}/login?problem=hand-off`)
    expect(location(await proceed(b, '//evil.example'))).toBe(`${MAIN}/login?problem=hand-off`)
    expect(location(await proceed(b, 'acme'))).toContain(`${ACME}${STEP}/finish?code=`)
    expect(location(await proceed(b, 'acme'))).toBe(`${MAIN}/login?problem=hand-off`)
  })

  it('cannot be forged, carried to another tenant or kept beyond a minute', () => {
    const who = { tenantId: world.acme, userId: world.ids.tom, slug: 'acme', changed: '1' }
    const text = signTicket(who)
    expect(readTicket(text, 'acme')).toMatchObject(who)
    expect(readTicket(text, 'bolt')).toBeNull()
    const [payload = '', mac = ''] = text.split('.')
    const fields = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
    const forged = Buffer.from(JSON.stringify({ ...fields, userId: world.ids.ada })).toString('base64url')
    expect(readTicket(`${forged}.${mac}`, 'acme')).toBeNull()
    expect(readTicket(signTicket(who, Date.now() - 61_000), 'acme')).toBeNull()
    for (const junk of [null, '', '.', 'x.y', payload]) expect(readTicket(junk, 'acme')).toBeNull()
  })
})
