import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { signStep } from '@/server/features/sign-in/step-ticket'
import { openWorld, PASSWORD, type SignInWorld } from '@/server/features/sign-in/world.fixture'
import { mailbox } from '@/server/features/recovery/mailbox.fixture'
import { recoverySettled } from '@/server/features/recovery/recovery.service'
import { dispatch } from '@/server/http/dispatch'
import { hashPassword } from '@/server/platform/password'
import type { MyFactors } from './second-factor.schema'
import { codeAt } from './totp'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

const MAIN = 'http://localhost:3000'
const ACME = 'http://acme.localhost:3000'
const BOLT = 'http://bolt.localhost:3000'
const HALF_MINUTE = 30_000

let world: SignInWorld
let hash: string
beforeAll(async () => {
  world = await openWorld()
  hash = await hashPassword(PASSWORD)
})
beforeEach(async () => {
  vi.useRealTimers()
  await world.forgive()
  for (const table of [
    'user_totp',
    'user_recovery_code',
    'tenant_policy',
    'session',
    'account_link',
    'mail_message',
  ])
    await world.sql(`delete from ${table}`)
  await world.sql('update user_credential set password_hash = $1, changed_at = now(), must_change = false', [
    hash,
  ])
})
afterAll(() => world.close())

const browser = (ip?: string) => new Browser(dispatch, ip)
const start = async (b: Browser, base = ACME, login = 'tom') => {
  const response = await b.signIn(base, login, PASSWORD)
  return { status: response.status, ...((await response.json()) as { next?: string }) }
}
const signedIn = async (login = 'tom', base = ACME) => {
  const b = browser()
  expect((await start(b, base, login)).status).toBe(200)
  expect(await isIn(b, base)).toBe(true)
  return b
}
const isIn = async (b: Browser, base = ACME) => (await b.call(base, 'account.me')).status === 200
const mine = async (b: Browser, base = ACME) =>
  (
    await b
      .get(`${base}/api/trpc/secondFactor.mine`)
      .then((r) => r.json() as Promise<{ result: { data: MyFactors } }>)
  ).result.data
const begin = async (b: Browser, base = ACME) =>
  (
    (await (await b.get(`${base}/api/trpc/secondFactor.begin`)).json()) as {
      result: { data: { secret: string; ticket: string; qr: string } }
    }
  ).result.data
/** Turns codes on with the code of a minute ago's half minute, so that the next one is free. */
const enable = async (b: Browser, base = ACME) => {
  const { secret, ticket } = await begin(b, base)
  const code = codeAt(secret, Date.now() - HALF_MINUTE)
  const done = await b.call<{ recoveryCodes: string[] }>(base, 'secondFactor.enable', {
    ticket,
    code,
    current: PASSWORD,
  })
  expect(done.status).toBe(200)
  return { secret, codes: done.data.recoveryCodes }
}
const step = async (b: Browser, body: object, base = ACME) => {
  const response = await b.post(`${base}/api/sign-in/step`, body)
  return { status: response.status, ...((await response.json()) as { next?: string; error?: string }) }
}
const events = (like: string) =>
  world.sql<{ event: string; result: string; reason: string; tenant_id: string; after: unknown }>(
    'select event, result, reason, tenant_id, after from audit_event where event like $1 order by at desc',
    [like],
  )

