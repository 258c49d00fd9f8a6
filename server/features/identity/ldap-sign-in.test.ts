import { randomUUID } from 'node:crypto'
import { Attribute, Change } from 'ldapts'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { openWorld, PASSWORD, type SignInWorld } from '@/server/features/sign-in/world.fixture'
import { dispatch } from '@/server/http/dispatch'
import { BASE, ensureSlapd, type Slapd, startSlapd } from '@/test/slapd'
import { openHostile } from './ldap-hostile.fixture'
import { ENTRIES, LEA_DN, LEA_PASSWORD } from './ldap-entries.fixture'
import { plantDirectory } from './ldap.fixture'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

const MAIN = 'http://localhost:3000'
const ACME = 'http://acme.localhost:3000'
const BOLT = 'http://bolt.localhost:3000'
const here = ensureSlapd()
const WRONG = { error: 'unauthenticated', message: 'The username or password is wrong.' }

describe.skipIf(!here)('signing in by the tenant’s own directory', () => {
  let world: SignInWorld
  let slapd: Slapd
  beforeAll(async () => {
    world = await openWorld()
    slapd = await startSlapd(ENTRIES)
  })
  afterAll(async () => {
    await slapd?.stop()
    await world.close()
  })
  beforeEach(async () => {
    await world.forgive()
    for (const table of ['identity_source', 'session', 'tenant_policy'])
      await world.sql(`delete from ${table}`)
    await world.sql('delete from user_account where id <> all ($1)', [Object.values(world.ids)])
    await world.sql(`update user_account set status = 'active'`)
    await world.sql(`update tenant set status = 'active'`)
  })

  const acme = (more: Parameters<typeof plantDirectory>[3] = {}) =>
    plantDirectory(world, slapd, world.acme, { roles: [['all', 'viewer']], ...more })
  interface Typed {
    login?: string
    password?: string
    base?: string
    next?: string
    csrfToken?: string
  }
  const answer = async (
    b: Browser,
    id: string,
    { login = 'lea', password = LEA_PASSWORD, base = ACME, ...more }: Typed = {},
  ) => {
    const csrf = (await (await b.get(`${base}/api/auth/csrf`)).json()) as { csrfToken: string }
    return b.post(`${base}/api/sso/ldap/${id}/sign-in`, { login, password, ...csrf, ...more })
  }
  /** Where it leads, or what it says. */
  const signIn = async (b: Browser, id: string, typed: Typed = {}) => {
    const got = await answer(b, id, typed)
    const body = (await got.json()) as { next?: string; error?: string; message?: string }
    return got.status === 200 ? body.next : { error: body.error, message: body.message }
  }
  const me = (b: Browser, base = ACME) => b.call<{ username: string }>(base, 'account.me')
  const isIn = async (b: Browser, base = ACME) => (await me(b, base)).status === 200
  const rolesOf = async (username: string) =>
    (
      await world.sql<{ role: string }>(
        `select r.built_in as role from role_assignment ra join user_role r on r.id = ra.role_id join user_account u on u.id = ra.user_id
         where u.username = $1 order by r.built_in`,
        [username],
      )
    ).map(({ role }) => role)
  const member = (of: string, operation: 'add' | 'delete', who = LEA_DN) =>
    slapd.admin((client) =>
      client.modify(
        `cn=${of},ou=groups,${BASE}`,
        new Change({ operation, modification: new Attribute({ type: 'member', values: [who] }) }),
      ),
    )
  const denied = async () => {
    const read = () =>
      world.sql<{ reason: string; after: { login?: string } | null; target_name: string }>(
        `select reason, after, target_name from audit_event where event = 'session.sign_in' and result = 'denied' order by at desc limit 1`,
      )
    await vi.waitFor(async () => expect(await read()).not.toEqual([]))
    return (await read())[0]
  }

  it('makes an account at the first time, homed here, without a password, and finds it again', async () => {
    const id = await acme()
    const b = new Browser(dispatch)
    expect(await signIn(b, id, { next: '/infrastructure/hosts' })).toBe('/infrastructure/hosts')
    expect((await me(b)).data.username).toBe('lea')
    const made = () =>
      world.sql(
        `select id, email, first_name, last_name, home_tenant_id, parent_level from user_account where username = 'lea'`,
      )
    const [lea] = await made()
    expect(lea).toMatchObject({
      email: 'lea@acme.example',
      ...{ first_name: 'Lea', last_name: 'Lind', home_tenant_id: world.acme, parent_level: false },
    })
    expect(
      await world.sql('select 1 from user_credential where user_id = $1', [(lea as { id: string }).id]),
    ).toEqual([])
    // whatever she is called there, and wherever she moves: it is her
    const moved = `uid=lea.lund,ou=groups,${BASE}`
    await slapd.admin((client) => client.modifyDN(LEA_DN, moved))
    expect(await signIn(new Browser(dispatch), id, { login: 'lea.lund' })).toBeTypeOf('string')
    await slapd.admin((client) => client.modifyDN(moved, LEA_DN))
    expect(await made()).toEqual([lea])
  })

  it('gives the roles of all groups that match; what a group gave goes with it, and the sessions of before', async () => {
    const id = await acme({
      roles: [
        ['all', 'viewer'],
        ['ops', 'editor'],
        ['boss', 'admin'],
      ],
    })
    const b = new Browser(dispatch)
    await signIn(b, id)
    expect(await rolesOf('lea')).toEqual(['editor', 'viewer'])
    await member('Ops', 'add', `uid=max,ou=people,${BASE}`)
    await member('Ops', 'delete')
    await signIn(new Browser(dispatch), id)
    expect([await rolesOf('lea'), await isIn(b)]).toEqual([['viewer'], false])
    await member('Ops', 'add')
    await signIn(new Browser(dispatch), id)
    expect(await rolesOf('lea')).toEqual(['editor', 'viewer'])
    await member('Ops', 'delete', `uid=max,ou=people,${BASE}`)
  })

  it('knows groups by their whole name, and by searching for them', async () => {
    const ops = `cn=ops,ou=groups,${BASE}`
    const id = await acme({
      provider: { groupName: 'dn' },
      roles: [
        ['ops', 'admin'],
        [ops, 'editor'],
      ],
    })
    await signIn(new Browser(dispatch), id)
    expect(await rolesOf('lea')).toEqual(['editor'])
    await world.sql('delete from identity_source')
    await world.sql(`delete from user_account where username = 'lea'`)
    const search = { groupsFrom: 'search', groupBase: `ou=groups,${BASE}` } as const
    await signIn(new Browser(dispatch), await acme({ provider: search, roles: [['ops', 'editor']] }))
    expect(await rolesOf('lea')).toEqual(['editor'])
  })

  it('gives the default role where no group matches; who would have none is told so', async () => {
    const id = await acme({ roles: [], defaultRole: 'viewer' })
    await signIn(new Browser(dispatch), id)
    expect(await rolesOf('lea')).toEqual(['viewer'])
    await world.sql('update identity_source set default_role_id = null')
    const b = new Browser(dispatch)
    expect(await signIn(b, id)).toBe('/login?problem=sso-role')
    expect([await isIn(b), await rolesOf('lea')]).toEqual([false, []])
  })

  it('C09 takes over no account by its username, and makes none where it may not', async () => {
    const id = await acme()
    const b = new Browser(dispatch)
    expect(await signIn(b, id, { login: 'tom' })).toBe('/login?problem=sso-taken')
    expect([await isIn(b), await world.sql('select * from user_identity')]).toEqual([false, []])
    await world.sql('update identity_source set create_users = false')
    expect(await signIn(b, id)).toBe('/login?problem=sso-unknown')
  })

  it('C03 says the same to whoever is unknown, wrong, two, disabled here, or tries to be clever', async () => {
    const id = await acme()
    await signIn(new Browser(dispatch), id)
    const b = new Browser(dispatch)
    for (const [typed, reason] of [
      [{ password: 'wrong' }, 'wrong'],
      [{ login: 'nobody' }, 'unknown'],
      [{ login: 'twin' }, 'several'],
      [{ login: '*' }, 'unknown'],
      [{ login: 'lea)(uid=*' }, 'unknown'],
      [{ login: ')(|(uid=*' }, 'unknown'],
    ] as const) {
      const began = performance.now()
      expect([typed, await signIn(b, id, typed)]).toEqual([typed, WRONG])
      expect(performance.now() - began).toBeGreaterThan(295)
      await vi.waitFor(async () => expect((await denied())?.reason).toBe(reason))
    }
    await world.sql(`update user_account set status = 'disabled' where username = 'lea'`)
    expect([await signIn(b, id), await isIn(b)]).toEqual([WRONG, false])
    await world.sql(`update user_account set status = 'active' where username = 'lea'`)
    expect([await signIn(b, id), await isIn(b)]).toEqual(['/', true])
  })

  it('refuses an empty password before anything is asked', async () => {
    const id = await acme()
    const got = await answer(new Browser(dispatch), id, { password: '' })
    expect([got.status, await got.json()]).toMatchObject([
      400,
      { fields: { password: 'Enter your password.' } },
    ])
  })

  it('tries local passwords there, and the directory’s here, never', async () => {
    const id = await acme()
    await signIn(new Browser(dispatch), id)
    const b = new Browser(dispatch)
    expect((await b.signIn(ACME, 'lea', LEA_PASSWORD)).status).toBe(401)
    expect(await signIn(b, id, { login: 'ada', password: PASSWORD })).toEqual(WRONG)
    expect(await isIn(b)).toBe(false)
    const hostile = await openHostile(() => null)
    await world.sql(`update identity_source set settings = settings || $1`, [
      JSON.stringify({ port: hostile.port, security: 'plain' }),
    ])
    expect((await b.signIn(ACME, 'ada', PASSWORD)).status).toBe(200)
    expect(hostile.heard()).toBe('')
    await hostile.close()
  })

  it('C18 works on the host of its own tenant only, enabled, in an active tenant', async () => {
    const id = await acme()
    const b = new Browser(dispatch)
    for (const base of [BOLT, MAIN])
      expect([await signIn(b, id, { base }), await isIn(b, base)]).toEqual([WRONG, false])
    expect(await signIn(b, randomUUID())).toEqual(WRONG)
    for (const [change, back] of [
      ['update identity_source set enabled = false', 'update identity_source set enabled = true'],
      [`update tenant set status = 'disabled' where slug = 'acme'`, `update tenant set status = 'active'`],
    ] as const) {
      await world.sql(change)
      expect([change, await signIn(b, id)]).toEqual([change, WRONG])
      await world.sql(back)
    }
    expect(await signIn(b, id)).toBe('/')
    // the same person of the same directory is another one in Bolt, and in the master
    const ofBolt = await plantDirectory(world, slapd, world.bolt, { roles: [['all', 'viewer']] })
    const ofMaster = await plantDirectory(world, slapd, MASTER_TENANT_ID, { defaultRole: 'support' })
    await signIn(b, ofBolt, { base: BOLT })
    await signIn(b, ofMaster, { base: MAIN })
    const homes = await world.sql<{ home_tenant_id: string }>(
      `select home_tenant_id from user_account where username = 'lea'`,
    )
    expect(new Set(homes.map((one) => one.home_tenant_id))).toEqual(
      new Set([world.acme, world.bolt, MASTER_TENANT_ID]),
    )
  })

  it('C01 C02 counts tries on a name, and forgets them when it was right', async () => {
    const id = await acme()
    const b = new Browser(dispatch)
    const wrong = async (n: number, login = 'lea') => {
      for (let i = 0; i < n; i++) expect((await answer(b, id, { login, password: 'wrong' })).status).toBe(401)
    }
    await world.sql(`insert into tenant_policy (tenant_id, lockout_attempts) values ($1, 3)`, [world.acme])
    await wrong(2)
    expect(await signIn(b, id)).toBe('/')
    const stranger = new Browser(dispatch, '192.0.2.77')
    const tryAs = async (login: string, password = 'wrong') =>
      (await answer(stranger, id, { login, password })).status
    expect([await tryAs('lea'), await tryAs('LEA'), await tryAs('lea')]).toEqual([401, 401, 401])
    expect(await tryAs('lea', LEA_PASSWORD)).toBe(429)
    expect(await tryAs('max', LEA_PASSWORD)).toBe(200)
    // her own browser has tries of its own
    expect(await signIn(b, id)).toBe('/')
    // a local account of that name has not been tried
    expect((await new Browser(dispatch).signIn(ACME, 'tom', PASSWORD)).status).toBe(200)
  })

  it('C01 counts tries on a person by all of their names, and on a name however blank it is', async () => {
    const id = await acme({ provider: { loginAttributes: 'uid mail' } })
    await world.sql(`insert into tenant_policy (tenant_id, lockout_attempts) values ($1, 3)`, [world.acme])
    const stranger = new Browser(dispatch, '192.0.2.77')
    const tryAs = async (login: string, password = 'wrong') =>
      (await answer(stranger, id, { login, password })).status
    expect([await tryAs('lea'), await tryAs(' lea'), await tryAs('lea  ')]).toEqual([401, 401, 401])
    expect(await tryAs('  lea', LEA_PASSWORD)).toBe(429)
    const mail = 'lea@acme.example'
    expect(await tryAs(mail, LEA_PASSWORD)).toBe(401)
    await vi.waitFor(async () => expect((await denied())?.reason).toBe('too many attempts'))
    await world.forgive()
    expect([await tryAs('lea'), await tryAs(mail, LEA_PASSWORD)]).toEqual([401, 200])
  })

  it('C06 is a password, and no strong factor: what a tenant asks of everybody is asked for', async () => {
    const id = await acme()
    await world.sql(`insert into tenant_policy (tenant_id, second_factor) values ($1, 'all')`, [world.acme])
    const b = new Browser(dispatch)
    expect(await signIn(b, id)).toBe('/login?step=second')
    expect(await isIn(b)).toBe(false)
    const step = (await (await b.get(`${ACME}/api/sign-in/step`)).json()) as {
      username: string
      setUp?: object
    }
    expect(step).toMatchObject({ username: 'lea', setUp: {} })
  })

  it('B09 is sent by our own page, with its form token', async () => {
    const id = await acme()
    const b = new Browser(dispatch)
    expect((await answer(b, id, { csrfToken: 'forged' })).status).toBe(403)
    const body = { login: 'lea', password: LEA_PASSWORD, csrfToken: 'x' }
    const elsewhere = { headers: { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' } }
    expect((await b.post(`${ACME}/api/sso/ldap/${id}/sign-in`, body, elsewhere)).status).toBe(403)
    expect(await isIn(b)).toBe(false)
  })

  it('says that the directory cannot be asked, whoever it is, and tells the log why', async () => {
    const id = await acme()
    const b = new Browser(dispatch)
    const tries: [object, string][] = [
      [{ port: 1 }, 'ECONNREFUSED'],
      [{ caCertificate: slapd.otherCa }, 'SELF_SIGNED_CERT_IN_CHAIN'],
      [{ host: '169.254.169.254' }, 'AddressRefused'],
      [{ host: '10.0.0.1' }, 'AddressRefused'],
      [{ bindDn: `cn=nobody,${BASE}` }, 'ldap result 49'],
      [{ baseDn: 'dc=nowhere' }, 'ldap result 32'],
    ]
    for (const [change, reason] of tries) {
      await world.sql(`update identity_source set settings = settings || $1`, [JSON.stringify(change)])
      const [known, unknown] = [await answer(b, id), await answer(b, id, { login: 'nobody' })]
      expect([change, known.status, unknown.status]).toEqual([change, 503, 503])
      expect(((await known.json()) as { message: string }).message).toBe(
        ((await unknown.json()) as { message: string }).message,
      )
      await vi.waitFor(async () => expect((await denied())?.reason).toBe(reason))
      await world.sql('delete from identity_source')
      await acme({ id })
    }
    expect(await signIn(b, id)).toBe('/')
    const told = JSON.stringify(await world.sql('select * from audit_event'))
    expect(told).not.toContain(LEA_PASSWORD)
  })
})
