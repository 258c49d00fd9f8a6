import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { EVERYONE_LOCK } from '@/lib/master'
import { buildContext } from '@/server/context/build'
import { identityRouter } from '@/server/features/identity/identity.router'
import { plantSource } from '@/server/features/identity/oidc.fixture'
import { ACME, BOLT, created, directory, oktaUser, openDirectory } from '@/server/features/scim/scim.fixture'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { PASSWORD } from '@/server/features/sign-in/world.fixture'
import { usersRouter } from '@/server/features/users/users.router'
import { dispatch } from '@/server/http/dispatch'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { refusal } from '@/test/refusal'
import { tokenHash } from '@/server/context/build'
import { provisioningRouter } from './provisioning.router'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

const factory = createCallerFactory(
  router({ provisioning: provisioningRouter, users: usersRouter, identity: identityRouter }),
)
let world: Awaited<ReturnType<typeof openDirectory>>
beforeAll(async () => {
  world = await openDirectory()
})
afterAll(() => world.close())
beforeEach(async () => {
  await world.reset()
  await world.sql('delete from scim_connection')
  const gatekeeper = `(select id from user_role where name = 'Gatekeeper')`
  await world.sql(`delete from role_assignment where role_id = ${gatekeeper}`)
  await world.sql(`delete from user_role where id = ${gatekeeper}`)
})

const api = async (login: string, host = ACME) => {
  const b = new Browser(dispatch)
  expect((await b.signIn(`http://${host}`, login, PASSWORD)).status).toBe(200)
  const hostname = host.split(':')[0] ?? ''
  const cookie = [...b.cookiesOf(hostname)].map(([name, value]) => `${name}=${value}`).join('; ')
  const facts = { host, path: '/', cookie, ip: '192.0.2.1', userAgent: '', requestId: 'test' }
  return factory({ op: await buildContext(facts) })
}
const roleOf = async (builtIn: string) =>
  (await world.sql<{ id: string }>('select id from user_role where built_in = $1', [builtIn]))[0]?.id ?? ''
const users = async (token: string, host = ACME) => (await directory(token, host)('GET', '/Users')).status

