import { describe, expect, test } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { TENANTS } from '@/test/actors'
import { tenantId, userId } from '@/test/factories'
import { plantFactor } from '@/test/plant-factor'
import { refusal } from '@/test/refusal'
import { acme, api, events, give, lookup, ownRole, role, signedIn, useWorld, world } from './users.fixture'

useWorld()

const bolt = tenantId('B')
/** What `refusal` says of what was not refused. */
const WENT = { message: 'Error: it went through' }
const bo = userId('Bo')
const as = (name: Given) => [{ roleId: role(name) }]
type Given = 'editor' | 'viewer' | 'owner' | 'admin'
const sql = (text: string, values: unknown[] = []) => world.admin.query(text, values)
const logOf = async (tenant: string, event: string) =>
  (
    await sql(`select * from audit_event where tenant_id = $1 and event = $2 and result = 'ok'`, [
      tenant,
      event,
    ])
  ).rows as Record<string, unknown>[]
/** Makes Bo a guest of Acme as the provider does. */
const bringBo = async (name: Given = 'editor') =>
  (await api('Mara')).tenantUsers.addGuest({ tenantId: acme, userId: bo, assignments: as(name) })
const rowOf = async (who: 'Ada' | 'Tom', id: string) =>
  (await (await api(who)).users.list({})).rows.find((row) => row.id === id)

describe('adding somebody who has an account elsewhere', () => {
  test('the provider adds Bo to Acme: they sign in there as bolt\\bo; both logs know, neither names the other', async () => {
    expect((await lookup('acme', 'bo'))?.ok).toBe(false)
    const { rows } = await (await api('Mara')).tenantUsers.elsewhere({ tenantId: acme, search: 'bo' })
    expect(rows.find(({ id }) => id === bo)).toMatchObject({ username: 'bo', home: { slug: 'bolt' } })
    const input = { tenantId: acme, userId: bo, assignments: as('editor') }
    const preview = await (await api('Mara')).tenantUsers.previewGuest(input)
    expect(preview.lines.length).toBeGreaterThan(0)
    expect(await rowOf('Ada', bo)).toBeUndefined() // so far it was only asked

    expect(await bringBo()).toMatchObject({ id: bo })
    const { rows: ok } = await sql(`select ok from wall.sign_in_lookup('acme', 'bolt', 'bo')`)
    expect(ok).toEqual([{ ok: true }])
    const here = (await logOf(acme, 'user.add_guest'))[0]
    expect(here).toMatchObject({ target_name: 'bo', after: { guest: true, roles: ['Editor'] } })
    const there = (await logOf(bolt, 'user.guest_elsewhere'))[0]
    expect(there).toMatchObject({ target_name: 'bo', target_id: bo })
    const told = JSON.stringify([here, there])
    for (const word of [TENANTS.B.name, TENANTS.A.name, 'acme', 'bolt'])
      expect(told.includes(`"${word}"`), word).toBe(false)
    expect(await logOf(MASTER_TENANT_ID, 'user.add_guest')).toHaveLength(1)
  })

  test('a parent-level, a master-only and a disabled person are refused in words; so is who is there already', async () => {
    const mara = await api('Mara')
    const add = (id: string, tenant = acme) =>
      refusal(mara.tenantUsers.addGuest({ tenantId: tenant, userId: id, assignments: as('viewer') }))
    expect((await add(userId('Sam')))?.message).toMatch(/^A parent-level user reaches every tenant already/)
    await sql('update user_account set parent_level = false where id = $1', [userId('Sam')])
    expect((await add(userId('Sam')))?.message).toMatch(/^A user of the master tenant is no guest/)
    expect((await add(userId('Tom')))?.message).toBe('This person is homed in this tenant')
    expect((await add(userId('Cai')))?.message).toBe('The tenant that this person is homed in is not active')
    expect(await add(userId('Bo'), tenantId('C'))).toMatchObject({
      message: 'This tenant is not active, so nobody is added to it',
    })
    expect(await add(userId('Bo'), MASTER_TENANT_ID)).toMatchObject({ code: 'invalid_input' })
    for (const id of [userId('Eli'), tenantId('A')])
      expect(await add(id), 'of a deleted tenant, or nobody').toMatchObject({ code: 'not_found' })
    await sql(`update user_account set status = 'disabled' where id = $1`, [bo])
    expect((await add(bo))?.message).toBe('This person’s account is disabled')
    await sql(`update user_account set status = 'active' where id = $1`, [bo])
    expect(await add(bo)).toMatchObject(WENT)
    expect((await add(bo))?.message).toBe('This person is a member of this tenant already')
  })

  test('is for who manages the people of all tenants', async () => {
    const input = { tenantId: acme, userId: bo, assignments: as('viewer') }
    expect(await refusal((await api('Sam')).tenantUsers.addGuest(input))).toMatchObject({
      code: 'access_denied',
    })
    expect(await refusal((await api('Ada')).tenantUsers.addGuest(input))).toMatchObject({
      code: 'access_denied',
    })
  })
})

