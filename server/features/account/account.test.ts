import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Account } from '@/server/features/account/account.schema'
import type { SessionRow } from '@/server/features/sessions/sessions.schema'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { openWorld, PASSWORD, type SignInWorld } from '@/server/features/sign-in/world.fixture'
import { dispatch } from '@/server/http/dispatch'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

const MAIN = 'http://localhost:3000'
const ACME = 'http://acme.localhost:3000'
const BOLT = 'http://bolt.localhost:3000'
const NEW = 'violet-kettle-ridge-7'

let world: SignInWorld
const signedIn = async (base: string, login: string, password = PASSWORD) => {
  const b = new Browser(dispatch)
  expect((await b.signIn(base, login, password)).status).toBe(200)
  return b
}
const isIn = async (b: Browser, base: string) => (await b.call(base, 'account.me')).status === 200
const sessionsOf = async (b: Browser, base = ACME) =>
  (await b.call<{ rows: SessionRow[] }>(base, 'sessions.list')).data.rows
const level = (account: Account, name: string) => account.permissions.find((row) => row.permission === name)

beforeAll(async () => {
  world = await openWorld()
})
beforeEach(async () => {
  await world.forgive()
  await world.sql('delete from session')
})
afterAll(() => world.close())

describe('who am I', () => {
  it('tells a tenant user their roles, rights and why', async () => {
    const tom = await signedIn(ACME, 'tom')
    const { data } = await tom.call<Account>(ACME, 'account.me')
    expect(data).toMatchObject({
      username: 'tom',
      home: { name: 'Acme', slug: 'acme' },
      tenant: { slug: 'acme', isHome: true, isMaster: false },
      roles: [{ name: 'Viewer' }],
      cap: 'Customer',
    })
    expect(level(data, 'hosts')).toMatchObject({ level: 'read', reason: 'Role Viewer' })
    expect(level(data, 'tenants')).toBeUndefined() // the master's alone: not to be had here
  })

  it('names the cap that cuts a right, and the home of a member from elsewhere', async () => {
    const guest = await world.user(world.bolt, 'guest', 'viewer')
    await world.member(world.acme, guest, 'admin')
    await world.sql(
      `insert into tenant_role (id, name, levels) values ('00000000-0000-4000-8000-0000000009aa', 'Tight', '{"hosts": "read", "users": "full"}')`,
    )
    await world.sql(
      `update tenant set tenant_role_id = '00000000-0000-4000-8000-0000000009aa' where slug = 'acme'`,
    )
    const b = await signedIn(ACME, 'bolt\\guest')
    const { data } = await b.call<Account>(ACME, 'account.me')
    expect(data).toMatchObject({
      home: { name: 'Bolt', slug: 'bolt' },
      tenant: { slug: 'acme', isHome: false },
      cap: 'Tight',
    })
    expect(level(data, 'hosts')).toMatchObject({
      level: 'read',
      reason: "Role Admin, limited by the tenant's base role Tight",
    })
    expect(level(data, 'users')).toMatchObject({ level: 'full', reason: 'Role Admin' })
    await world.sql(
      `update tenant set tenant_role_id = (select id from tenant_role where built_in = 'customer') where slug = 'acme'`,
    )
  })

  it('works for a parent-level user in a tenant, and answers nobody', async () => {
    const mara = await signedIn(ACME, 'default\\mara')
    const { data } = await mara.call<Account>(ACME, 'account.me')
    expect(data).toMatchObject({ parentLevel: true, home: { slug: 'default' }, tenant: { slug: 'acme' } })
    expect(level(data, 'tenants')).toBeUndefined()
    expect((await new Browser(dispatch).call(ACME, 'account.me')).status).toBe(401)
  })
})

