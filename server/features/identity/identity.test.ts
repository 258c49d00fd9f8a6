import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { EVERYONE_LOCK } from '@/lib/master'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { dispatch } from '@/server/http/dispatch'
import { refusal } from '@/test/refusal'
import {
  ACME,
  add,
  api,
  BOLT,
  factory,
  fields,
  FIELDS,
  opOf,
  roleOf,
  sources,
  useIdentityWorld,
  world,
} from './identity-world.fixture'
import { CLIENT, openProvider, plantSource } from './oidc.fixture'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

useIdentityWorld()

let provider: Awaited<ReturnType<typeof openProvider>>
beforeAll(async () => {
  provider = await openProvider([])
})
afterAll(() => provider.close())

describe('identity sources', () => {
  it('are added, changed and seen by who may; another tenant has its own, and the secret is told to nobody', async () => {
    const ada = await api('ada')
    const shown = await ada.identity.list()
    const ref = await add(ada, { roles: [{ claim: 'ops', roleId: await roleOf('editor') }] })
    expect(shown.draft.addresses.oidc[0]?.value).toMatch(
      /^http:\/\/acme\.localhost:3000\/api\/sso\/oidc\/[0-9a-f-]{36}\/callback$/,
    )
    const [source] = await sources(ada)
    expect(source).toMatchObject({
      enabled: true,
      addresses: [{ value: `${ACME}/api/sso/oidc/${ref.id}/callback` }],
      defaultRole: { name: 'Viewer' },
      roles: [{ claim: 'ops', role: { name: 'Editor' } }],
      users: 0,
      can: { edit: true, enable: false, disable: true, delete: true },
    })
    const changed = { id: ref.id, ...(await fields({ name: 'New name', roles: [] })) }
    await ada.identity.update(changed)
    expect(await sources(ada)).toMatchObject([{ name: 'New name', roles: [] }])
    const logged = await world.sql<{ after: object }>(
      `select * from audit_event where event like 'identity.%'`,
    )
    expect(JSON.stringify([await ada.identity.list(), logged])).not.toContain(CLIENT.secret)
    expect(logged.map((one) => one.after)).toMatchObject([{ roles: ['ops: Editor'] }, { renewed: false }])
    const tom = await api('tom')
    expect(await refusal(tom.identity.list())).toMatchObject({ code: 'access_denied' })
    expect(await refusal(tom.identity.update(changed))).toMatchObject({ code: 'access_denied' })
    const bo = await api('bo', BOLT)
    expect(await sources(bo)).toEqual([])
    for (const id of [ref.id, world.ids.bo]) {
      expect(await refusal(bo.identity.update({ ...changed, id }))).toMatchObject({ code: 'not_found' })
      expect(await refusal(bo.identity.disable({ id }))).toMatchObject({ code: 'not_found' })
      expect(await refusal(bo.identity.delete({ id }))).toMatchObject({ code: 'not_found' })
    }
    // a draft is of the tenant that it was given to
    const { draft } = await ada.identity.list()
    const foreign = { draft: draft.token, ...(await fields()), secret: 'x' }
    expect(await refusal(bo.identity.create(foreign))).toMatchObject({ code: 'conflict' })
  })

  it('D04 give no role beyond what their maker holds, and are not touched by who holds less than they give', async () => {
    // Tom looks at everything, and says how people sign in
    await world.sql(
      `with r as (insert into user_role (tenant_id, name, levels) values ($1, 'Gatekeeper', '{"identity": "full"}') on conflict (tenant_id, name) do update set levels = excluded.levels returning id)
       insert into role_assignment (tenant_id, user_id, role_id) select $1, $2, id from r on conflict do nothing`,
      [world.acme, world.ids.tom],
    )
    const [tom, ada] = [await api('tom'), await api('ada')]
    const editor = await roleOf('editor')
    for (const more of [{ defaultRoleId: editor }, { roles: [{ claim: 'ops', roleId: editor }] }])
      expect(await refusal(add(tom, more))).toMatchObject({ code: 'access_denied' })
    const { id } = await add(tom)
    expect(await tom.identity.update({ id, ...(await fields()) })).toMatchObject({ id })
    const more = { id, ...(await fields({ defaultRoleId: editor })) }
    expect(await refusal(tom.identity.update(more))).toMatchObject({ code: 'access_denied' })
    await ada.identity.update({ id, ...(await fields({ roles: [{ claim: 'ops', roleId: editor }] })) })
    // who may say which provider it is may be whomever it proves
    const took = { id, ...(await fields({ issuer: 'https://mine.example' })) }
    const confirmName = FIELDS.name
    for (const one of [
      () => tom.identity.update(took),
      () => tom.identity.disable({ id }),
      () => tom.identity.delete({ id, confirmName }),
    ])
      expect(await refusal(one())).toMatchObject({ code: 'access_denied' })
    expect((await sources(tom))[0]?.why.edit).toBe('This source gives roles that may do more than you may')
    // what is stored was meant for the provider of before
    expect(await refusal(ada.identity.update(took))).toMatchObject({ code: 'invalid_input' })
    expect(await ada.identity.update({ ...took, secret: 'new' })).toMatchObject({ id })
    const foreign = await roleOf('super_admin')
    const beyond = { name: 'x', issuer: 'https://x.example', defaultRoleId: foreign }
    expect(await refusal(add(ada, beyond))).toMatchObject({ code: 'not_found' })
    await world.sql(
      `delete from role_assignment where role_id = (select id from user_role where name = 'Gatekeeper')`,
    )
  })

  it('D04 are not touched by who holds less than somebody who signs in by them, whoever gave it', async () => {
    const ada = await api('ada')
    const { id } = await add(ada)
    const lea = await world.user(world.acme, 'lea', 'viewer')
    await world.sql(
      `insert into user_identity (tenant_id, issuer, subject, user_id, source_id, synced_roles) values ($1, 'https://login.example.com', 's', $2, $3, '{}')`,
      [world.acme, lea, id],
    )
    const owner = `(select id from user_role where built_in = 'owner')`
    const confirmName = FIELDS.name
    const calls = async () => [
      await refusal(ada.identity.update({ id, ...(await fields()) })),
      await refusal(ada.identity.disable({ id })),
      await refusal(ada.identity.delete({ id, confirmName })),
    ]
    await world.sql(`insert into role_assignment (tenant_id, user_id, role_id) values ($1, $2, ${owner})`, [
      world.acme,
      lea,
    ])
    expect(await calls()).toMatchObject(Array(3).fill({ code: 'access_denied' }))
    expect((await sources(ada))[0]).toMatchObject({
      can: { edit: false, delete: false },
      why: { edit: 'People who sign in by it may do more than you may' },
    })
    // the same of who is provisioned for it, and has not signed in yet
    await world.sql('delete from user_identity')
    const [connection] = await world.sql<{ id: string }>(
      `insert into scim_connection (tenant_id, name, token_hash, source_id) values ($1, 'Okta', decode('00', 'hex'), $2) returning id`,
      [world.acme, id],
    )
    await world.sql(
      `insert into scim_user (tenant_id, user_id, connection_id, synced_roles) values ($1, $2, $3, '{}')`,
      [world.acme, lea, connection?.id],
    )
    expect(await calls()).toMatchObject(Array(3).fill({ code: 'access_denied' }))
    await world.sql(
      `update role_assignment set expires_at = now() where user_id = $1 and role_id = ${owner}`,
      [lea],
    )
    expect(await ada.identity.update({ id, ...(await fields()) })).toMatchObject({ id })
    await world.sql('delete from scim_connection')
    expect(await ada.identity.disable({ id })).toMatchObject({ id })
  })

  it('D04 give a copy that the tenant made of a role only where its maker may give the role, too', async () => {
    await world.sql(
      `insert into user_role (tenant_id, name, levels, template_id) select $1, 'Our owner', '{}', id from user_role where built_in = 'owner'`,
      [world.acme],
    )
    try {
      const [ada, [copy]] = [
        await api('ada'),
        await world.sql<{ id: string }>(`select id from user_role where name = 'Our owner'`),
      ]
      expect(await refusal(add(ada, { defaultRoleId: copy?.id }))).toMatchObject({ code: 'access_denied' })
      await world.sql(
        `update user_role set template_id = (select id from user_role where built_in = 'viewer') where id = $1`,
        [copy?.id],
      )
      expect(await add(ada, { defaultRoleId: copy?.id })).toMatchObject({ name: FIELDS.name })
    } finally {
      await world.sql('delete from identity_source')
      await world.sql(`delete from user_role where name = 'Our owner'`)
    }
  })

  it('wait for writes under way before they take anything away, everywhere where their people may write', async () => {
    const ada = await api('ada')
    const { id } = await add(ada)
    const lea = await world.user(world.acme, 'lea', 'viewer')
    await world.sql(
      `insert into user_identity (tenant_id, issuer, subject, user_id, source_id, synced_roles) values ($1, 'https://login.example.com', 's', $2, $3, '{}')`,
      [world.acme, lea, id],
    )
    /** Whether a call waits while somebody writes under that lock. */
    const waits = async (lock: string, call: () => Promise<unknown>) => {
      await world.sql('begin')
      await world.sql('select pg_advisory_xact_lock_shared(wall.lock_key($1))', [lock])
      const done = call()
      const first = await Promise.race([done.then(() => false), sleep(500, true)])
      await world.sql('commit')
      await done
      return first
    }
    const change = await fields()
    expect(await waits(world.acme, () => ada.identity.update({ id, ...change }))).toBe(true)
    expect(await waits(EVERYONE_LOCK, () => ada.identity.disable({ id }))).toBe(false)
    await ada.identity.enable({ id })
    await world.sql('insert into membership (tenant_id, user_id, guest) values ($1, $2, true)', [
      world.bolt,
      lea,
    ])
    expect(await waits(EVERYONE_LOCK, () => ada.identity.disable({ id }))).toBe(true)
    await ada.identity.enable({ id })
    expect(await waits(EVERYONE_LOCK, () => ada.identity.delete({ id, confirmName: FIELDS.name }))).toBe(true)
  })

  it('have the secret of their kind', async () => {
    const ada = await api('ada')
    const input = { draft: (await ada.identity.list()).draft.token, ...(await fields()) }
    expect(await refusal(ada.identity.create(input))).toMatchObject({ secret: 'Enter the client secret.' })
    expect(await ada.identity.create({ ...input, secret: 'x' })).toMatchObject({ name: FIELDS.name })
  })

  it('have a name and a provider of their own', async () => {
    const ada = await api('ada')
    await add(ada)
    expect(await refusal(add(ada, { issuer: 'https://other.example' }))).toMatchObject({
      name: 'There is a source with this name',
    })
    expect(await refusal(add(ada, { name: 'Other' }))).toMatchObject({
      'provider.issuer': 'There is a source with this provider',
    })
    await add(ada, { name: 'Other', issuer: 'https://other.example' })
    const bo = await api('bo', BOLT)
    expect(await add(bo)).toMatchObject({ name: FIELDS.name })
  })

  it('I01 stand at no address of the server’s own network', async () => {
    const ada = await api('ada')
    for (const issuer of [
      'http://login.example.com.evil/?x',
      'https://10.0.0.1',
      'https://169.254.169.254',
      'https://[fd00::1]',
      'https://[::ffff:10.0.0.1]',
      'https://user:pass@login.example.com',
      'ftp://login.example.com',
    ])
      expect([issuer, await refusal(add(ada, { issuer }))]).toMatchObject([
        issuer,
        { code: expect.stringMatching(/invalid_input|ZodError/) as string },
      ])
    expect(await add(ada)).toMatchObject({ name: FIELDS.name })
  })
})

