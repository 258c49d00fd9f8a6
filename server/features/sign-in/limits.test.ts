import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { openWorld, PASSWORD, type SignInWorld } from '@/server/features/sign-in/world.fixture'
import { dispatch } from '@/server/http/dispatch'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

const MAIN = 'http://localhost:3000'
const ACME = 'http://acme.localhost:3000'
const BOLT = 'http://bolt.localhost:3000'
const WRONG = 'wrong password 123'

let world: SignInWorld
let octet = 0
/** A browser at an address of its own. */
const elsewhere = () => new Browser(dispatch, `203.0.113.${++octet}`)

/** Windows begin at fixed times: not across one. */
async function clearOfWindowEdge(): Promise<void> {
  const left = 900_000 - (Date.now() % 900_000)
  if (left < 12_000) await new Promise((resolve) => setTimeout(resolve, left + 100))
}

beforeAll(async () => {
  world = await openWorld()
}, 60_000)
beforeEach(async () => {
  await world.forgive()
  await clearOfWindowEdge()
}, 20_000)
afterAll(() => world.close())

describe('attempts (C01)', () => {
  it('are 10 an account in 15 minutes, from wherever, by whatever spelling; then not even the right password', async () => {
    const names = ['tom', 'acme\\tom', 'TOM', 'tom', 'tom', 'tom', 'tom', 'tom', 'tom', 'Acme\\Tom']
    for (const name of names) expect((await elsewhere().signIn(ACME, name, WRONG)).status).toBe(401)
    const refused = await elsewhere().signIn(ACME, 'tom', PASSWORD)
    expect(refused.status).toBe(429)
    const wait = Number(refused.headers.get('retry-after'))
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(900)
    expect(await refused.json()).toMatchObject({
      error: 'rate_limited',
      message: expect.stringMatching(/^Too many attempts\. Try again in /),
    })
    // Others are not concerned, nor is a namesake of another tenant.
    expect((await elsewhere().signIn(ACME, 'ada', PASSWORD)).status).toBe(200)
    expect((await elsewhere().signIn(BOLT, 'tom', WRONG)).status).toBe(401)
  })

  it('count the same on the main host: acme\\tom there is tom on Acme', async () => {
    for (let i = 0; i < 5; i++) expect((await elsewhere().signIn(ACME, 'tom', WRONG)).status).toBe(401)
    const start = (password: string) =>
      elsewhere().post(`${MAIN}/api/sign-in/hand-off`, { login: 'acme\\tom', password })
    for (let i = 0; i < 5; i++) expect((await start(WRONG)).status).toBe(401)
    expect((await start(PASSWORD)).status).toBe(429)
    expect((await elsewhere().signIn(ACME, 'tom', PASSWORD)).status).toBe(429)
  })

  it('are refused in the same words for an unknown account and an unknown tenant (C03)', async () => {
    const last = async (base: string, login: string) => {
      for (let i = 0; i < 10; i++) await elsewhere().signIn(base, login, WRONG)
      const response = await elsewhere().signIn(base, login, WRONG)
      const { message, error, status } = (await response.json()) as Record<string, string>
      return { message, error, status }
    }
    const known = await last(ACME, 'tom')
    expect(known.status).toBe(429)
    expect(await last(ACME, 'nobody')).toEqual(known)
    expect(await last('http://no-such.localhost:3000', 'tom')).toEqual(known)
  })

  it('hold over several processes', async () => {
    vi.resetModules()
    const second = (await import('@/server/http/dispatch')).dispatch
    expect(second).not.toBe(dispatch)
    for (let i = 0; i < 10; i++) {
      const response = await elsewhere().signIn(ACME, 'tom', WRONG, { server: i % 2 ? second : dispatch })
      expect(response.status).toBe(401)
    }
    expect((await elsewhere().signIn(ACME, 'tom', PASSWORD, { server: dispatch })).status).toBe(429)
    expect((await elsewhere().signIn(ACME, 'tom', PASSWORD, { server: second })).status).toBe(429)
  })

  it('hold when they come all at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 25 }, () => elsewhere().signIn(ACME, 'tom', WRONG)),
    )
    const statuses = answers.map((response) => response.status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(10)
    expect(statuses.filter((status) => status === 429)).toHaveLength(15)
  })

  it('are given back by a success', async () => {
    for (let i = 0; i < 9; i++) await elsewhere().signIn(ACME, 'tom', WRONG)
    expect((await elsewhere().signIn(ACME, 'tom', PASSWORD)).status).toBe(200)
    for (let i = 0; i < 9; i++) expect((await elsewhere().signIn(ACME, 'tom', WRONG)).status).toBe(401)
  })

  it('are 50 an address and tenant for one password on many names; another tenant and another address go on', async () => {
    const sprayer = '198.51.100.7'
    const spray = (base: string, name: string) => new Browser(dispatch, sprayer).signIn(base, name, WRONG)
    const answers = []
    for (let i = 0; i < 51; i++) answers.push((await spray(ACME, `user${i}`)).status)
    expect(answers.filter((status) => status === 401)).toHaveLength(50)
    expect(answers[50]).toBe(429)
    expect((await spray(BOLT, 'bo')).status).toBe(401)
    expect((await elsewhere().signIn(ACME, 'tom', PASSWORD)).status).toBe(200)
  })

  it('are 200 an address over all tenants; in IPv6 its /64 is one', async () => {
    const at = (ip: string) => new Browser(dispatch, ip).signIn(ACME, 'tom', PASSWORD)
    await at('2001:db8:1:2::1')
    await world.sql(`update rate_limit set hits = 200 where bucket like 'sign-in.ip:%'`)
    expect((await at('2001:db8:1:2:ffff::9')).status).toBe(429)
    expect((await at('2001:db8:1:3::1')).status).toBe(200)
  })
})

