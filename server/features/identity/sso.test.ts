import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { openWorld, type SignInWorld } from '@/server/features/sign-in/world.fixture'
import { dispatch } from '@/server/http/dispatch'
import { CLIENT, openForger, openProvider, plantSource } from './oidc.fixture'
import type { SourceFields } from './source.fixture'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

const MAIN = 'http://localhost:3000'
const ACME = 'http://acme.localhost:3000'
const BOLT = 'http://bolt.localhost:3000'
const [ofAcme, ofBolt, ofMaster, ofForger] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
const at = (base: string, id: string, end: string) => `${base}/api/sso/oidc/${id}/${end}`
const LEA = {
  sub: 'lea-1',
  preferred_username: 'Lea',
  email: 'lea@acme.example',
  name: 'Lea Lind',
  groups: ['all'],
}

let world: SignInWorld
let provider: Awaited<ReturnType<typeof openProvider>>
let forger: Awaited<ReturnType<typeof openForger>>
beforeAll(async () => {
  world = await openWorld()
  provider = await openProvider([
    at(ACME, ofAcme, 'callback'),
    at(BOLT, ofBolt, 'callback'),
    at(MAIN, ofMaster, 'callback'),
  ])
  forger = await openForger()
})
beforeEach(async () => {
  await world.forgive()
  for (const table of ['identity_source', 'session', 'tenant_policy']) await world.sql(`delete from ${table}`)
  await world.sql('delete from user_account where id <> all ($1)', [Object.values(world.ids)])
  await world.sql(`update user_account set status = 'active'`)
  provider.state.who = LEA
})
afterAll(async () => {
  await provider.close()
  await forger.close()
  await world.close()
})

const acme = (fields: Partial<SourceFields> = {}) =>
  plantSource(world, world.acme, ofAcme, { issuer: provider.issuer, roles: [['all', 'viewer']], ...fields })

const startOf = async (b: Browser, base: string, id: string, next = '') => {
  const answer = await b.get(`${at(base, id, 'start')}${next && `?next=${encodeURIComponent(next)}`}`)
  expect(answer.status).toBe(303)
  return answer.headers.get('location') ?? ''
}
/** The whole way, as a browser goes it. @returns where it ends */
const signIn = async (b: Browser, base = ACME, id = ofAcme, next = '') => {
  const back = await provider.passThrough(await startOf(b, base, id, next))
  const answer = await b.get(back)
  expect(answer.status).toBe(303)
  return answer.headers.get('location') ?? ''
}
const me = (b: Browser, base = ACME) => b.call<{ username: string }>(base, 'account.me')
const isIn = async (b: Browser, base = ACME) => (await me(b, base)).status === 200
const refusedAs = (problem: string, base = ACME) => `${base}/login?problem=${problem}`
const rolesOf = async (username: string) =>
  (
    await world.sql<{ role: string }>(
      `select r.built_in as role from role_assignment ra join user_role r on r.id = ra.role_id join user_account u on u.id = ra.user_id
       where u.username = $1 order by r.built_in`,
      [username],
    )
  ).map(({ role }) => role)
const lea = async () =>
  (
    await world.sql<{
      id: string
      email: string
      first_name: string
      home_tenant_id: string
      parent_level: boolean
    }>(`select * from user_account where username = 'lea'`)
  )[0]
const lastDenied = async () =>
  (
    await world.sql<{ reason: string }>(
      `select reason from audit_event where event = 'session.sign_in' and result = 'denied' order by at desc limit 1`,
    )
  )[0]?.reason

