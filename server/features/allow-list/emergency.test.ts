import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { verifyEveryChain } from '@/server/features/audit/audit.service'
import { mailbox } from '@/server/features/recovery/mailbox.fixture'
import { Authenticator } from '@/server/features/second-factor/authenticator.fixture'
import { sealTotp } from '@/server/features/second-factor/check-code'
import { codeAt, newTotpSecret } from '@/server/features/second-factor/totp'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { actAs } from '@/server/features/impersonation/acting.fixture'
import { dispatch } from '@/server/http/dispatch'
import { ask, call } from '@/server/sweep/call'
import { procedureOf } from '@/server/sweep/declared'
import { PASSWORD, type PersonName, tenantOf } from '@/test/actors'
import { tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'
import { allow, ELSEWHERE, HOME } from './allow.fixture'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

const ACME = 'http://acme.localhost:3000'
const BOLT = 'http://bolt.localhost:3000'
const OFFICE = '192.0.2.0/24'
const WORDS = 'The username or password is wrong.'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  await world.restore()
  await world.admin.query('delete from rate_limit')
  await world.admin.query('delete from mail_message')
})
const sql = async <T extends object>(text: string, values: unknown[] = []) =>
  (await world.admin.query<T>(text, values)).rows

/** Gives somebody an app; `chosen`: lets them in from anywhere. @returns the secret */
async function withApp(name: PersonName, chosen = true): Promise<string> {
  const secret = newTotpSecret()
  const tenant = tenantId(tenantOf(name))
  await sql('insert into user_totp (user_id, tenant_id, sealed_secret, last_step) values ($1, $2, $3, 0)', [
    userId(name),
    tenant,
    sealTotp(tenant, userId(name), secret),
  ])
  if (chosen)
    await sql(
      `insert into break_glass (user_id, tenant_id, rp_id, appointed_by_name) values ($1, $2, 'acme.localhost', 'Test')`,
      [userId(name), tenant],
    )
  return secret
}
type Said = { status: number; next?: string; message?: string }
const post = async (b: Browser, path: string, body: object, base = ACME): Promise<Said> => {
  const response = await b.post(base + path, body)
  return { status: response.status, ...((await response.json()) as object) }
}
const start = (b: Browser, login = 'tom', password = PASSWORD, base = ACME) =>
  post(b, '/api/emergency', { login, password }, base)
const away = (ip = ELSEWHERE) => new Browser(dispatch, ip)
const isIn = async (b: Browser, ip?: string) =>
  (await b.get(`${ACME}/api/trpc/account.me`, ip ? { ip } : {})).status
const enter = async (name: PersonName = 'Tom') => {
  const secret = await withApp(name)
  const b = away()
  expect(await start(b)).toMatchObject({ status: 200, next: '/emergency?step=second' })
  expect(await post(b, '/api/emergency/step', { code: codeAt(secret) })).toMatchObject({ status: 200 })
  return b
}