describe('by who manages people in both tenants', () => {
  /** Ada of Acme is a member of Bolt, too, with these levels. */
  const adaInBolt = async (levels: Record<string, string>) => {
    await sql('insert into membership (tenant_id, user_id) values ($1, $2)', [bolt, userId('Ada')])
    await give('Ada', await ownRole(levels, bolt), bolt)
  }
  const addBo = async (name: Given = 'viewer') =>
    (await api('Ada')).users.addGuest({ userId: bo, assignments: as(name) })

  test('Ada adds Bo where she holds users: full in Bolt, and nobody where she does not', async () => {
    const nobody = { code: 'not_found', message: 'Not found' }
    expect((await (await api('Ada')).users.list({})).elsewhere).toBe(false)
    expect(await refusal(addBo())).toEqual(nobody)
    await adaInBolt({ users: 'read' })
    expect((await (await api('Ada')).users.elsewhere({})).rows).toEqual([])
    expect(await refusal(addBo())).toEqual(nobody)
    await world.restore()

    await adaInBolt({ users: 'full' })
    expect((await (await api('Ada')).users.list({})).elsewhere).toBe(true)
    const { rows } = await (await api('Ada')).users.elsewhere({ search: 'BO' })
    expect(rows.map(({ home }) => home.name)).toContain(TENANTS.B.name)
    expect(rows.every(({ home }) => home.id === bolt)).toBe(true)
    expect(
      await refusal((await api('Ada')).users.addGuest({ userId: userId('Cai'), assignments: as('viewer') })),
    ).toEqual(nobody)
    expect(await addBo()).toMatchObject({ id: bo })
    expect(await refusal(addBo())).toMatchObject({
      message: 'This person is a member of this tenant already',
    })
    expect(await logOf(bolt, 'user.guest_elsewhere')).toMatchObject([{ actor_id: userId('Ada') }])
  })

  test('the cap of the other tenant counts, and what is given is held against the giver', async () => {
    await adaInBolt({ users: 'full' })
    const [cap] = (
      await sql(
        `insert into tenant_role (name, levels) values ('No people', '{"hosts":"full"}') returning id`,
      )
    ).rows as { id: string }[]
    await sql('update tenant set tenant_role_id = $1 where id = $2', [cap?.id, bolt])
    expect(await refusal(addBo())).toMatchObject({ code: 'not_found' })
    await world.restore()

    await adaInBolt({ users: 'full' })
    await sql('delete from role_assignment where user_id = $1 and tenant_id = $2', [userId('Ada'), acme])
    await give('Ada', await ownRole({ users: 'full' }))
    expect(await refusal(addBo('owner'))).toMatchObject({ code: 'access_denied' })
    expect((await rowOf('Tom', bo))?.id).toBeUndefined()
    const held = await ownRole({ users: 'read' })
    const given = (await api('Ada')).users.addGuest({ userId: bo, assignments: [{ roleId: held }] })
    expect(await refusal(given)).toMatchObject(WENT)
  })

  test('nobody is added to the master, whatever its people are members of', async () => {
    await sql('insert into membership (tenant_id, user_id) values ($1, $2)', [bolt, userId('Mara')])
    await give('Mara', role('owner'), bolt)
    const mara = await api('Mara')
    expect((await mara.users.list({})).elsewhere).toBe(false)
    expect((await mara.users.elsewhere({})).rows).toEqual([])
    expect(await refusal(mara.users.addGuest({ userId: bo, assignments: as('viewer') }))).toMatchObject({
      code: 'not_found',
    })
  })

  test('a member of both who only looks at people here adds nobody', async () => {
    await sql('insert into membership (tenant_id, user_id) values ($1, $2)', [bolt, userId('Tom')])
    await give('Tom', role('owner'), bolt)
    expect(
      await refusal((await api('Tom')).users.addGuest({ userId: bo, assignments: as('viewer') })),
    ).toMatchObject({ code: 'access_denied' })
  })
})