describe('signing in by the tenant’s own provider', () => {
  it('makes an account at the first time, homed here, without a password, and finds it again', async () => {
    await acme()
    const b = new Browser(dispatch)
    expect(await signIn(b, ACME, ofAcme, '/infrastructure/hosts')).toBe('/infrastructure/hosts')
    expect(await isIn(b)).toBe(true)
    const made = await lea()
    expect(made).toMatchObject({
      email: LEA.email,
      first_name: 'Lea',
      home_tenant_id: world.acme,
      parent_level: false,
    })
    expect(await rolesOf('lea')).toEqual(['viewer'])
    expect(await world.sql('select 1 from user_credential where user_id = $1', [made?.id])).toEqual([])
    provider.state.who = { ...LEA, email: 'lea.lind@acme.example', name: 'Lea Lund' }
    await signIn(new Browser(dispatch))
    expect(await lea()).toMatchObject({ id: made?.id, email: 'lea.lind@acme.example' })
    const synced = await world.sql<{ event: string; tenant_id: string; before: unknown; after: object }>(
      `select tenant_id, before, after from audit_event where event = 'user.sync' order by at`,
    )
    expect(synced).toMatchObject([
      { tenant_id: world.acme, after: { created: true, rolesGiven: ['Viewer'], source: 'Company login' } },
      { before: { email: LEA.email }, after: { email: 'lea.lind@acme.example', created: false } },
    ])
  })

  it('works on the main host for the master, whose new people are not parent-level', async () => {
    await plantSource(world, MASTER_TENANT_ID, ofMaster, { issuer: provider.issuer, defaultRole: 'support' })
    const b = new Browser(dispatch)
    await signIn(b, MAIN, ofMaster)
    expect(await isIn(b, MAIN)).toBe(true)
    expect(await lea()).toMatchObject({ home_tenant_id: MASTER_TENANT_ID, parent_level: false })
    expect(await isIn(b, ACME)).toBe(false)
  })

  it('B11 goes on to a page of this tenant only', async () => {
    await acme()
    for (const next of ['https://evil.example/', '//evil.example', '/\\evil', '/api/trpc/x'])
      expect(await signIn(new Browser(dispatch), ACME, ofAcme, next)).not.toMatch(/evil|api/)
  })

  it('C06 counts as the strong factor where one is asked of everybody, but a second factor that there is, is asked for', async () => {
    await acme()
    await world.sql(`insert into tenant_policy (tenant_id, second_factor) values ($1, 'all')`, [world.acme])
    const b = new Browser(dispatch)
    await signIn(b)
    expect(await isIn(b)).toBe(true)
    await world.sql(
      `insert into user_totp (user_id, tenant_id, sealed_secret, last_step) select id, home_tenant_id, 'x', 0 from user_account where username = 'lea'`,
    )
    const again = new Browser(dispatch)
    expect(await signIn(again)).toBe('/login?step=second')
    expect(await isIn(again)).toBe(false)
    // the way on is open to a right code, as after a password: a wrong one is told so, and not that it took too long
    const wrong = await again.post(`${ACME}/api/sign-in/step/recovery`, { recoveryCode: 'aaaaa-aaaaa' })
    expect(wrong.status).not.toBe(401)
  })
})

describe('roles', () => {
  it('come from all groups that match; what the source took away is gone, what an administrator gave stays', async () => {
    await acme({
      roles: [
        ['all', 'viewer'],
        ['ops', 'editor'],
        ['boss', 'admin'],
      ],
    })
    provider.state.who = { ...LEA, groups: ['all', 'ops', 'unknown'] }
    const b = new Browser(dispatch)
    await signIn(b)
    expect(await rolesOf('lea')).toEqual(['editor', 'viewer'])
    await world.sql(
      `insert into role_assignment (tenant_id, user_id, role_id) select u.home_tenant_id, u.id, r.id from user_account u, user_role r where u.username = 'lea' and r.built_in = 'admin'`,
    )
    provider.state.who = { ...LEA, groups: ['all'] }
    await signIn(new Browser(dispatch))
    expect(await rolesOf('lea')).toEqual(['admin', 'viewer'])
    expect(await isIn(b)).toBe(false) // with the role went the sessions of before
  })

  it('are the default where no group matches; who would have none is refused, and loses what the source gave', async () => {
    await acme({ defaultRole: 'viewer', roles: [['ops', 'editor']] })
    await signIn(new Browser(dispatch))
    expect(await rolesOf('lea')).toEqual(['viewer'])
    await world.sql('update identity_source set default_role_id = null')
    const b = new Browser(dispatch)
    expect(await signIn(b)).toBe(refusedAs('sso-role'))
    expect([await isIn(b), await rolesOf('lea')]).toEqual([false, []])
  })

  it('of a template are those of the copy that the tenant made of it, also once it is taken back', async () => {
    await acme({
      roles: [
        ['all', 'viewer'],
        ['ops', 'editor'],
      ],
    })
    provider.state.who = { ...LEA, groups: ['all', 'ops'] }
    await signIn(new Browser(dispatch))
    // Acme edits Editor: a copy, which people hold in its place
    const move = (from: string, to: string) =>
      world.sql(`update role_assignment set role_id = (${to}) where role_id = (${from}) and tenant_id = $1`, [
        world.acme,
      ])
    const [copy, editor] = [
      `select id from user_role where name = 'Our editor'`,
      `select id from user_role where built_in = 'editor'`,
    ]
    await world.sql(
      `insert into user_role (tenant_id, name, levels, template_id) select $1, 'Our editor', '{}', id from user_role where built_in = 'editor'`,
      [world.acme],
    )
    await move(editor, copy)
    const held = async () =>
      (
        await world.sql<{ name: string }>(
          `select r.name from role_assignment ra join user_role r on r.id = ra.role_id join user_account u on u.id = ra.user_id where u.username = 'lea' order by 1`,
        )
      ).map(({ name }) => name)
    await signIn(new Browser(dispatch))
    expect(await held()).toEqual(['Our editor', 'Viewer'])
    await move(copy, editor)
    await world.sql(`delete from user_role where name = 'Our editor'`)
    await signIn(new Browser(dispatch))
    expect(await held()).toEqual(['Editor', 'Viewer'])
    provider.state.who = { ...LEA, groups: ['all'] }
    await signIn(new Browser(dispatch))
    expect(await held()).toEqual(['Viewer'])
  })

  it('C17 leave a tenant its last owner', async () => {
    await acme({
      roles: [
        ['all', 'viewer'],
        ['owners', 'owner'],
      ],
    })
    provider.state.who = { ...LEA, groups: ['owners'] }
    await signIn(new Browser(dispatch))
    provider.state.who = { ...LEA, groups: ['all'] }
    await signIn(new Browser(dispatch))
    expect(await rolesOf('lea')).toEqual(['owner', 'viewer'])
    await world.user(world.acme, 'olga', 'owner')
    await signIn(new Browser(dispatch))
    expect(await rolesOf('lea')).toEqual(['viewer'])
  })
})