describe('my sessions', () => {
  it("lists mine in this tenant only, newest first, with the one I am in marked; never anyone else's", async () => {
    const laptop = await signedIn(ACME, 'tom')
    const phone = new Browser(
      dispatch,
      '198.51.100.4',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1',
    )
    await phone.signIn(ACME, 'tom', PASSWORD)
    await signedIn(ACME, 'ada')
    const rows = await sessionsOf(laptop)
    expect(rows).toHaveLength(2)
    expect(rows.find((row) => row.current)).toMatchObject({ device: 'Firefox on Linux', ip: '192.0.2.1' })
    expect(rows.find((row) => !row.current)).toMatchObject({ device: 'Safari on iPhone', ip: '198.51.100.4' })
    expect(JSON.stringify(rows)).not.toMatch(/token|hash/i)
  })

  it('ends one, and all others, at once, each with an audit row', async () => {
    const [a, b, c] = [await signedIn(ACME, 'tom'), await signedIn(ACME, 'tom'), await signedIn(ACME, 'tom')]
    const bId = (await sessionsOf(b)).find((row) => row.current)?.id
    expect((await a.call(ACME, 'sessions.end', { id: bId })).data).toEqual({ ended: 1 })
    expect(await isIn(b, ACME)).toBe(false)
    expect(await isIn(c, ACME)).toBe(true)
    expect((await a.call(ACME, 'sessions.endOthers')).data).toEqual({ ended: 1 })
    expect(await isIn(c, ACME)).toBe(false)
    expect(await isIn(a, ACME)).toBe(true)
    const events = await world.sql(
      `select event from audit_event where event like 'session.end%' order by at desc limit 2`,
    )
    expect(events).toEqual([{ event: 'session.end_others' }, { event: 'session.end' }])
  })

  it("does not know another person's or tenant's: the same 404 as for none", async () => {
    const tom = await signedIn(ACME, 'tom')
    const ada = await signedIn(ACME, 'ada')
    const bo = await signedIn(BOLT, 'bo')
    const adas = (await sessionsOf(ada))[0]?.id
    const bos = (await sessionsOf(bo, BOLT))[0]?.id
    const none = await tom.call(ACME, 'sessions.end', { id: '00000000-0000-4000-8000-00000000dead' })
    expect(none.status).toBe(404)
    expect(await tom.call(ACME, 'sessions.end', { id: adas })).toEqual(none)
    expect(await tom.call(ACME, 'sessions.end', { id: bos })).toEqual(none)
    expect(await isIn(ada, ACME)).toBe(true)
    expect(await isIn(bo, BOLT)).toBe(true)
  })
})

describe('changing my password', () => {
  const change = (b: Browser, more: object = {}, base = ACME) =>
    b.call<{ otherSessionsEnded: number }>(base, 'account.changePassword', {
      current: PASSWORD,
      password: NEW,
      confirm: NEW,
      ...more,
    })

  it('C14: needs the current one, and a good new one that differs', async () => {
    const tom = await signedIn(ACME, 'tom')
    expect((await change(tom, { current: 'wrong password 123' })).fields).toEqual({
      current: 'This is not your current password.',
    })
    expect(Object.keys((await change(tom, { confirm: 'another one 123' })).fields ?? {})).toEqual(['confirm'])
    expect(
      Object.keys((await change(tom, { password: 'password1234', confirm: 'password1234' })).fields ?? {}),
    ).toEqual(['password'])
    expect(Object.keys((await change(tom, { password: PASSWORD, confirm: PASSWORD })).fields ?? {})).toEqual([
      'password',
    ])
    expect(await isIn(tom, ACME)).toBe(true)
    const denied = await world.sql(
      `select reason from audit_event where event = 'account.password_change' and result = 'denied'`,
    )
    expect(denied).toEqual([{ reason: 'wrong current password' }])
    expect((await change(new Browser(dispatch))).status).toBe(401)
  })

  it('C10, C11: gives this session a new token and ends all others, in other tenants too', async () => {
    const guest = await world.user(world.bolt, 'roamer', 'viewer')
    await world.member(world.acme, guest, 'viewer')
    const [here, there, abroad] = [
      await signedIn(BOLT, 'roamer'),
      await signedIn(BOLT, 'roamer'),
      await signedIn(ACME, 'bolt\\roamer'),
    ]
    const before = here.cookiesOf('bolt.localhost').get('fh') ?? ''
    expect((await change(here, {}, BOLT)).data).toEqual({ otherSessionsEnded: 2 })
    const after = here.cookiesOf('bolt.localhost').get('fh') ?? ''
    expect(after).not.toBe(before)
    expect(here.setCookies.at(-1)).toMatch(/^fh=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Lax$/)
    expect(await isIn(here, BOLT)).toBe(true)
    expect(await isIn(there, BOLT)).toBe(false)
    expect(await isIn(abroad, ACME)).toBe(false)
    here.cookiesOf('bolt.localhost').set('fh', before)
    expect(await isIn(here, BOLT)).toBe(false)
    expect((await new Browser(dispatch).signIn(BOLT, 'roamer', PASSWORD)).status).toBe(401)
    await signedIn(BOLT, 'roamer', NEW)
    const rows = await world.sql<{ row: string }>(
      `select e::text as row from audit_event e where event = 'account.password_change'`,
    )
    expect(rows.map(({ row }) => row).join()).not.toMatch(/violet|argon2/)
  })

  it('allows ten tries', async () => {
    const mara = await signedIn(MAIN, 'mara')
    for (let i = 0; i < 10; i++)
      expect((await change(mara, { current: 'wrong password 123' }, MAIN)).status).toBe(400)
    expect(await change(mara, {}, MAIN)).toMatchObject({ status: 429, error: 'rate_limited' })
  })
})