describe('a guest', () => {
  test('is marked; the tenant is not told of their home, the provider is', async () => {
    await bringBo()
    const row = await rowOf('Tom', bo)
    expect(row).toMatchObject({
      kind: 'guest',
      roles: [{ name: 'Editor' }],
      homeTenant: null,
      lastSignInAt: null,
    })
    expect(JSON.stringify(row)).not.toMatch(new RegExp(`${TENANTS.B.slug}"|${TENANTS.B.name}"|${bolt}`))
    const { rows } = await (await api('Mara')).tenantUsers.list({ tenantId: acme, kind: ['guest'] })
    expect(rows).toMatchObject([{ id: bo, homeTenant: { id: bolt, slug: 'bolt' } }])
    expect(await (await api('Mara')).tenantUsers.get({ tenantId: acme, id: bo })).toMatchObject({
      homeTenant: { slug: 'bolt' },
    })
    const totals = (await (await api('Mara')).tenantUsers.list({ tenantId: acme })).total
    expect(totals).toBe(10)
  })

  test('is given other roles and signed out here; the account is not touched', async () => {
    await bringBo()
    await sql(
      `insert into session (tenant_id, user_id, token_hash, idle_expires_at, absolute_expires_at)
       values ($1, $2, 'guest', now() + interval '1 hour', now() + interval '1 hour')`,
      [acme, bo],
    )
    const ada = await api('Ada')
    expect(await rowOf('Ada', bo)).toMatchObject({
      can: {
        setRoles: true,
        endSessions: true,
        remove: true,
        edit: false,
        setPassword: false,
        disable: false,
        delete: false,
      },
      why: { edit: 'This person’s account belongs to another tenant' },
    })
    await ada.users.setAssignments({ id: bo, assignments: as('viewer') })
    expect(await ada.users.endSessions({ id: bo })).toMatchObject({ sessionsEnded: 1 })
    expect(await signedIn('Bo')).toBe(true) // at home
    expect(await rowOf('Ada', bo)).toMatchObject({ roles: [{ name: 'Viewer' }] })
  })

  test('is removed: roles and sessions here end, the account and its other sessions stay; both logs know', async () => {
    await bringBo()
    await sql(
      `insert into session (tenant_id, user_id, token_hash, idle_expires_at, absolute_expires_at)
       values ($1, $2, 'guest', now() + interval '1 hour', now() + interval '1 hour')`,
      [acme, bo],
    )
    expect(await refusal((await api('Tom')).users.removeGuest({ id: bo }))).toMatchObject({
      code: 'access_denied',
    })
    expect(await refusal((await api('Ada')).users.removeGuest({ id: userId('Tom') }))).toMatchObject({
      message: 'This person is homed here. Disable or delete the account instead',
    })
    expect(await (await api('Ada')).users.removeGuest({ id: bo })).toMatchObject({ id: bo })
    expect(await rowOf('Ada', bo)).toBeUndefined()
    const open = await sql('select tenant_id from session where user_id = $1 and revoked_at is null', [bo])
    expect(new Set(open.rows.map((one: { tenant_id: string }) => one.tenant_id))).toEqual(new Set([bolt]))
    expect(await signedIn('Bo')).toBe(true)
    expect(await events(acme, 'user.remove_guest')).toMatchObject([
      { target_name: 'bo', before: { roles: ['Editor'] }, after: { sessionsEnded: 1 } },
    ])
    expect(await logOf(bolt, 'user.guest_ended')).toHaveLength(1)
    expect(await refusal((await api('Ada')).users.removeGuest({ id: bo }))).toMatchObject({
      code: 'not_found',
    })
  })

  test('who does more than oneself is not removed, and nobody removes themselves', async () => {
    await bringBo('owner')
    await sql('delete from role_assignment where user_id = $1', [userId('Ann')])
    await give('Ann', await ownRole({ users: 'full' }))
    expect(await refusal((await api('Ann')).users.removeGuest({ id: bo }))).toMatchObject({
      message: 'This person may do more than you may',
    })
    expect(await refusal((await api('Ada')).users.removeGuest({ id: userId('Ada') }))).toMatchObject({
      message: 'Nobody removes themselves',
    })
    expect(await refusal((await api('Ada')).users.removeGuest({ id: bo }))).toMatchObject(WENT)
  })

  test('the last owner stays: a guest counts as one while their home is open', async () => {
    await bringBo('owner')
    await sql('delete from role_assignment where tenant_id = $1 and user_id = any ($2)', [
      acme,
      [userId('Ada'), userId('Exa')],
    ])
    const remove = async () =>
      refusal((await api('Mara')).tenantUsers.removeGuest({ tenantId: acme, id: bo }))
    expect(await remove()).toMatchObject({
      message: 'A tenant keeps its last owner. Give somebody else that role first.',
    })
    await give('Tom', role('owner'))
    expect(await remove()).toMatchObject(WENT)
    await bringBo('owner')
    // Bo keeps nothing once Bolt is closed: Tom is the last one
    await sql(`update tenant set status = 'disabled' where id = $1`, [bolt])
    expect(await rowOf('Tom', bo)).toMatchObject({ status: 'disabled' })
    const demote = (await api('Mara')).tenantUsers.setRoles({
      tenantId: acme,
      id: userId('Tom'),
      roleIds: [role('viewer')],
    })
    expect(await refusal(demote)).toMatchObject({ code: 'conflict' })
  })

  test('C13 is out everywhere once the account or its home is disabled', async () => {
    await bringBo()
    const session = await sql(`select wall.session_create($1, $2, sha256('guest'), '', '', '') as id`, [
      acme,
      bo,
    ])
    expect(session.rows).toHaveLength(1)
    const inAcme = async () =>
      (await sql(`select wall.auth_context(sha256('guest'), 'acme') -> 'user' ->> 'username' as name`)).rows
    const may = async () => (await sql(`select ok from wall.sign_in_lookup('acme', 'bolt', 'bo')`)).rows
    expect(await inAcme()).toEqual([{ name: 'bo' }])
    expect(await may()).toEqual([{ ok: true }])
    for (const change of [
      `update tenant set status = 'disabled' where slug = 'bolt'`,
      `update tenant set status = 'active' where slug = 'bolt'; update user_account set status = 'disabled' where id = '${bo}'`,
    ]) {
      await sql(change)
      expect(await inAcme()).toEqual([{ name: null }])
      expect(await may()).toEqual([{ ok: false }])
    }
  })
})