describe('who is who', () => {
  it('C09 C18 is never said by a username or an e-mail address', async () => {
    await acme()
    provider.state.who = { ...LEA, preferred_username: 'tom', email: 'tom@example.com' }
    const b = new Browser(dispatch)
    expect(await signIn(b)).toBe(refusedAs('sso-taken'))
    expect([await isIn(b), await world.sql('select * from user_identity')]).toEqual([false, []])
    provider.state.who = { ...LEA, email: 'tom@example.com' }
    await signIn(b)
    expect((await me(b)).data.username).toBe('lea')
    expect(await rolesOf('tom')).toEqual(['viewer'])
  })

  it('C18 is not said by a subject of another tenant’s source, nor by an id of ours', async () => {
    await acme()
    await plantSource(world, world.bolt, ofBolt, { issuer: provider.issuer, roles: [['all', 'viewer']] })
    await signIn(new Browser(dispatch))
    const inBolt = new Browser(dispatch)
    await signIn(inBolt, BOLT, ofBolt)
    const two = await world.sql<{ home_tenant_id: string }>(
      `select home_tenant_id from user_account where username = 'lea'`,
    )
    expect(two.map((one) => one.home_tenant_id).sort()).toEqual([world.acme, world.bolt].sort())
    expect([await isIn(inBolt, BOLT), await isIn(inBolt, ACME)]).toEqual([true, false])
    provider.state.who = { ...LEA, sub: world.ids.ada, preferred_username: 'imp' }
    const b = new Browser(dispatch)
    await signIn(b)
    expect((await me(b)).data.username).toBe('imp')
  })

  it('C18 a source works on its own tenant’s host only', async () => {
    await acme()
    const b = new Browser(dispatch)
    for (const base of [BOLT, MAIN])
      expect((await b.get(at(base, ofAcme, 'start'))).headers.get('location')).toBe(refusedAs('sso', base))
    expect(await startOf(b, ACME, ofAcme)).toContain(provider.issuer)
  })

  it('is told in words where no account is made for them', async () => {
    await acme({ createUsers: false })
    const b = new Browser(dispatch)
    expect([await signIn(b), await isIn(b)]).toEqual([refusedAs('sso-unknown'), false])
    provider.state.who = { ...LEA, sub: 'x', preferred_username: 'né ü' }
    await world.sql('update identity_source set create_users = true')
    expect(await signIn(b)).toBe(refusedAs('sso-username'))
  })

  it('C03 whoever has no password gets no mail to set one', async () => {
    await acme()
    await signIn(new Browser(dispatch))
    const find = (name: string) => world.sql(`select username from wall.reset_find('acme', $1)`, [name])
    expect([await find('lea'), await find(LEA.email)]).toEqual([[], []])
    expect(await find('tom')).toEqual([{ username: 'tom' }])
  })
})