describe('one-time codes', () => {
  it('are set up with a first code and the password; nothing of the secret is stored plain', async () => {
    const [tom, elsewhere] = [await signedIn(), await signedIn()]
    const { secret, ticket, qr } = await begin(tom)
    expect(qr).toMatch(/^data:image\/svg\+xml;base64,/)
    const code = codeAt(secret)
    const enableWith = (input: object) =>
      tom.call(ACME, 'secondFactor.enable', { ticket, code, current: PASSWORD, ...input })
    expect(await enableWith({ current: 'wrong' })).toMatchObject({
      status: 400,
      fields: { current: expect.any(String) as string },
    })
    expect(await enableWith({ code: '000000' })).toMatchObject({
      status: 400,
      fields: { code: expect.any(String) as string },
    })
    const ada = await signedIn('ada')
    const hers = await begin(ada)
    expect(await enableWith({ ticket: hers.ticket, code: codeAt(hers.secret) })).toMatchObject({
      status: 409,
    })
    expect((await mine(tom)).totpSince).toBe(null)
    const done = await enableWith({})
    expect(done).toMatchObject({ status: 200, data: { recoveryCodes: expect.any(Array) as string[] } })
    const codes = (done.data as { recoveryCodes: string[] }).recoveryCodes
    expect([new Set(codes).size, codes.every((one) => /^[a-z2-9]{5}-[a-z2-9]{5}$/.test(one))]).toEqual([
      10,
      true,
    ])
    expect(await mine(tom)).toMatchObject({
      totpSince: expect.any(String) as string,
      recoveryLeft: 10,
      passkeys: [],
    })
    expect([await isIn(tom), await isIn(elsewhere)]).toEqual([true, false]) // C11
    expect(await enableWith({})).toMatchObject({ status: 409 })
    const [row] = await world.sql<{ sealed_secret: Buffer }>('select sealed_secret from user_totp')
    expect(row?.sealed_secret.toString('latin1')).not.toContain(secret)
    const log = JSON.stringify(await world.sql('select * from audit_event'))
    expect([secret, ...codes].filter((text) => log.includes(text))).toEqual([])
    expect(await events('account.second_factor_set')).toMatchObject([
      { tenant_id: world.acme, result: 'ok' },
      { result: 'denied' },
    ])
  })

  it('K20 the secret opens for its person of its tenant only', async () => {
    await enable(await signedIn())
    await enable(await signedIn('ada'))
    const stored = await world.sql<{ user_id: string; sealed_secret: Buffer }>(
      'select * from user_totp order by user_id',
    )
    expect(stored).toHaveLength(2)
    // Tom's row gets Ada's ciphertext: her codes are worth nothing on his account.
    const ada = stored.find((row) => row.user_id === world.ids.ada)
    await world.sql('update user_totp set sealed_secret = $1 where user_id = $2', [
      ada?.sealed_secret,
      world.ids.tom,
    ])
    const b = browser()
    await start(b)
    expect((await step(b, { code: '123456' })).status).toBe(500)
  })

  it('are asked for after the password, on the tenant’s host', async () => {
    const { secret } = await enable(await signedIn())
    const b = browser()
    expect(await start(b)).toMatchObject({ status: 200, next: '/login?step=second' })
    expect(await isIn(b)).toBe(false)
    const asked = (await (await b.get(`${ACME}/api/sign-in/step`)).json()) as object
    expect(asked).toEqual({ username: 'tom', methods: { app: true, passkey: false, recovery: true } })
    expect(await step(b, { code: '000000' })).toMatchObject({ status: 400 })
    expect(await isIn(b)).toBe(false)
    expect(await step(b, { code: codeAt(secret) })).toMatchObject({ status: 200, next: '/' })
    expect(await isIn(b)).toBe(true)
    expect((await events('session.sign_in'))[1]).toMatchObject({
      result: 'denied',
      reason: 'wrong second factor',
    })
    expect((await step(b, { code: codeAt(secret) })).status).toBe(401) // the first step is used up
  })

  it('are asked for on the tenant’s host after the main host’s hand-off, too', async () => {
    const { secret } = await enable(await signedIn())
    const b = browser()
    const begun = (await (
      await b.post(`${MAIN}/api/sign-in/hand-off`, { login: 'acme\\tom', password: PASSWORD })
    ).json()) as { next: string }
    let at = begun.next
    for (let i = 0; i < 3; i++) at = (await b.get(at)).headers.get('location') ?? ''
    expect(at).toBe('/login?step=second')
    expect([await isIn(b), await isIn(b, MAIN)]).toEqual([false, false])
    expect((await step(b, { code: codeAt(secret) }, MAIN)).status).toBe(401)
    expect((await step(b, { code: codeAt(secret) })).status).toBe(200)
    expect(await isIn(b)).toBe(true)
  })

  it('C07 a code works once, and none before it; five tries a quarter hour', async () => {
    const { secret } = await enable(await signedIn())
    const b = browser()
    await start(b)
    const code = codeAt(secret)
    expect((await step(b, { code })).status).toBe(200)
    const again = browser()
    await start(again)
    expect((await step(again, { code })).status).toBe(400)
    expect((await step(again, { code: codeAt(secret, Date.now() - HALF_MINUTE) })).status).toBe(400)
    expect((await step(again, { code: codeAt(secret, Date.now() + HALF_MINUTE) })).status).toBe(200)
    // Fifty at once with one code: one gets in.
    await world.sql('update user_totp set last_step = 0')
    const many = await Promise.all(
      Array.from({ length: 5 }, async (_, i) => {
        const one = browser(`198.51.100.${i}`)
        await start(one)
        return one
      }),
    )
    await world.forgive()
    const fresh = codeAt(secret)
    const statuses = await Promise.all(many.map(async (one) => (await step(one, { code: fresh })).status))
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    await world.forgive()
    const guess = browser()
    await start(guess)
    const tries: number[] = []
    for (let i = 0; i < 6; i++) tries.push((await step(guess, { code: `00000${i}` })).status)
    expect(tries).toEqual([400, 400, 400, 400, 400, 429])
    const other = browser('198.51.100.200') // another address, another password: the same account
    await start(other)
    expect((await step(other, { code: codeAt(secret, Date.now() + HALF_MINUTE) })).status).toBe(429)
    expect((await step(other, { recoveryCode: 'aaaaa-aaaaa' })).status).toBe(429)
  })

  it('C06 a reset link, a ticket of another host, a forged or old one skip nothing', async () => {
    const { secret } = await enable(await signedIn())
    await browser().post(`${ACME}/api/sign-in/forgot`, { login: 'tom' })
    await recoverySettled()
    const token = (await mailbox(world.sql, 'tom@example.com'))[0]?.token
    const stale = browser()
    await start(stale)
    const NEW = 'violet-kettle-ridge-7'
    const reset = await browser().post(`${ACME}/api/sign-in/reset`, { token, password: NEW, confirm: NEW })
    expect(reset.status).toBe(200)
    expect((await step(stale, { code: codeAt(secret) })).status).toBe(401) // of the former password
    const b = browser()
    expect(((await (await b.signIn(ACME, 'tom', NEW)).json()) as { next: string }).next).toBe(
      '/login?step=second',
    )
    expect(await isIn(b)).toBe(false)
    const cookie = b.cookiesOf('acme.localhost').get('fh-step') ?? ''
    for (const [base, value] of [
      [BOLT, cookie],
      [ACME, `${cookie}x`],
      [ACME, cookie.replace(/^./, 'x')],
    ] as const) {
      const thief = browser()
      thief.cookiesOf(new URL(base).hostname).set('fh-step', value)
      expect((await step(thief, { code: codeAt(secret) }, base)).status).toBe(401)
    }
    const [row] = await world.sql<{ changed: string }>(
      'select (extract(epoch from changed_at) * 1000000)::bigint::text as changed from user_credential where user_id = $1',
      [world.ids.tom],
    )
    const who = {
      tenantId: world.acme,
      userId: world.ids.tom,
      slug: 'acme',
      home: 'acme',
      username: 'tom',
      changed: row?.changed ?? '',
    }
    const old = browser()
    old.cookiesOf('acme.localhost').set('fh-step', signStep(who, Date.now() - 6 * 60_000))
    expect((await step(old, { code: codeAt(secret) })).status).toBe(401)
    old.cookiesOf('acme.localhost').set('fh-step', signStep(who))
    expect((await step(old, { code: codeAt(secret) })).status).toBe(200)
  })

  it('C10 the second step opens a new session and ends what was open in this browser', async () => {
    const tom = await signedIn()
    const { secret } = await enable(tom)
    const before = tom.cookiesOf('acme.localhost').get('fh') ?? ''
    await start(tom)
    expect(tom.cookiesOf('acme.localhost').get('fh')).toBe(before) // nothing yet
    expect((await step(tom, { code: codeAt(secret) })).status).toBe(200)
    const after = tom.cookiesOf('acme.localhost').get('fh') ?? ''
    expect([after !== before, await isIn(tom)]).toEqual([true, true])
    const old = browser()
    old.cookiesOf('acme.localhost').set('fh', before)
    expect(await isIn(old)).toBe(false)
  })

  it('recovery codes stand in, each once; new ones void the old', async () => {
    const tom = await signedIn()
    const { codes } = await enable(tom)
    const [first = '', second = ''] = codes
    const b = browser()
    await start(b)
    expect((await step(b, { recoveryCode: ` ${first.toUpperCase().replace('-', ' ')}` })).status).toBe(200)
    expect((await mine(b)).recoveryLeft).toBe(9)
    const again = browser()
    await start(again)
    expect((await step(again, { recoveryCode: first })).status).toBe(400)
    expect((await b.call(ACME, 'secondFactor.newRecoveryCodes', { current: 'wrong' })).status).toBe(400)
    const renewed = await b.call<{ recoveryCodes: string[] }>(ACME, 'secondFactor.newRecoveryCodes', {
      current: PASSWORD,
    })
    expect((await step(again, { recoveryCode: second })).status).toBe(400)
    expect((await step(again, { recoveryCode: renewed.data.recoveryCodes[0] })).status).toBe(200)
    expect(await events('account.recovery%')).toMatchObject([
      { event: 'account.recovery_code_use', after: { left: 9 } },
      { event: 'account.recovery_codes', result: 'ok' },
      { event: 'account.recovery_codes', result: 'denied' },
      { event: 'account.recovery_code_use', after: { left: 9 } },
    ])
  })

  it('C14 are turned off by the password only; their recovery codes go, and other sessions end', async () => {
    const tom = await signedIn()
    const { secret } = await enable(tom)
    const other = browser()
    await start(other)
    await step(other, { code: codeAt(secret) })
    expect(await isIn(other)).toBe(true)
    expect((await tom.call(ACME, 'secondFactor.disable', { current: 'wrong' })).status).toBe(400)
    expect((await tom.call(ACME, 'secondFactor.disable', { current: PASSWORD })).status).toBe(200)
    expect(await mine(tom)).toMatchObject({ totpSince: null, recoveryLeft: 0 })
    expect(await isIn(other)).toBe(false)
    expect(await start(browser())).toMatchObject({ status: 200, next: '/' })
    expect((await tom.call(ACME, 'secondFactor.disable', { current: PASSWORD })).status).toBe(404)
    expect((await tom.call(ACME, 'secondFactor.newRecoveryCodes', { current: PASSWORD })).status).toBe(409)
  })
})