describe('emergency access', () => {
  beforeEach(() => allow(world, 'A', OFFICE))

  it('lets a chosen account in from anywhere, by password and code; loudly', async () => {
    const secret = await withApp('Tom')
    const b = away()
    expect((await b.get(`${ACME}/api/auth/csrf`)).status).toBe(403)
    expect(await start(b)).toMatchObject({ status: 200, next: '/emergency?step=second' })
    expect(await isIn(b)).toBe(403) // not yet
    const asked = (await (await b.get(`${ACME}/api/emergency/step`)).json()) as object
    expect(asked).toEqual({ username: 'tom', methods: { app: true, passkey: false, recovery: false } })
    expect((await post(b, '/api/emergency/step', { code: '000000' })).status).toBe(400)
    expect((await post(b, '/api/emergency/step', { code: codeAt(secret) })).status).toBe(200)
    expect([await isIn(b), await isIn(b, '198.51.100.200'), await isIn(b, HOME)]).toEqual([200, 200, 200])
    const rows = await sql<object>(
      `select tenant_id, actor_id, result, ip from audit_event where event = 'session.break_glass' order by at`,
    )
    expect(rows).toEqual([
      { tenant_id: tenantId('A'), actor_id: null, result: 'denied', ip: ELSEWHERE },
      { tenant_id: tenantId('A'), actor_id: userId('Tom'), result: 'ok', ip: ELSEWHERE },
    ])
    for (const name of ['ada', 'ann', 'exa']) {
      const [row] = await sql<{ email: string }>(
        'select email from user_account where username = $1 and home_tenant_id = $2',
        [name, tenantId('A')],
      )
      const mails = await mailbox(sql, row?.email ?? '')
      expect([name, mails.map(({ subject }) => subject)]).toEqual([
        name,
        ['Emergency access to Acme was used'],
      ])
      expect(mails[0]?.text).toContain(`“tom” signed in to Acme by emergency access from ${ELSEWHERE}`)
      expect(mails[0]?.page).toBe(`${ACME}/settings/security`)
    }
    expect(await sql(`select 1 from mail_message`)).toHaveLength(3) // nobody else
    expect((await verifyEveryChain()).every(({ brokenAt }) => brokenAt === null)).toBe(true)
  })

  it('C03 says the same to whoever is not chosen, unknown, wrong, elsewhere, and at a tenant that is none', async () => {
    await withApp('Tom')
    await withApp('Eve', false)
    const refused = { status: 401, message: WORDS }
    for (const [login, password, base] of [
      ['tom', 'wrong', ACME],
      ['eve', PASSWORD, ACME], // a second factor, not chosen
      ['ada', PASSWORD, ACME], // the owner
      ['nobody', PASSWORD, ACME],
      ['acme\\nobody', PASSWORD, ACME],
      ['bolt\\tom', PASSWORD, ACME],
      ['not a name\\\\', PASSWORD, ACME],
      ['tom', PASSWORD, BOLT],
      ['tom', PASSWORD, 'http://closed.localhost:3000'],
      ['tom', PASSWORD, 'http://nosuch.localhost:3000'],
    ] as const)
      expect([login, base, await start(away(), login, password, base)]).toMatchObject([login, base, refused])
    await sql('delete from rate_limit')
    expect((await start(away(), 'acme\\tom')).status).toBe(200)
    for (const [off, on] of [
      [
        `update tenant set status = 'disabled' where slug = 'acme'`,
        `update tenant set status = 'active' where slug = 'acme'`,
      ],
      [
        `update user_credential set expires_at = now() - interval '1 s'`,
        'update user_credential set expires_at = null',
      ],
    ] as const) {
      await sql(off)
      expect(await start(away())).toMatchObject(refused)
      await sql(on)
    }
    await sql('delete from rate_limit')
    expect((await start(away())).status).toBe(200)
  })

  it('C01 is tried five times an account and ten an address; no other door closes by it, and a known device goes on', async () => {
    const b = await enter()
    await sql('delete from rate_limit')
    const statuses: number[] = []
    for (let i = 0; i < 6; i++) statuses.push((await start(away(`198.51.100.${i}`), 'tom', 'wrong')).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
    expect((await start(away('198.51.100.99'))).status).toBe(429)
    expect((await start(b)).status).toBe(200) // C02
    expect((await new Browser(dispatch, HOME).signIn(ACME, 'tom', PASSWORD)).status).toBe(200)
    const spread: number[] = []
    for (let i = 0; i < 11; i++) spread.push((await start(away('198.51.100.77'), `name${i}`, 'wrong')).status)
    expect(spread).toEqual([...Array<number>(10).fill(401), 429])
  })

  it('C06 never goes without the second factor, and its step is worth nothing elsewhere', async () => {
    const secret = await withApp('Tom')
    const b = away()
    await start(b)
    for (const path of ['/api/sign-in/step', '/api/sign-in/step/passkey'])
      expect((await b.get(ACME + path, { ip: HOME })).status).toBe(401)
    expect((await b.post(`${ACME}/api/sign-in/step`, { code: codeAt(secret) }, { ip: HOME })).status).toBe(
      401,
    )
    const plain = new Browser(dispatch, HOME)
    expect((await plain.signIn(ACME, 'tom', PASSWORD)).status).toBe(200)
    for (const path of ['/api/emergency/step', '/api/emergency/step/passkey'])
      expect((await plain.get(ACME + path)).status).toBe(401)
    expect((await post(plain, '/api/emergency/step', { code: codeAt(secret) })).status).toBe(401)
    expect((await post(b, '/api/emergency/step', { code: codeAt(secret) })).status).toBe(200)
  })

  it('takes a passkey after the password, and none by itself', async () => {
    const key = new Authenticator(ACME)
    const tom = new Browser(dispatch, HOME)
    await tom.signIn(ACME, 'tom', PASSWORD)
    const options = async (b: Browser, path: string) =>
      ((await (await b.get(ACME + path)).json()) as { options: { challenge: string } }).options
    const made = (await (await tom.get(`${ACME}/api/trpc/secondFactor.passkeyOptions`)).json()) as {
      result: { data: { options: string } }
    }
    const answer = key.make(JSON.parse(made.result.data.options) as never)
    expect(
      (await tom.call(ACME, 'secondFactor.addPasskey', { name: 'Key', current: PASSWORD, ...answer })).status,
    ).toBe(200)
    await sql(
      `insert into break_glass (user_id, tenant_id, rp_id, appointed_by_name) values ($1, $2, 'acme.localhost', 'Test')`,
      [userId('Tom'), tenantId('A')],
    )
    const b = away()
    expect((await b.get(`${ACME}/api/sign-in/passkey`)).status).toBe(403)
    await start(b)
    expect(
      (await post(b, '/api/emergency/step/passkey', key.use(await options(b, '/api/emergency/step/passkey'))))
        .status,
    ).toBe(200)
    expect(await isIn(b)).toBe(200)
  })

  it('an ordinary session of such an account is no better than others', async () => {
    const secret = await withApp('Tom')
    const b = new Browser(dispatch, HOME)
    await b.signIn(ACME, 'tom', PASSWORD)
    expect((await post(b, '/api/sign-in/step', { code: codeAt(secret) })).status).toBe(200)
    expect([await isIn(b), await isIn(b, ELSEWHERE)]).toEqual([200, 403])
  })

  it('ends at once when it is taken back, or what it needs is gone', async () => {
    for (const end of [
      'delete from break_glass where user_id = $1',
      'delete from user_totp where user_id = $1',
      `update user_account set status = 'disabled' where id = $1`,
    ]) {
      const b = await enter()
      expect(await isIn(b)).toBe(200)
      await sql(end, [userId('Tom')])
      expect([end, await isIn(b), await isIn(b, HOME)]).toEqual([end, 403, 401])
      await world.restore()
      await sql('delete from rate_limit')
      await allow(world, 'A', OFFICE)
    }
  })

  it('the step opens nothing for who was taken back in between', async () => {
    const secret = await withApp('Tom')
    const b = away()
    await start(b)
    await sql('delete from break_glass')
    expect((await post(b, '/api/emergency/step', { code: codeAt(secret) })).status).toBe(401)
    expect(await sql('select 1 from session where break_glass')).toEqual([])
  })

  it('a flag on a session is worth nothing without the account', async () => {
    await sql('update session set break_glass = true where user_id = $1', [userId('Eve')])
    expect([await me('Eve', ELSEWHERE), await me('Eve', HOME)]).toEqual([403, 200])
  })
})

const me = async (name: PersonName, ip: string) =>
  (await call(world, name, procedureOf('account.me'), undefined, { facts: { ip } })).status

describe('impersonation', () => {
  const at = async (cookie: string, ip: string) =>
    (await call(world, 'Tom', procedureOf('account.me'), undefined, { facts: { cookie, ip } })).status

  it('comes from the master’s addresses, not from the tenant’s', async () => {
    await allow(world, 'A', '198.51.100.0/24')
    const tom = await actAs(world, 'Tom')
    expect(await at(tom.cookie, HOME)).toBe(200)
    await allow(world, 'M', OFFICE)
    expect([await at(tom.cookie, HOME), await at(tom.cookie, ELSEWHERE)]).toEqual([200, 403])
    // Nor from the tenant's own, where the master's list does not have them; it goes on where it was.
    expect(await at(tom.cookie, '198.51.100.5')).toBe(403)
    const ended = await ask(
      world,
      'Tom',
      '/api/impersonation/ended',
      {},
      { cookie: tom.cookie, ip: ELSEWHERE },
    )
    expect(ended.headers).not.toContain('set-cookie')
    expect(await at(tom.cookie, HOME)).toBe(200)
  })

  it('that is over is nobody, and the tenant’s own list counts again', async () => {
    await allow(world, 'A', '198.51.100.0/24')
    const tom = await actAs(world, 'Tom')
    await sql('update session set revoked_at = now() where impersonation_id is not null')
    expect(await at(tom.cookie, HOME)).toBe(403)
    expect(await at(tom.cookie, '198.51.100.5')).toBe(401)
    const ended = await ask(world, 'Tom', '/api/impersonation/ended', {}, { cookie: tom.cookie })
    expect(ended.headers).toMatch(/set-cookie: fh-acting=;/)
    expect(ended.headers).toContain('/impersonation-over?why=')
  })
})