describe('closed', () => {
  it('G03 a disabled person, source or tenant is refused the same way', async () => {
    await acme()
    await signIn(new Browser(dispatch))
    const tries = async (change: string, back: string) => {
      await world.sql(change)
      const b = new Browser(dispatch)
      const first = await b.get(at(ACME, ofAcme, 'start'))
      const to = first.headers.get('location') ?? ''
      const end = to.startsWith(provider.issuer)
        ? (await b.get(await provider.passThrough(to))).headers.get('location')
        : to
      await world.sql(back)
      return [end, await isIn(b)]
    }
    const no = [refusedAs('sso'), false]
    const of = (table: string, on: string, off: string, where: string): [string, string] => [
      `update ${table} set ${off} where ${where}`,
      `update ${table} set ${on} where ${where}`,
    ]
    expect(
      await tries(...of('user_account', `status = 'active'`, `status = 'disabled'`, `username = 'lea'`)),
    ).toEqual(no)
    expect(await tries(...of('identity_source', 'enabled = true', 'enabled = false', 'true'))).toEqual(no)
    expect(await tries(...of('tenant', `status = 'active'`, `status = 'disabled'`, `slug = 'acme'`))).toEqual(
      no,
    )
    const b = new Browser(dispatch)
    await signIn(b)
    expect(await isIn(b)).toBe(true)
  })

  it('a source that was disabled on the way lets nobody in', async () => {
    await acme()
    const b = new Browser(dispatch)
    const back = await provider.passThrough(await startOf(b, ACME, ofAcme))
    await world.sql('update identity_source set enabled = false')
    expect((await b.get(back)).headers.get('location')).toBe(refusedAs('sso'))
  })
})

describe('the answer of the provider', () => {
  it('C12 works once, in the browser where it began, with its own state', async () => {
    await acme()
    const b = new Browser(dispatch)
    const cookies = () => b.cookiesOf('acme.localhost')
    const back = await provider.passThrough(await startOf(b, ACME, ofAcme))
    const kept = new Map(cookies())
    const no = refusedAs('sso')
    expect((await new Browser(dispatch).get(back)).headers.get('location')).toBe(no)
    expect(await lastDenied()).toBe('the sign-in did not begin in this browser')
    expect((await b.get(back)).headers.get('location')).toBe('/')
    const again = new Browser(dispatch)
    for (const [name, value] of kept) again.cookiesOf('acme.localhost').set(name, value)
    expect((await again.get(back)).headers.get('location')).toBe(no)
    expect(await lastDenied()).toBe('the answer was used before')
    const other = new Browser(dispatch)
    const wrong = new URL(await provider.passThrough(await startOf(other, ACME, ofAcme)))
    wrong.searchParams.set('state', 'x')
    expect((await other.get(wrong.href)).headers.get('location')).toBe(no)
    expect(await isIn(other)).toBe(false)
    const cookie = b.setCookies.find((one) => one.startsWith('fh-sso=') && !/Max-Age=0/.test(one))
    expect(cookie).toMatch(/; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/)
  })

  const forge = async (forgery: typeof forger.state.forgery) => {
    await world.sql('delete from identity_source')
    await plantSource(world, world.acme, ofForger, { issuer: forger.issuer, roles: [['all', 'viewer']] })
    forger.state.forgery = forgery
    const b = new Browser(dispatch)
    const to = new URL(await startOf(b, ACME, ofForger))
    forger.state.nonce = to.searchParams.get('nonce') ?? ''
    const state = to.searchParams.get('state') ?? ''
    const end = await b.get(`${at(ACME, ofForger, 'callback')}?code=x&state=${state}`)
    return [end.headers.get('location'), await isIn(b)]
  }
  const no = [refusedAs('sso'), false]

  it('C12 is refused with a wrong nonce, audience, issuer or time', async () => {
    expect(await forge({})).toEqual(['/', true])
    const now = Math.floor(Date.now() / 1000)
    for (const claims of [
      { nonce: 'another' },
      { nonce: undefined },
      { aud: 'another-client' },
      { aud: [CLIENT.id, 'another'], azp: 'another' },
      { iss: provider.issuer },
      { exp: now - 120 },
      { sub: undefined },
    ])
      expect([claims, await forge({ claims })]).toEqual([claims, no])
  })

  it('C12 is refused unsigned, signed by another key, or by the secret', async () => {
    expect(await forge({})).toEqual(['/', true])
    expect(await forge({ header: { alg: 'none', kid: undefined }, key: 'none' })).toEqual(no)
    expect(await forge({ header: { alg: 'RS256' }, key: 'none' })).toEqual(no)
    expect(await forge({ header: { alg: 'HS256' } })).toEqual(no)
    expect(await forge({ key: 'other' })).toEqual(no)
    expect(await forge({ header: { kid: '../../etc/passwd' } })).toEqual(no)
  })
})