describe('where a tenant asks everybody for a second factor', () => {
  const askOf = (tenantId: string) =>
    world.sql("insert into tenant_policy (tenant_id, second_factor) values ($1, 'all')", [tenantId])
  const setUpOf = async (b: Browser) =>
    (
      (await (await b.get(`${ACME}/api/sign-in/step`)).json()) as {
        setUp?: { secret: string; ticket: string }
      }
    ).setUp

  it('whoever has none sets one up right after the password, and is nobody until then', async () => {
    await askOf(world.acme)
    const b = browser()
    expect(await start(b)).toMatchObject({ next: '/login?step=second' })
    expect(await isIn(b)).toBe(false)
    const setUp = await setUpOf(b)
    const send = async (code: string, ticket = setUp?.ticket) => {
      const response = await b.post(`${ACME}/api/sign-in/step/set-up`, { ticket, code })
      return {
        status: response.status,
        ...((await response.json()) as { recoveryCodes?: string[]; next?: string }),
      }
    }
    expect((await send('000000')).status).toBe(400)
    expect((await send(codeAt(setUp?.secret ?? ''), 'x.y')).status).toBe(409)
    const done = await send(codeAt(setUp?.secret ?? ''))
    expect([done.status, done.next, done.recoveryCodes?.length]).toEqual([200, '/', 10])
    expect(await isIn(b)).toBe(true)
    expect((await mine(b)).required).toBe(true)
    expect((await b.call(ACME, 'secondFactor.disable', { current: PASSWORD })).status).toBe(409) // the last one stays
    expect(await start(browser(), BOLT, 'bo')).toMatchObject({ next: '/' }) // Bolt asks for none
  })

  it('the master’s asks hold everywhere; a guest’s home counts as well', async () => {
    await askOf('00000000-0000-4000-8000-000000000001')
    for (const [base, login] of [
      [ACME, 'tom'],
      [BOLT, 'bo'],
      [MAIN, 'mara'],
    ] as const)
      expect(await start(browser(), base, login)).toMatchObject({ next: '/login?step=second' })
    await world.sql('delete from tenant_policy')
    await askOf(world.acme)
    await world.sql('insert into membership (tenant_id, user_id) values ($1, $2) on conflict do nothing', [
      world.bolt,
      world.ids.tom,
    ])
    expect(await start(browser(), BOLT, 'acme\\tom')).toMatchObject({ next: '/login?step=second' })
  })
})
