import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { openWorld, PASSWORD, type SignInWorld } from '@/server/features/sign-in/world.fixture'
import { dispatch } from '@/server/http/dispatch'
import { Authenticator } from './authenticator.fixture'
import type { MyFactors } from './second-factor.schema'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

const ACME = 'http://acme.localhost:3000'
const BOLT = 'http://bolt.localhost:3000'

let world: SignInWorld
beforeAll(async () => void (world = await openWorld()))
beforeEach(async () => {
  vi.useRealTimers()
  await world.forgive()
  for (const table of [
    'user_totp',
    'user_passkey',
    'user_recovery_code',
    'passkey_challenge',
    'tenant_policy',
    'session',
  ])
    await world.sql(`delete from ${table}`)
})
afterAll(() => world.close())

interface Asked {
  challenge: string
  rpId?: string
  rp?: { id?: string }
  allowCredentials?: { id: string }[]
}
const browser = () => new Browser(dispatch)
const signedIn = async (login = 'tom', base = ACME) => {
  const b = browser()
  expect((await b.signIn(base, login, PASSWORD)).status).toBe(200)
  return b
}
const query = async <T>(b: Browser, name: string) =>
  ((await (await b.get(`${ACME}/api/trpc/${name}`)).json()) as { result: { data: T } }).result.data
const toMake = async (b: Browser) =>
  JSON.parse((await query<{ options: string }>(b, 'secondFactor.passkeyOptions')).options) as Asked
const add = (b: Browser, made: object, more: object = {}) =>
  b.call<{ recoveryCodes: string[] }>(ACME, 'secondFactor.addPasskey', {
    name: 'Laptop',
    current: PASSWORD,
    ...made,
    ...more,
  })
const register = async (b: Browser, key = new Authenticator(ACME)) => {
  expect((await add(b, key.make(await toMake(b)))).status).toBe(200)
  return key
}
const asked = async (b: Browser, base = ACME, path = '') =>
  ((await (await b.get(`${base}/api/sign-in${path}/passkey`)).json()) as { options: Asked }).options
const send = async (b: Browser, body: object, base = ACME, path = '') => {
  const response = await b.post(`${base}/api/sign-in${path}/passkey`, body)
  return { status: response.status, ...((await response.json()) as { next?: string }) }
}
const whoAmI = async (b: Browser, base = ACME) =>
  (await b.call<{ username: string }>(base, 'account.me')).data?.username

