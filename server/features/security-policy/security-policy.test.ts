import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { type SecurityPolicy, strictest, WEAKEST } from '@/lib/security-policy'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { openWorld, PASSWORD, type SignInWorld } from '@/server/features/sign-in/world.fixture'
import { mailbox } from '@/server/features/recovery/mailbox.fixture'
import { recoverySettled } from '@/server/features/recovery/recovery.service'
import { dispatch } from '@/server/http/dispatch'
import { hashPassword } from '@/server/platform/password'
import type { PolicyState } from './security-policy.schema'
import { policyAt } from './policy-at'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

const MAIN = 'http://localhost:3000'
const ACME = 'http://acme.localhost:3000'
const BOLT = 'http://bolt.localhost:3000'
const LONG = 'violet-kettle-ridge-7-and-more'

let world: SignInWorld
let hash: string
beforeAll(async () => {
  world = await openWorld()
  hash = await hashPassword(PASSWORD)
})
beforeEach(async () => {
  await world.forgive()
  for (const table of ['user_totp', 'tenant_policy', 'session', 'mail_message'])
    await world.sql(`delete from ${table}`)
  await world.sql('update user_credential set password_hash = $1, changed_at = now(), must_change = false', [
    hash,
  ])
})
afterAll(() => world.close())

const signedIn = async (base: string, login: string) => {
  const b = new Browser(dispatch)
  expect((await b.signIn(base, login, PASSWORD)).status).toBe(200)
  return b
}
const set = (b: Browser, base: string, change: Partial<SecurityPolicy>) =>
  b.call<PolicyState & { sessionsEnded: number }>(base, 'securityPolicy.set', { ...WEAKEST, ...change })
const get = async (b: Browser, base: string) => {
  const response = await b.get(`${base}/api/trpc/securityPolicy.get`)
  const body = (await response.json()) as { result?: { data: PolicyState } }
  return { status: response.status, data: body.result?.data }
}
const isIn = async (b: Browser, base: string) => (await b.call(base, 'account.me')).status === 200
const withFactor = (userId: string) =>
  world.sql(
    "insert into user_totp (user_id, tenant_id, sealed_secret, last_step) select id, home_tenant_id, 'x', 0 from user_account where id = $1",
    [userId],
  )