describe('people of the provider', () => {
  test('stand in each tenant’s list with their roles, and are changed by nobody there', async () => {
    const { rows } = await (await api('Ada')).users.list({ kind: ['provider'] })
    expect(rows.map(({ username }) => username).sort()).toEqual(['first', 'mara', 'sam'])
    const sam = rows.find(({ username }) => username === 'sam')
    expect(sam).toMatchObject({
      kind: 'provider',
      parentLevel: true,
      email: 'sam@msp.example',
      providerRoles: ['Support'],
      roles: [],
      assignments: [],
    })
    expect(Object.values(sam?.can ?? {}).some(Boolean)).toBe(false)
    expect(sam?.why.setRoles).toBe(
      'This person works for your provider, who alone changes their account and roles',
    )
    const ada = await api('Ada')
    const id = userId('Sam')
    const calls = [
      ada.users.setRoles({ id, roleIds: [role('viewer')] }),
      ada.users.disable({ id }),
      ada.users.endSessions({ id }),
      ada.users.removeGuest({ id }),
      ada.users.setPassword({ id }),
    ]
    for (const told of await Promise.all(calls.map(refusal)))
      expect(told).toMatchObject({ code: 'access_denied' })
    // Mara was signed in here, and what she does elsewhere is not told
    const mara = rows.find(({ username }) => username === 'mara')
    expect(mara?.lastSignInAt).not.toBe(null)
    expect(sam?.lastSignInAt).toBe(null)
  })

  test('not those who reach the master only, or are disabled; searched and counted with all', async () => {
    await sql('update user_account set parent_level = false where id = $1', [userId('Sam')])
    await sql(`update user_account set status = 'disabled' where username = 'first'`)
    const ada = await api('Ada')
    expect((await ada.users.list({ kind: ['provider'] })).rows.map(({ username }) => username)).toEqual([
      'mara',
    ])
    expect((await ada.users.list({ search: 'msp.example' })).total).toBe(1)
    expect((await ada.users.list({})).total).toBe(7)
    expect((await (await api('Mara')).users.list({ kind: ['provider', 'guest'] })).rows).toEqual([])
  })

  test('keep no tenant: its own last owner stays', async () => {
    await sql('delete from role_assignment where user_id = $1', [userId('Exa')])
    const demote = (await api('Mara')).tenantUsers.setRoles({
      tenantId: acme,
      id: userId('Ada'),
      roleIds: [role('viewer')],
    })
    expect(await refusal(demote)).toMatchObject({ code: 'conflict' })
  })
})