describe('passkeys', () => {
  it('are added with the password, by name, for this host; then they sign in by themselves', async () => {
    const [tom, elsewhere] = [await signedIn(), await signedIn()]
    const key = new Authenticator(ACME)
    const options = await toMake(tom)
    expect(options).toMatchObject({
      rp: { id: 'acme.localhost', name: 'Acme' },
      authenticatorSelection: { userVerification: 'required' },
    })
    expect((await add(tom, key.make(options), { current: 'wrong' })).status).toBe(400)
    const done = await add(tom, key.make(options))
    expect([done.status, done.data.recoveryCodes.length]).toEqual([200, 10])
    expect([await whoAmI(tom), await whoAmI(elsewhere)]).toEqual(['tom', undefined])
    expect((await query<MyFactors>(tom, 'secondFactor.mine')).passkeys).toMatchObject([
      { name: 'Laptop', host: 'acme.localhost', here: true, lastUsedAt: null },
    ])
    const second = await register(tom, new Authenticator(ACME))
    for (const one of [key, second]) {
      const b = browser()
      expect(await send(b, one.use(await asked(b)))).toMatchObject({ status: 200, next: '/' })
      expect(await whoAmI(b)).toBe('tom')
    }
    const ada = await signedIn('ada')
    expect((await add(ada, key.make(await toMake(ada)))).status).toBe(409) // it is Tom's
  })

  it('a challenge works once, for five minutes, for its person, purpose and host', async () => {
    const tom = await signedIn()
    const key = new Authenticator(ACME)
    const options = await toMake(tom)
    const ada = await signedIn('ada')
    expect((await add(ada, key.make(options))).status).toBe(400) // Tom's challenge
    expect((await add(tom, key.make(await asked(browser())))).status).toBe(400) // of a sign-in
    expect((await add(tom, key.make({ ...options, challenge: 'x'.repeat(75) }))).status).toBe(400)
    expect((await add(tom, key.make(options))).status).toBe(200)
    expect((await add(tom, new Authenticator(ACME).make(options))).status).toBe(400) // used
    const b = browser()
    const challenge = await asked(b)
    const answer = key.use(challenge)
    expect((await send(b, answer)).status).toBe(200)
    expect((await send(browser(), answer)).status).toBe(401)
    expect((await send(browser(), key.use(challenge))).status).toBe(401)
    const late = key.use(await asked(b))
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6 * 60_000 })
    expect((await send(browser(), late)).status).toBe(401)
    vi.useRealTimers()
    const other = await asked(browser(), BOLT)
    expect((await send(browser(), key.use({ ...other, rpId: 'acme.localhost' }))).status).toBe(401)
    expect((await send(browser(), key.use(await asked(b)))).status).toBe(200)
  })

  it('another origin or host, nobody verified, a foreign signature and a copied counter are refused', async () => {
    const tom = await signedIn()
    const key = await register(tom)
    const tried = async (bend: Parameters<Authenticator['use']>[1], change: object = {}) => {
      const b = browser()
      return (await send(b, { ...key.use(await asked(b), bend), ...change })).status
    }
    expect(await tried({ origin: 'http://evil.example' })).toBe(401)
    expect(await tried({ origin: BOLT })).toBe(401)
    expect(await tried({ rpId: 'bolt.localhost' })).toBe(401)
    expect(await tried({ flags: 1 })).toBe(401) // present, not verified
    expect(await tried({}, { signature: 'AAAA' })).toBe(401)
    expect(await tried({}, { id: 'AAAA' })).toBe(401)
    expect(await tried({ counter: 50 })).toBe(200)
    expect(await tried({ counter: 50 })).toBe(401)
    expect(await tried({ counter: 49 })).toBe(401)
    expect(await tried({ counter: 51 })).toBe(200)
    for (const bend of [{ origin: 'http://evil.example' }, { rpId: 'evil.example' }, { flags: 1 }])
      expect((await add(tom, new Authenticator(ACME).make(await toMake(tom), bend))).status).toBe(400)
  })

  it('let nobody in who may not sign in there', async () => {
    const key = await register(await signedIn())
    const tried = async () => {
      const b = browser()
      return (await send(b, key.use(await asked(b)))).status
    }
    for (const [off, on] of [
      [
        "update user_account set status = 'disabled' where username = 'tom'",
        "update user_account set status = 'active'",
      ],
      ["update tenant set status = 'disabled' where slug = 'acme'", "update tenant set status = 'active'"],
      [
        "update user_credential set expires_at = now() - interval '1 second'",
        'update user_credential set expires_at = null',
      ],
    ] as const) {
      await world.sql(off)
      expect(await tried()).toBe(401)
      await world.sql(on)
      expect(await tried()).toBe(200)
    }
  })

  it('C06 stand as the second step after the password, of that very person', async () => {
    const key = await register(await signedIn())
    const hers = await register(await signedIn('ada'))
    const b = browser()
    expect((await (await b.signIn(ACME, 'tom', PASSWORD)).json()) as object).toEqual({
      next: '/login?step=second',
    })
    const step = (await (await b.get(`${ACME}/api/sign-in/step`)).json()) as object
    expect(step).toMatchObject({ methods: { app: false, passkey: true, recovery: true } })
    const options = await asked(b, ACME, '/step')
    expect(options.allowCredentials?.map(({ id }) => id)).toEqual([key.id.toString('base64url')])
    expect((await send(b, hers.use(options), ACME, '/step')).status).toBe(401)
    expect((await send(b, key.use(await asked(b)), ACME, '/step')).status).toBe(401) // the challenge of a whole sign-in
    expect((await send(b, key.use(await asked(b, ACME, '/step')), ACME, '/step')).status).toBe(200)
    expect(await whoAmI(b)).toBe('tom')
    expect((await send(browser(), key.use(options), ACME, '/step')).status).toBe(401) // no first step
  })

  it('are removed by their owner with the password; the last stays where one is asked for', async () => {
    const tom = await signedIn()
    const key = await register(tom)
    const { passkeys } = await query<MyFactors>(tom, 'secondFactor.mine')
    const id = passkeys[0]?.id ?? ''
    const ada = await signedIn('ada')
    expect((await ada.call(ACME, 'secondFactor.removePasskey', { id, current: PASSWORD })).status).toBe(404)
    const remove = (current: string) => tom.call(ACME, 'secondFactor.removePasskey', { id, current })
    expect((await remove('wrong')).status).toBe(400)
    await world.sql("insert into tenant_policy (tenant_id, second_factor) values ($1, 'all')", [world.acme])
    expect((await remove(PASSWORD)).status).toBe(409)
    await world.sql('delete from tenant_policy')
    expect((await remove(PASSWORD)).status).toBe(200)
    const b = browser()
    expect((await send(b, key.use(await asked(b)))).status).toBe(401)
    expect((await query<MyFactors>(tom, 'secondFactor.mine')).recoveryLeft).toBe(0)
  })
})