describe('what a tenant asks for', () => {
  it('is seen and set by who may; another tenant has its own', async () => {
    const [ada, tom, bo] = [
      await signedIn(ACME, 'ada'),
      await signedIn(ACME, 'tom'),
      await signedIn(BOLT, 'bo'),
    ]
    expect((await get(ada, ACME)).data).toMatchObject({ policy: WEAKEST, floor: WEAKEST, can: { set: true } })
    expect((await set(tom, ACME, { idleMinutes: 5 })).status).toBe(403)
    expect(await set(ada, ACME, { idleMinutes: 5 })).toMatchObject({
      status: 200,
      data: { policy: { idleMinutes: 5 } },
    })
    expect((await get(ada, ACME)).data?.policy).toEqual({ ...WEAKEST, idleMinutes: 5 })
    expect((await get(bo, BOLT)).data?.policy).toEqual(WEAKEST)
    for (const wrong of [
      { idleMinutes: 31 },
      { lockoutAttempts: 2 },
      { sessionHours: 0 },
      { passwordMin: 11 },
      { passwordMin: 12.5 },
    ])
      expect((await set(ada, ACME, wrong)).status).toBe(400)
    expect(
      await world.sql(
        "select tenant_id, before ->> 'idleMinutes' as was, after ->> 'idleMinutes' as now from audit_event where event = 'settings.security' and result = 'ok'",
      ),
    ).toEqual([{ tenant_id: world.acme, was: '30', now: '5' }])
  })

  it('is never less than the master asks for, before and after it asks', async () => {
    const [mara, ada] = [await signedIn(MAIN, 'mara'), await signedIn(ACME, 'ada')]
    expect((await set(ada, ACME, { lockoutAttempts: 8, passwordMaxDays: 30 })).status).toBe(200)
    expect((await get(mara, MAIN)).data).toMatchObject({ floor: null })
    expect((await set(mara, MAIN, { lockoutAttempts: 5, passwordMin: 16, passwordMaxDays: 90 })).status).toBe(
      200,
    )
    expect((await get(ada, ACME)).data).toMatchObject({
      policy: { lockoutAttempts: 5, passwordMin: 16, passwordMaxDays: 30 },
      floor: { lockoutAttempts: 5, passwordMin: 16, passwordMaxDays: 90 },
    })
    const weaker = await set(ada, ACME, { lockoutAttempts: 6, passwordMin: 16, passwordMaxDays: 0 })
    expect([weaker.status, Object.keys(weaker.fields ?? {})]).toEqual([
      400,
      ['passwordMaxDays', 'lockoutAttempts'],
    ])
    expect((await set(ada, ACME, { lockoutAttempts: 4, passwordMin: 17, passwordMaxDays: 90 })).status).toBe(
      200,
    )
  })

  it('says in SQL what lib/security-policy.ts says', async () => {
    const insert = (id: string, p: SecurityPolicy) =>
      world.sql('insert into tenant_policy values ($1, $2, $3, $4, $5, $6, $7)', [id, ...Object.values(p)])
    const master: SecurityPolicy = {
      secondFactor: 'off',
      passwordMin: 15,
      passwordMaxDays: 0,
      lockoutAttempts: 7,
      idleMinutes: 9,
      sessionHours: 12,
    }
    const acme: SecurityPolicy = {
      secondFactor: 'all',
      passwordMin: 13,
      passwordMaxDays: 60,
      lockoutAttempts: 9,
      idleMinutes: 20,
      sessionHours: 3,
    }
    const bolt: SecurityPolicy = {
      secondFactor: 'off',
      passwordMin: 20,
      passwordMaxDays: 365,
      lockoutAttempts: 3,
      idleMinutes: 8,
      sessionHours: 12,
    }
    await insert(MASTER_TENANT_ID, master)
    await insert(world.acme, acme)
    await insert(world.bolt, bolt)
    expect(await policyAt('default', 'default')).toEqual(master)
    expect(await policyAt('nosuch', '')).toEqual(master)
    expect(await policyAt('acme', 'acme')).toEqual(strictest(acme, master))
    expect(await policyAt('acme', 'bolt')).toEqual(strictest(strictest(acme, master), bolt))
  })
})