describe('SCIM connections', () => {
  it('are made with a token that is shown once and kept as a hash, renewed, disabled and deleted', async () => {
    const ada = await api('ada')
    const made = await ada.provisioning.create({
      name: 'Okta',
      roles: [{ group: 'Operators', roleId: await roleOf('editor') }],
      defaultRoleId: await roleOf('viewer'),
      tokenDays: 30,
    })
    expect(made.token).toMatch(/^fhs_[A-Za-z0-9_-]{43}$/)
    expect(made.baseUrl).toBe(`http://${ACME}/scim/v2`)
    const row = async () => (await ada.provisioning.list()).connections[0]
    expect(await row()).toMatchObject({
      name: 'Okta',
      enabled: true,
      lastUsedAt: null,
      tokenExpired: false,
      defaultRole: { name: 'Viewer' },
      roles: [{ group: 'Operators', role: { name: 'Editor' } }],
      users: 0,
      groups: 0,
      can: { edit: true, rotate: true, disable: true, enable: false, delete: true },
    })
    expect(await users(made.token)).toBe(200)
    const call = directory(made.token)
    const { id } = await created(call, oktaUser('lea'))
    await call('POST', '/Groups', { displayName: 'Operators', members: [{ value: id }] })
    expect(await row()).toMatchObject({ users: 1, groups: 1, lastUsedAt: expect.any(String) as string })

    const again = await ada.provisioning.rotate({ id: made.id })
    expect([await users(made.token), await users(again.token)]).toEqual([401, 200])
    expect(await row()).toMatchObject({ tokenExpiresAt: null })
    await ada.provisioning.disable({ id: made.id })
    expect(await users(again.token)).toBe(401)
    expect(await refusal(ada.provisioning.disable({ id: made.id }))).toMatchObject({ code: 'conflict' })
    await ada.provisioning.enable({ id: made.id })
    expect(await users(again.token)).toBe(200)

    expect(await refusal(ada.provisioning.delete({ id: made.id, confirmName: 'okta' }))).toMatchObject({
      code: 'invalid_input',
    })
    // of the token its hash is kept, and nothing else
    const [stored] = await world.sql<{ token_hash: Buffer; whole: string }>(
      'select token_hash, c::text as whole from scim_connection c where id = $1',
      [made.id],
    )
    expect(stored?.token_hash).toEqual(tokenHash(again.token))
    for (const { token } of [made, again]) expect(stored?.whole).not.toContain(token)
    await ada.provisioning.delete({ id: made.id, confirmName: 'Okta' })
    expect(await users(again.token)).toBe(401)
    // the person keeps account and roles
    expect(await ada.users.get({ id })).toMatchObject({
      provisionedBy: null,
      roles: [{ name: 'Editor' }],
      can: { edit: true },
    })
    const kept = JSON.stringify(await world.sql('select (a.*)::text from audit_event a'))
    for (const { token } of [made, again]) expect(kept).not.toContain(token)
  })

  it('are the tenant’s own, and changed by who may', async () => {
    const [ada, tom, bo] = [await api('ada'), await api('tom'), await api('bo', BOLT)]
    const { id } = await ada.provisioning.create({ name: 'Okta', roles: [] })
    expect(await refusal(ada.provisioning.create({ name: 'Okta', roles: [] }))).toMatchObject({
      code: 'conflict',
    })
    expect((await bo.provisioning.list()).connections).toEqual([])
    for (const one of [id, world.ids.tom]) {
      expect(await refusal(bo.provisioning.update({ id: one, name: 'x', roles: [] }))).toMatchObject({
        code: 'not_found',
      })
      expect(await refusal(bo.provisioning.rotate({ id: one }))).toMatchObject({ code: 'not_found' })
      expect(await refusal(bo.provisioning.disable({ id: one }))).toMatchObject({ code: 'not_found' })
      expect(await refusal(bo.provisioning.delete({ id: one }))).toMatchObject({ code: 'not_found' })
    }
    const source = await plantSource(world, world.bolt, undefined, { issuer: 'https://x.example' })
    expect(await refusal(ada.provisioning.create({ name: 'x', roles: [], sourceId: source }))).toMatchObject({
      code: 'not_found',
    })
    expect(await refusal(tom.provisioning.list())).toMatchObject({ code: 'access_denied' })
    expect(await refusal(tom.provisioning.rotate({ id }))).toMatchObject({ code: 'access_denied' })
    expect(await ada.provisioning.update({ id, name: 'Entra', roles: [] })).toMatchObject({ name: 'Entra' })
  })

  it('D04 give no role beyond what their maker holds, and are not touched by who holds less than they give', async () => {
    await world.sql(
      `with r as (insert into user_role (tenant_id, name, levels) values ($1, 'Gatekeeper', '{"identity": "full"}') returning id)
       insert into role_assignment (tenant_id, user_id, role_id) select $1, $2, id from r`,
      [world.acme, world.ids.tom],
    )
    const [tom, ada, editor] = [await api('tom'), await api('ada'), await roleOf('editor')]
    for (const more of [{ defaultRoleId: editor, roles: [] }, { roles: [{ group: 'ops', roleId: editor }] }])
      expect(await refusal(tom.provisioning.create({ name: 'Mine', ...more }))).toMatchObject({
        code: 'access_denied',
      })
    const mine = await tom.provisioning.create({ name: 'Mine', roles: [] })
    const strong = await ada.provisioning.create({
      name: 'Strong',
      roles: [{ group: 'ops', roleId: editor }],
    })
    for (const call of [
      () => tom.provisioning.rotate({ id: strong.id }),
      () => tom.provisioning.update({ id: strong.id, name: 'x', roles: [] }),
      () => tom.provisioning.disable({ id: strong.id }),
      () => tom.provisioning.delete({ id: strong.id }),
    ])
      expect(await refusal(call())).toMatchObject({ code: 'access_denied' })
    expect((await tom.provisioning.list()).connections.find(({ id }) => id === strong.id)?.why).toMatchObject(
      {
        rotate: 'This connection gives roles that may do more than you may',
      },
    )
    expect(await tom.provisioning.rotate({ id: mine.id })).toMatchObject({ name: 'Mine' })
  })

  it('D04 are not touched by who holds less than their people, whoever gave it, nor is a source', async () => {
    const ada = await api('ada')
    const source = await plantSource(world, world.acme, undefined, { issuer: 'https://x.example' })
    const made = await ada.provisioning.create({ name: 'Okta', roles: [], sourceId: source })
    const { id } = await created(directory(made.token), oktaUser('lea'))
    await world.give(id, 'owner')
    const name = 'Okta'
    for (const call of [
      () => ada.provisioning.rotate({ id: made.id }),
      () => ada.provisioning.update({ id: made.id, name, roles: [] }),
      () => ada.provisioning.disable({ id: made.id }),
      () => ada.provisioning.delete({ id: made.id, confirmName: name }),
      () => ada.provisioning.create({ name: 'Mine', roles: [], sourceId: source }),
    ])
      expect(await refusal(call())).toMatchObject({ code: 'access_denied' })
    expect((await ada.provisioning.list()).connections[0]).toMatchObject({
      can: { rotate: false },
      why: { rotate: 'People who sign in by it may do more than you may' },
    })
    await world.sql(`delete from role_assignment where user_id = $1`, [id])
    expect(await ada.provisioning.rotate({ id: made.id })).toMatchObject({ name })
    expect(await ada.provisioning.create({ name: 'Mine', roles: [], sourceId: source })).toMatchObject({
      name: 'Mine',
    })
  })

  it('D04 give a copy that the tenant made of a role only where its maker may give the role, too', async () => {
    await world.sql(
      `insert into user_role (tenant_id, name, levels, template_id) select $1, 'Our owner', '{}', id from user_role where built_in = 'owner'`,
      [world.acme],
    )
    try {
      const ada = await api('ada')
      const [copy] = await world.sql<{ id: string }>(`select id from user_role where name = 'Our owner'`)
      const create = () =>
        ada.provisioning.create({ name: 'Mine', roles: [{ group: 'ops', roleId: copy?.id ?? '' }] })
      expect(await refusal(create())).toMatchObject({ code: 'access_denied' })
      await world.sql(
        `update user_role set template_id = (select id from user_role where built_in = 'viewer') where id = $1`,
        [copy?.id],
      )
      expect(await create()).toMatchObject({ name: 'Mine' })
    } finally {
      await world.sql('delete from scim_connection')
      await world.sql(`delete from user_role where name = 'Our owner'`)
    }
  })

  it('give the roles of a changed mapping at once, and sign out who loses one', async () => {
    const ada = await api('ada')
    const [viewer, editor] = [await roleOf('viewer'), await roleOf('editor')]
    const made = await ada.provisioning.create({ name: 'Okta', roles: [{ group: 'ops', roleId: editor }] })
    const call = directory(made.token)
    const { id } = await created(call, oktaUser('lea'))
    await call('POST', '/Groups', { displayName: 'ops', members: [{ value: id }] })
    expect(await world.rolesOf(id)).toEqual(['editor'])
    await world.setPassword(id)
    const { b } = await world.signIn('lea')
    const both = [
      { group: 'ops', roleId: editor },
      { group: 'ops', roleId: viewer },
    ]
    expect(await ada.provisioning.update({ id: made.id, name: 'Okta', roles: both })).toMatchObject({
      sessionsEnded: 0,
    })
    expect(await world.rolesOf(id)).toEqual(['editor', 'viewer'])
    expect(await world.isIn(b)).toBe(true)
    expect(await ada.provisioning.update({ id: made.id, name: 'Okta', roles: both.slice(1) })).toMatchObject({
      sessionsEnded: 1,
    })
    expect([await world.rolesOf(id), await world.isIn(b)]).toEqual([['viewer'], false])
  })

  it('in the master wait for writes everywhere before their mapping changes', async () => {
    const mara = await api('mara', 'localhost:3000')
    const { id } = await mara.provisioning.create({ name: 'Okta', roles: [] })
    const waits = async (call: () => Promise<unknown>) => {
      await world.sql('begin')
      await world.sql('select pg_advisory_xact_lock_shared(wall.lock_key($1))', [EVERYONE_LOCK])
      const done = call()
      const first = await Promise.race([done.then(() => false), sleep(1000, true)])
      await world.sql('commit')
      await done
      return first
    }
    expect(await waits(() => mara.provisioning.update({ id, name: 'Entra', roles: [] }))).toBe(true)
    expect(await waits(() => mara.provisioning.rotate({ id }))).toBe(false)
  })

  it('say of their people who they are: an administrator disables them and sets a password, and edits nothing', async () => {
    const ada = await api('ada')
    const made = await ada.provisioning.create({ name: 'Okta', roles: [] })
    const { id } = await created(directory(made.token), oktaUser('lea'))
    expect(await ada.users.get({ id })).toMatchObject({
      provisionedBy: 'Okta',
      can: { edit: false, setPassword: true, disable: true, setRoles: true },
      why: { edit: 'This person is provisioned by Okta. Change them in your directory' },
    })
    const edit = { username: 'lea', email: 'x@x.example', firstName: '', lastName: '' }
    expect(await refusal(ada.users.update({ id, ...edit }))).toMatchObject({ code: 'conflict' })
    expect(await ada.users.setPassword({ id })).toMatchObject({ id })
    expect(await ada.users.disable({ id })).toMatchObject({ id })
    expect((await directory(made.token)('GET', `/Users/${id}`)).body.active).toBe(false)
  })

  it('keep the identity source by which their people sign in', async () => {
    const ada = await api('ada')
    const source = await plantSource(world, world.acme, undefined, { issuer: 'https://x.example' })
    const { id } = await ada.provisioning.create({ name: 'Okta', roles: [], sourceId: source })
    expect((await ada.provisioning.list()).connections[0]?.source).toEqual({
      id: source,
      name: 'Company login',
    })
    expect(await refusal(ada.identity.delete({ id: source }))).toMatchObject({ code: 'conflict' })
    await ada.provisioning.delete({ id })
    expect(await ada.identity.delete({ id: source })).toMatchObject({ id: source })
  })
})
