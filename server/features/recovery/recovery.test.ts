import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { openWorld, PASSWORD, type SignInWorld } from '@/server/features/sign-in/world.fixture'
import { dispatch } from '@/server/http/dispatch'
import { hashPassword } from '@/server/platform/password'
import { mailbox } from './mailbox.fixture'
import { recoverySettled } from './recovery.service'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

const MAIN = 'http://localhost:3000'
const ACME = 'http://acme.localhost:3000'
const BOLT = 'http://bolt.localhost:3000'
const NEW = 'violet-kettle-ridge-7'

let world: SignInWorld
let hash: string
beforeAll(async () => {
  world = await openWorld()
  hash = await hashPassword(PASSWORD)
})
beforeEach(async () => {
  await world.forgive()
  await world.sql('delete from mail_message')
  await world.sql('delete from account_link')
  await world.sql('delete from session')
  await world.sql("update user_account set status = 'active'")
  await world.sql(
    'update user_credential set password_hash = $1, changed_at = now(), must_change = false, expires_at = null',
    [hash],
  )
})
afterAll(() => world.close())

const browser = (ip?: string) => new Browser(dispatch, ip)
const forgot = async (base: string, login: unknown, b = browser()) => {
  const response = await b.post(`${base}/api/sign-in/forgot`, { login })
  const body = (await response.json()) as Record<string, unknown>
  await recoverySettled()
  return { status: response.status, body }
}
const mails = (address: string) => mailbox(world.sql, address)
const tokenFor = async (name: string, base = ACME) => {
  await forgot(base, name)
  return (await mails(`${name}@example.com`)).at(-1)?.token ?? ''
}
const reset = (base: string, token: string, password = NEW, b = browser()) =>
  b.post(`${base}/api/sign-in/reset`, { token, password, confirm: password })
const signIn = async (login: string, password: string, base = ACME) =>
  (await browser().signIn(base, login, password)).status
const events = async (event: string) =>
  world.sql<{ tenant_id: string; target_name: string; actor_name: string; after: unknown }>(
    "select tenant_id, target_name, actor_name, after from audit_event where event = $1 and result = 'ok' order by at",
    [event],
  )