describe('it holds', () => {
  it('C15 for how long sessions live, those under way too', async () => {
    const [ada, tom] = [await signedIn(ACME, 'ada'), await signedIn(ACME, 'tom')]
    await set(ada, ACME, { idleMinutes: 6, sessionHours: 2 })
    const times = () =>
      world.sql<{ idle: number; absolute: number }>(
        `select round(extract(epoch from idle_expires_at - now()) / 60)::int as idle,
           round(extract(epoch from absolute_expires_at - created_at) / 3600)::int as absolute from session where tenant_id = $1`,
        [world.acme],
      )
    expect(await times()).toEqual([
      { idle: 6, absolute: 2 },
      { idle: 6, absolute: 2 },
    ])
    await signedIn(ACME, 'tom')
    await world.sql(
      "update session set last_seen_at = now() - interval '2 minutes', idle_expires_at = now() + interval '1 minute'",
    )
    expect(await isIn(tom, ACME)).toBe(true) // prolongs it
    expect((await times()).map(({ idle }) => idle).sort()).toEqual([1, 1, 6])
    await world.sql("update session set idle_expires_at = now() - interval '1 second'")
    expect(await isIn(tom, ACME)).toBe(false)
    await signedIn(BOLT, 'bo')
    const [bolt] = await world.sql<{ hours: number }>(
      'select round(extract(epoch from absolute_expires_at - created_at) / 3600)::int as hours from session where tenant_id = $1',
      [world.bolt],
    )
    expect(bolt).toEqual({ hours: 12 })
  })

  it('C01 for how many wrong passwords are let pass', async () => {
    await set(await signedIn(ACME, 'ada'), ACME, { lockoutAttempts: 3 })
    await world.forgive()
    const tries = async (base: string, login: string) => {
      const statuses: number[] = []
      for (let i = 0; i < 5; i++)
        statuses.push((await new Browser(dispatch, `198.51.100.${i}`).signIn(base, login, 'wrong')).status)
      return statuses
    }
    expect(await tries(ACME, 'tom')).toEqual([401, 401, 401, 429, 429])
    expect(await tries(ACME, 'nobody')).toEqual([401, 401, 401, 429, 429]) // the same for nobody
    expect(await tries(BOLT, 'bo')).toEqual([401, 401, 401, 401, 401])
  })

  it('for new passwords, by their owner and by a link', async () => {
    await set(await signedIn(ACME, 'ada'), ACME, { passwordMin: 20 })
    const tom = await signedIn(ACME, 'tom')
    const change = (password: string) =>
      tom.call(ACME, 'account.changePassword', { current: PASSWORD, password, confirm: password })
    expect(await change('violet-kettle-ridge')).toMatchObject({
      status: 400,
      fields: { password: expect.stringContaining('20') as string },
    })
    await new Browser(dispatch).post(`${ACME}/api/sign-in/forgot`, { login: 'tom' })
    await recoverySettled()
    const token = (await mailbox(world.sql, 'tom@example.com'))[0]?.token
    const reset = async (password: string) =>
      (await new Browser(dispatch).post(`${ACME}/api/sign-in/reset`, { token, password, confirm: password }))
        .status
    expect([await reset('violet-kettle-ridge'), await reset(LONG)]).toEqual([400, 200])
  })

  it('for old passwords: they are changed before anything else', async () => {
    await set(await signedIn(ACME, 'ada'), ACME, { passwordMaxDays: 30 })
    await world.sql("update user_credential set changed_at = now() - interval '29 days' where user_id = $1", [
      world.ids.tom,
    ])
    const list = async (b: Browser) => (await b.get(`${ACME}/api/trpc/users.list?input={}`)).status
    expect(await list(await signedIn(ACME, 'tom'))).toBe(200)
    await world.sql("update user_credential set changed_at = now() - interval '31 days' where user_id = $1", [
      world.ids.tom,
    ])
    const b = new Browser(dispatch)
    expect(await (await b.signIn(ACME, 'tom', PASSWORD)).json()).toEqual({ next: '/account/password' })
    expect(await list(b)).toBe(403)
    expect(
      (await b.call(ACME, 'account.changePassword', { current: PASSWORD, password: LONG, confirm: LONG }))
        .status,
    ).toBe(200)
    expect(await list(b)).toBe(200)
  })

  it('C11 for second factors: who has none is out at once, and nobody shuts themselves out', async () => {
    const [ada, tom, bo, mara] = [
      await signedIn(ACME, 'ada'),
      await signedIn(ACME, 'tom'),
      await signedIn(BOLT, 'bo'),
      await signedIn(MAIN, 'mara'),
    ]
    expect(await set(ada, ACME, { secondFactor: 'all' })).toMatchObject({
      status: 409,
      fields: { secondFactor: expect.any(String) as string },
    })
    await withFactor(world.ids.ada)
    expect(await set(ada, ACME, { secondFactor: 'all' })).toMatchObject({
      status: 200,
      data: { sessionsEnded: 1 },
    })
    expect([await isIn(ada, ACME), await isIn(tom, ACME), await isIn(bo, BOLT)]).toEqual([true, false, true])
    await withFactor(world.ids.mara)
    expect((await set(mara, MAIN, { secondFactor: 'all' })).data.sessionsEnded).toBe(1)
    expect([await isIn(mara, MAIN), await isIn(bo, BOLT)]).toEqual([true, false])
    expect((await set(ada, ACME, { secondFactor: 'off' })).status).toBe(400)
  })
})