describe('C02 a device that signed in before', () => {
  it('still enters with the right password while the account is under attack', async () => {
    const victim = elsewhere()
    expect((await victim.signIn(ACME, 'tom', PASSWORD)).status).toBe(200)
    await victim.signOut(ACME)
    for (let i = 0; i < 12; i++) await elsewhere().signIn(ACME, 'tom', WRONG)
    expect((await elsewhere().signIn(ACME, 'tom', PASSWORD)).status).toBe(429)
    expect((await victim.signIn(ACME, 'tom', PASSWORD)).status).toBe(200)
  })

  it('has ten tries of its own, for that person only, and its cookie cannot be made up', async () => {
    const known = elsewhere()
    await known.signIn(ACME, 'tom', PASSWORD)
    for (let i = 0; i < 10; i++) {
      await elsewhere().signIn(ACME, 'ada', WRONG)
      expect((await known.signIn(ACME, 'tom', WRONG)).status).toBe(401)
    }
    expect((await known.signIn(ACME, 'tom', PASSWORD)).status).toBe(429)
    expect((await known.signIn(ACME, 'ada', PASSWORD)).status).toBe(429) // not known as Ada

    const cookie = known.cookiesOf('acme.localhost').get('fh-known') ?? ''
    const forger = elsewhere()
    for (let i = 0; i < 10; i++) await elsewhere().signIn(ACME, 'tom', WRONG)
    for (const forged of [cookie.replace(/^[^~]*/, 'zzzzzz'), `zzzzzz~${'0'.repeat(40)}`, 'x', '~']) {
      forger.cookiesOf('acme.localhost').set('fh-known', forged)
      expect((await forger.signIn(ACME, 'tom', PASSWORD)).status).toBe(429)
    }
  })

  it('remembers several people, and is forgotten with its signature', async () => {
    const shared = elsewhere()
    for (const name of ['tom', 'ada']) await shared.signIn(ACME, name, PASSWORD)
    expect(shared.cookiesOf('acme.localhost').get('fh-known')?.split('.')).toHaveLength(2)
    for (const name of ['tom', 'ada'])
      for (let i = 0; i < 10; i++) await elsewhere().signIn(ACME, name, WRONG)
    for (const name of ['tom', 'ada']) expect((await shared.signIn(ACME, name, PASSWORD)).status).toBe(200)
    expect(shared.cookiesOf('acme.localhost').get('fh-known')?.split('.')).toHaveLength(2)
  })
})