describe('people of a source', () => {
  const withLea = async () => {
    const ada = await api('ada')
    const { token } = (await ada.identity.list()).draft
    const id = token.split('.')[0] ?? ''
    await plantSource(world, world.acme, id, { issuer: provider.issuer, defaultRole: 'viewer' })
    await world.sql(
      `with u as (insert into user_account (home_tenant_id, username, email) values ($1, 'lea', 'lea@acme.example') returning id),
         m as (insert into membership (tenant_id, user_id) select $1, id from u)
       insert into user_identity (tenant_id, issuer, subject, user_id, source_id, synced_roles) select $1, $2, 'lea', id, $3, '{}' from u`,
      [world.acme, provider.issuer, id],
    )
    const [lea] = await world.sql<{ id: string }>(`select id from user_account where username = 'lea'`)
    return { ada, id, lea: lea?.id ?? '' }
  }
  const sessionOf = async (userId: string) => {
    const [row] = await world.sql<{ ended: boolean }>(
      'select revoked_at is not null as ended from session where user_id = $1 order by created_at desc limit 1',
      [userId],
    )
    return row?.ended
  }
  const session = (userId: string) =>
    world.sql(`select wall.session_create($1, $2, $3, '', '', '')`, [world.acme, userId, Buffer.from(userId)])

  it('are shown with it; what it says of them is changed by nobody else, and they have no password', async () => {
    const { ada, lea, id } = await withLea()
    expect(await ada.users.get({ id: lea })).toMatchObject({
      source: 'Company login',
      can: { edit: false, setPassword: false, setRoles: true, disable: true },
      why: { edit: 'These fields come from Company login' },
    })
    expect(await ada.users.get({ id: world.ids.tom })).toMatchObject({
      source: null,
      can: { edit: true, setPassword: true },
    })
    const edit = { username: 'x', email: 'x@x.example', firstName: '', lastName: '' }
    expect(await refusal(ada.users.update({ id: lea, ...edit }))).toMatchObject({ code: 'conflict' })
    expect(await refusal(ada.users.setPassword({ id: lea }))).toMatchObject({ code: 'conflict' })
    expect(
      await ada.users.update({
        id: world.ids.tom,
        ...edit,
        username: 'tom',
        email: 'tom@example.com',
        firstName: 'tom',
        lastName: 'Test',
      }),
    ).toBeTruthy()
    // once the source is gone, an administrator gives them a password
    await ada.identity.delete({ id, confirmName: 'Company login' })
    expect(await ada.users.get({ id: lea })).toMatchObject({
      source: null,
      can: { edit: true, setPassword: true },
    })
  })

  it('are signed out when it is disabled or deleted; a delete asks for its name', async () => {
    const { ada, lea, id } = await withLea()
    await session(lea)
    expect(await ada.identity.disable({ id })).toMatchObject({ sessionsEnded: 1 })
    expect(await sessionOf(lea)).toBe(true)
    expect(await refusal(ada.identity.disable({ id }))).toMatchObject({ code: 'conflict' })
    expect(await ada.identity.enable({ id })).toMatchObject({ id })
    await world.sql('delete from session where user_id = $1', [lea])
    await session(lea)
    expect(await refusal(ada.identity.delete({ id, confirmName: 'company login' }))).toMatchObject({
      code: 'invalid_input',
    })
    expect(await sessionOf(lea)).toBe(false)
    expect(await ada.identity.delete({ id, confirmName: 'Company login' })).toMatchObject({
      sessionsEnded: 1,
    })
    expect(await world.sql('select * from user_identity')).toEqual([])
  })

  it('C18 keep the issuer that says who they are', async () => {
    const { ada, id } = await withLea()
    const input = { id, ...(await fields({ issuer: provider.issuer })) }
    expect(await ada.identity.update(input)).toMatchObject({ id })
    expect(
      await refusal(ada.identity.update({ id, ...(await fields({ issuer: 'https://mine.example' })) })),
    ).toMatchObject({
      code: 'conflict',
    })
  })

  it('a source that was made on the page signs people in', async () => {
    const ada = await api('ada')
    const { draft } = await ada.identity.list()
    const own = await openProvider(draft.addresses.oidc.map(({ value }) => value))
    try {
      const input = {
        draft: draft.token,
        ...(await fields({ issuer: own.issuer })),
        secret: CLIENT.secret,
      }
      const { id } = await ada.identity.create(input)
      own.state.who = { sub: 'lea', preferred_username: 'lea', name: 'Lea Lind' }
      const b = new Browser(dispatch)
      const to = (await b.get(`${ACME}/api/sso/oidc/${id}/start`)).headers.get('location') ?? ''
      await b.get(await own.passThrough(to))
      const me = factory({ op: await opOf(b, ACME) })
      expect(await me.account.me()).toMatchObject({ username: 'lea' })
      const asked = me.account.changeEmail({ email: 'l@acme.example', current: 'whatever it is' })
      expect(await refusal(asked)).toMatchObject({ code: 'conflict' })
      expect(await sources(await api('ada'))).toMatchObject([{ users: 1 }])
    } finally {
      await own.close()
    }
  })
})