describe('a forgotten password', () => {
  it('goes by mail, in the tenant’s name, to a new one; sessions end', async () => {
    const old = browser()
    expect((await old.signIn(ACME, 'tom', PASSWORD)).status).toBe(200)
    await world.sql('update user_credential set must_change = true where user_id = $1', [world.ids.tom])
    expect(await forgot(ACME, 'Tom@Example.com')).toEqual({ status: 200, body: { ok: true } })
    const [mail] = await mails('tom@example.com')
    expect(mail).toMatchObject({ kind: 'password_reset', tenantId: world.acme, page: `${ACME}/reset` })
    const b = browser()
    const check = await b.post(`${ACME}/api/sign-in/reset/check`, { token: mail?.token })
    expect(await check.json()).toEqual({ username: 'tom', passwordMin: 12 })
    const short = await reset(ACME, mail?.token ?? '', 'short')
    expect([short.status, (await short.json()) as object]).toMatchObject([
      400,
      { fields: { password: expect.any(String) as string } },
    ])
    expect((await reset(ACME, mail?.token ?? '', 'passwordpassword')).status).toBe(400)
    const done = await reset(ACME, mail?.token ?? '')
    expect([done.status, await done.json()]).toEqual([200, { username: 'tom' }])
    expect((await old.call(ACME, 'account.me')).status).toBe(401)
    expect([await signIn('tom', PASSWORD), await signIn('tom', NEW)]).toEqual([401, 200])
    const fresh = browser()
    await fresh.signIn(ACME, 'tom', NEW)
    expect((await fresh.get(`${ACME}/api/trpc/users.list?input={}`)).status).toBe(200) // must-change is lifted
    expect((await mails('tom@example.com')).map(({ kind }) => kind)).toEqual(['password_reset', 'notice'])
    expect(await events('account.password_reset')).toEqual([
      {
        tenant_id: world.acme,
        target_name: 'tom',
        actor_name: 'tom Test (tom)',
        after: { sessionsEnded: 1 },
      },
    ])
    expect(await events('account.password_forgotten')).toMatchObject([
      { target_name: 'tom', actor_name: 'nobody' },
    ])
  })

  it('of the master, and of acme\\tom, from the main host; the link leads home', async () => {
    await forgot(MAIN, 'mara')
    expect(await mails('mara@example.com')).toMatchObject([{ page: `${MAIN}/reset` }])
    await forgot(MAIN, 'acme\\tom')
    expect(await mails('tom@example.com')).toMatchObject([{ page: `${ACME}/reset` }])
    await forgot(MAIN, 'tom')
    await forgot(BOLT, 'tom')
    expect(await mails('tom@example.com')).toHaveLength(1)
  })

  it('B07 links come from the configuration, whatever the request says of its host', async () => {
    const b = browser()
    const poisoned = {
      'x-forwarded-host': 'evil.example',
      forwarded: 'host=evil.example',
      'x-forwarded-proto': 'https',
      'x-original-host': 'evil.example',
      referer: 'https://evil.example/',
    }
    await b.post(`${ACME}/api/sign-in/forgot`, { login: 'tom' }, { headers: poisoned })
    await recoverySettled()
    const [mail] = await mails('tom@example.com')
    expect(mail?.page).toBe(`${ACME}/reset`)
    expect(`${mail?.text}${mail?.html}`).not.toContain('evil')
    expect(`${mail?.html}`).toContain(`${ACME}/reset#${mail?.token}`) // behind #: in no log
    const foreign = await b.post(
      `${ACME}/api/sign-in/forgot`,
      { login: 'tom' },
      { headers: { origin: 'https://evil.example' } },
    )
    expect(foreign.status).toBe(403)
  })

  it('C03 known, unknown, disabled and malformed get one answer, before anything is looked up', async () => {
    await world.sql("update user_account set status = 'disabled' where id = $1", [world.ids.ada])
    const answers = [
      await forgot(ACME, 'tom'),
      await forgot(ACME, 'ada'),
      await forgot(ACME, 'nobody.here'),
      await forgot(ACME, 'no such\u0000name'),
      await forgot(ACME, 'bo@example.com'),
      await forgot('http://nosuch.localhost:3000', 'tom'),
      await forgot(MAIN, 'nosuch\\tom'),
    ]
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(await mails('tom@example.com')).toHaveLength(1)
    expect(await mails('ada@example.com')).toEqual([])
    expect(await mails('bo@example.com')).toEqual([])
    expect(await events('account.password_forgotten')).not.toContainEqual(
      expect.objectContaining({ target_name: 'ada' }),
    )
  })

  it('C04 a link works once, in time, at home, and only for the password of its moment', async () => {
    const token = await tokenFor('tom')
    const tried = async (t: string, base = ACME) => (await reset(base, t)).status
    expect([await tried(token, BOLT), await tried(token, MAIN), await tried(token.slice(0, -1))]).toEqual([
      404, 404, 404,
    ])
    expect([await tried('x'.repeat(43)), await tried(`${token}=`)]).toEqual([404, 404])
    await recoverySettled()
    const denied = await world.sql<{ n: string }>(
      "select count(*) as n from audit_event where event = 'account.password_reset' and result = 'denied' and tenant_id = $1",
      [world.acme],
    )
    expect(Number(denied[0]?.n)).toBeGreaterThanOrEqual(3)
    await world.sql("update account_link set expires_at = now() - interval '1 second'")
    expect(await tried(token)).toBe(404)
    await world.sql("update account_link set expires_at = now() + interval '1 minute'")
    await world.sql("update user_account set email = 'tom2@example.com' where id = $1", [world.ids.tom])
    expect(await tried(token)).toBe(404) // the address is another one now
    await world.sql("update user_account set email = 'tom@example.com' where id = $1", [world.ids.tom])
    const second = await tokenFor('tom')
    expect(await tried(token)).toBe(200)
    const check = await browser().post(`${ACME}/api/sign-in/reset/check`, { token: second })
    expect(check.status).toBe(404)
    expect([await tried(token), await tried(second)]).toEqual([404, 404]) // used; of the former password
    await world.forgive()
    const third = await tokenFor('tom')
    await world.sql("update tenant set status = 'disabled' where id = $1", [world.acme])
    const closed = await tried(third)
    await world.sql("update tenant set status = 'active' where id = $1", [world.acme])
    expect([closed, await tried(third)]).toEqual([404, 200])
  })

  it('C04 fifty at once: one succeeds', async () => {
    const tokens = [await tokenFor('tom'), await tokenFor('tom')]
    const statuses = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        reset(ACME, tokens[i % 2] ?? '', `${NEW}-${i}`, browser(`198.51.100.${i}`)).then((r) => r.status),
      ),
    )
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 404)).toHaveLength(49)
    expect(await events('account.password_reset')).not.toHaveLength(0)
    expect(await world.sql('select 1 from account_link where used_at is null')).toEqual(expect.any(Array))
  })

  it('C05 one address, the stored one: lists, headers and markup lead nowhere', async () => {
    expect((await forgot(ACME, ['tom@example.com', 'evil@evil.example'])).status).toBe(400)
    for (const login of [
      'tom@example.com,evil@evil.example',
      '"tom@example.com"@evil.example',
      'tom@example.com\r\nBcc: evil@evil.example',
      'tom@example.com evil@evil.example',
    ])
      expect((await forgot(ACME, login)).status).toBe(200)
    expect(await world.sql('select 1 from mail_message')).toEqual([])
    await world.sql("update tenant set name = '<img src=x>' where id = $1", [world.acme])
    await forgot(ACME, 'tom')
    await world.sql("update tenant set name = 'Acme' where id = $1", [world.acme])
    const [mail] = await mails('tom@example.com')
    expect(mail?.html).not.toContain('<img')
  })

  it('is asked for a few times only, by name, by person and by address', async () => {
    const statuses: number[] = []
    for (let i = 0; i < 6; i++) statuses.push((await forgot(ACME, 'tom', browser(`198.51.100.${i}`))).status)
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
    expect((await forgot(ACME, 'tom@example.com', browser('198.51.100.9'))).status).toBe(200)
    expect(await mails('tom@example.com')).toHaveLength(3)
    const unknown: number[] = []
    for (let i = 0; i < 6; i++)
      unknown.push((await forgot(ACME, 'nobody.here', browser(`198.51.101.${i}`))).status)
    expect(unknown).toEqual(statuses)
    const one = browser('198.51.102.1')
    for (let i = 0; i < 20; i++) await forgot(ACME, `name${i}`, one)
    expect((await forgot(ACME, 'another', one)).status).toBe(429)
  })

  it('lets in who was locked out by wrong tries', async () => {
    for (let i = 0; i < 11; i++) await signIn('tom', 'wrong')
    expect(await signIn('tom', PASSWORD)).toBe(429)
    await reset(ACME, await tokenFor('tom'))
    expect(await signIn('tom', NEW)).toBe(200)
  })
})