describe('credentials of who is a guest elsewhere', () => {
  test('are set by the provider and themselves, no longer by their home’s administrators', async () => {
    const [home, mara] = [await api('Bolt Ada'), await api('Mara')]
    const { rows } = await sql(
      'select username, email, first_name, last_name from user_account where id = $1',
      [bo],
    )
    const [was] = rows as { username: string; email: string; first_name: string; last_name: string }[]
    if (!was) throw new Error('no Bo')
    const names = { id: bo, username: was.username, firstName: 'Bo', lastName: 'Renamed' }
    const email = 'somebody@bolt.example'
    await bringBo()
    await plantFactor(world, 'Bo')
    expect(await refusal(home.users.setPassword({ id: bo }))).toMatchObject({
      code: 'access_denied',
      message:
        'This person works in other tenants, too. They change this themselves by “Forgot your password?”',
    })
    expect(await refusal(home.users.update({ ...names, email }))).toMatchObject({
      code: 'access_denied',
      email: expect.stringMatching(/works in other tenants/) as string,
    })
    expect(await refusal(home.users.removeFactors({ id: bo }))).toMatchObject({
      code: 'access_denied',
      message: expect.stringMatching(/works in other tenants/) as string,
    })
    expect(await home.users.get({ id: bo })).toMatchObject({ can: { edit: true, setPassword: false } })
    await home.users.update({ ...names, email: was.email }) // names are the home's
    const of = { tenantId: bolt, id: bo }
    expect(await mara.tenantUsers.setPassword(of)).toMatchObject({ id: bo })
    expect(await mara.tenantUsers.update({ ...names, email, tenantId: bolt })).toMatchObject({ id: bo })
    await mara.tenantUsers.removeGuest({ tenantId: acme, id: bo })
    expect(await home.users.setPassword({ id: bo })).toMatchObject({ id: bo })
    expect(await home.users.update({ ...names, email: 'bo2@bolt.example' })).toMatchObject({ id: bo })
    expect(await home.users.removeFactors({ id: bo })).toMatchObject({ id: bo })
    // Parent-level users are the master's own: its administrators look after them
    expect(await mara.users.setPassword({ id: userId('Sam') })).toMatchObject({ id: userId('Sam') })
  })
})
