import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { verifyEveryChain } from '@/server/features/audit/audit.service'
import { tenantUsersRouter } from '@/server/features/users/tenant-users.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { type PersonName, TENANTS } from '@/test/actors'
import { tenantId, userId } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'
import { peopleRouter } from './people.router'

const factory = createCallerFactory(router({ people: peopleRouter, tenantUsers: tenantUsersRouter }))
const [acme, bolt] = [tenantId('A'), tenantId('B')]
const ROLE = { superAdmin: 201, support: 202, owner: 203, viewer: 206 }
const role = (name: keyof typeof ROLE) => `00000000-0000-4000-8000-000000000${ROLE[name]}`
const [bo, tom, sam, mara] = [userId('Bo'), userId('Tom'), userId('Sam'), userId('Mara')]

let world: World
beforeAll(async () => void (world = await createWorld()))
beforeEach(() => world.restore())
afterAll(() => world.close())
const api = async (name: PersonName) => factory({ op: await world.opOf(name) })
const sql = async <Row>(text: string, values: unknown[] = []) =>
  (await world.admin.query(text, values)).rows as Row[]
const account = async (id: string) =>
  (
    await sql<{ home: string; parent_level: boolean; username: string; credential: string }>(
      `select u.home_tenant_id as home, u.parent_level, u.username, c.tenant_id as credential
       from user_account u join user_credential c on c.user_id = u.id where u.id = $1`,
      [id],
    )
  )[0]
const openSessions = async (id: string) =>
  (await sql('select 1 from session where user_id = $1 and revoked_at is null', [id])).length
const rolesOf = (id: string) =>
  sql<{ tenant_id: string; name: string }>(
    `select ra.tenant_id, r.name from role_assignment ra join user_role r on r.id = ra.role_id where ra.user_id = $1`,
    [id],
  )
const logs = (event: string) =>
  sql<{ tenant_id: string; target_name: string; before: object | null; after: object | null }>(
    `select tenant_id, target_name, before, after from audit_event where event = $1 and result = 'ok' order by at`,
    [event],
  )

describe('the list', () => {
  test('has everybody of all tenants that are not deleted, for who sees tenants’ users', async () => {
    const { rows, total } = await (await api('Sam')).people.list({})
    expect(total).toBe(rows.length)
    expect(rows).toHaveLength(14)
    expect(rows.find(({ id }) => id === bo)).toMatchObject({
      level: 'tenant',
      home: { name: TENANTS.B.name, slug: 'bolt' },
      tenants: 1,
    })
    expect(rows.find(({ id }) => id === mara)).toMatchObject({ level: 'parent', home: { master: true } })
    expect(rows.find(({ id }) => id === userId('Cai'))).toMatchObject({ home: { status: 'disabled' } })
    expect(rows.some(({ id }) => id === userId('Eli'))).toBe(false)
    expect(await refusal((await api('Ada')).people.list({}))).toMatchObject({ code: 'access_denied' })
    expect(await refusal((await api('Ada')).people.get({ id: tom }))).toMatchObject({ code: 'access_denied' })
  })

  test.each(['name', 'username', 'email', 'tenant', 'lastSignIn'] as const)('pages by %s', async (sort) => {
    const as = await api('Mara')
    for (const desc of [false, true]) {
      const all = (await as.people.list({ sort, desc })).rows.map(({ id }) => id)
      const first = await as.people.list({ sort, desc, limit: 8 })
      const second = await as.people.list({ sort, desc, limit: 8, cursor: first.nextCursor })
      expect([...first.rows, ...second.rows].map(({ id }) => id)).toEqual(all)
      expect(second.from).toBe(8)
      const back = await as.people.list({ sort, desc, limit: 8, cursor: second.prevCursor })
      expect(back.rows.map(({ id }) => id)).toEqual(all.slice(0, 8))
    }
  })

  test('searches, and filters by level, tenant and status', async () => {
    const as = await api('Mara')
    const names = async (input: Parameters<typeof as.people.list>[0]) => {
      const { rows, total } = await as.people.list(input)
      expect(total).toBe(rows.length)
      return rows.map(({ username, home }) => `${home.slug}\\${username}`).sort()
    }
    await sql('update user_account set parent_level = false where id = $1', [sam])
    await sql(`update user_account set status = 'disabled' where id = $1`, [tom])
    await sql('insert into membership (tenant_id, user_id) values ($1, $2)', [acme, bo])
    expect(await names({ search: 'BO', levels: ['tenant'], tenantId: bolt })).toContain('bolt\\bo')
    expect(await names({ levels: ['master'] })).toEqual(['default\\sam'])
    expect(await names({ levels: ['parent'] })).toEqual(['default\\first', 'default\\mara'])
    expect(await names({ status: ['disabled'] })).toEqual(['acme\\tom'])
    expect(await names({ tenantId: acme })).toEqual(
      ['ada', 'ann', 'eve', 'exa', 'nora', 'tom'].map((name) => `acme\\${name}`).concat('bolt\\bo'),
    )
    expect(await refusal(as.people.list({ tenantId: bo }))).toMatchObject({ code: 'not_found' })
    expect(await refusal(as.people.list({ tenantId: tenantId('E') }))).toMatchObject({ code: 'not_found' })
  })
})

describe('one person', () => {
  test('has the tenants they are a member of, and the roles in each', async () => {
    const as = await api('Mara')
    await as.tenantUsers.addGuest({ tenantId: acme, userId: bo, assignments: [{ roleId: role('viewer') }] })
    const person = await as.people.get({ id: bo })
    expect(person).toMatchObject({
      tenants: 2,
      can: { setLevel: true, addToTenant: true },
      memberships: [
        { tenant: { slug: 'bolt' }, home: true, assignments: [{ name: 'Admin' }] },
        { tenant: { slug: 'acme' }, home: false, assignments: [{ name: 'Viewer' }] },
      ],
    })
    expect(await as.people.get({ id: sam })).toMatchObject({
      can: { setLevel: true, addToTenant: false },
      why: { addToTenant: 'A parent-level user reaches every tenant already' },
    })
    expect((await as.people.get({ id: mara })).why.setLevel).toBe('Nobody changes their own level')
    expect((await (await api('Sam')).people.get({ id: bo })).why).toEqual({
      setLevel: 'Your role may see people, not change them',
      addToTenant: 'Your role may see people, not change them',
      change: 'Your role may see people, not change them',
    })
    for (const id of [acme, userId('Eli')])
      expect(await refusal(as.people.get({ id }))).toMatchObject({ code: 'not_found' })
  })
})

describe('raising to parent level', () => {
  const raise = async (more: object = {}) =>
    (await api('Mara')).people.setLevel({ id: bo, level: 'parent', roleIds: [role('support')], ...more })

  test('moves the home with the credential, ends memberships and sessions, and gives the master’s roles', async () => {
    const as = await api('Mara')
    await as.tenantUsers.addGuest({ tenantId: acme, userId: bo, assignments: [{ roleId: role('viewer') }] })
    expect(await openSessions(bo)).toBeGreaterThan(0)
    const [before] = await sql<{ changed_at: Date }>(
      'select changed_at from user_credential where user_id = $1',
      [bo],
    )
    const done = await raise()
    expect(done.sessionsEnded).toBeGreaterThan(0)
    expect(await account(bo)).toEqual({
      home: MASTER_TENANT_ID,
      parent_level: true,
      username: 'bo',
      credential: MASTER_TENANT_ID,
    })
    expect(await openSessions(bo)).toBe(0)
    expect(await rolesOf(bo)).toEqual([{ tenant_id: MASTER_TENANT_ID, name: 'Support' }])
    // The password goes on; what was proved before opens no session
    const [now] = await sql<{ ok: boolean }>(`select ok from wall.sign_in_lookup('default', 'default', 'bo')`)
    expect(now?.ok).toBe(true)
    const [after] = await sql<{ changed_at: Date }>(
      'select changed_at from user_credential where user_id = $1',
      [bo],
    )
    expect(after?.changed_at.getTime()).toBeGreaterThan(before?.changed_at.getTime() ?? 0)
    for (const host of ['acme', 'bolt', 'newco'])
      expect(await sql(`select ok from wall.sign_in_lookup($1, 'default', 'bo')`, [host])).toEqual([
        { ok: true },
      ])
    expect(await sql(`select ok from wall.sign_in_lookup('bolt', 'bolt', 'bo')`)).toEqual([{ ok: false }])
    expect(await logs('user.level')).toMatchObject([
      {
        tenant_id: MASTER_TENANT_ID,
        before: { level: 'tenant', home: TENANTS.B.name },
        after: { level: 'parent', roles: ['Support'] },
      },
    ])
    const chains = await verifyEveryChain()
    expect(chains.filter(({ brokenAt }) => brokenAt !== null)).toEqual([])
    const told = await logs('user.raised')
    expect(told.map(({ tenant_id }) => tenant_id).sort()).toEqual([acme, bolt].sort())
    for (const { tenant_id, after: said } of told) {
      const sibling = tenant_id === acme ? TENANTS.B : TENANTS.A
      expect(JSON.stringify(said)).not.toMatch(new RegExp(`${sibling.name}|${sibling.slug}`))
    }
  })

  test('a username that the master has asks for another', async () => {
    await sql(`update user_account set username = 'mara' where id = $1`, [bo])
    expect(await refusal(raise())).toMatchObject({
      code: 'conflict',
      username: expect.stringMatching(/of this name already/),
    })
    expect(await refusal(raise({ username: '!' }))).toMatchObject({ code: 'invalid_input' })
    expect((await account(bo))?.home).toBe(bolt)
    await raise({ username: 'Bo.Msp' })
    expect(await account(bo)).toMatchObject({ username: 'bo.msp', home: MASTER_TENANT_ID })
  })

  test('needs roles of the master that the giver holds, the right on the master’s users, and a password of their own', async () => {
    expect(await refusal(raise({ roleIds: [] }))).toMatchObject({ code: 'invalid_input' })
    expect(await refusal(raise({ roleIds: [acme] }))).toMatchObject({ code: 'not_found' })
    const [own] = await sql<{ id: string }>(
      `insert into user_role (tenant_id, name, levels) values ($1, 'People only', '{"tenantUsers":"full","tenants":"read"}') returning id`,
      [MASTER_TENANT_ID],
    )
    const support = (level: string) =>
      sql(`update user_role set levels = $2 where id = $1`, [
        own?.id,
        `{"tenantUsers":"full","users":"${level}"}`,
      ])
    await sql('update role_assignment set role_id = $1 where user_id = $2', [own?.id, sam])
    const bySam = async (roleId: string) =>
      refusal((await api('Sam')).people.setLevel({ id: bo, level: 'parent', roleIds: [roleId] }))
    expect(await bySam(own?.id ?? '')).toMatchObject({
      message: 'Your role may not change the users of the master tenant',
    })
    await support('full')
    expect((await bySam(role('superAdmin'))).code).toBe('access_denied')
    await sql('update user_credential set must_change = true where user_id = $1', [bo])
    expect((await bySam(own?.id ?? '')).message).toMatch(/temporary password/)
    await sql('update user_credential set must_change = false where user_id = $1', [bo])
    await sql('update user_account set email_verified_at = null where id = $1', [bo])
    expect((await bySam(own?.id ?? '')).message).toBe('They have to confirm their e-mail address first.')
    await sql('update user_account set email_verified_at = now() where id = $1', [bo])
    expect((await bySam(own?.id ?? '')).message).toBe('Error: it went through')
  })
})

describe('the Owner role of a subtenant', () => {
  const change = async (name: PersonName, input: object) =>
    (await api(name)).people.setLevel({ id: bo, level: 'parent', roleIds: [], ...input })
  /** Sam looks after people, and no more. */
  const peopleOnly = async () => {
    const [own] = await sql<{ id: string }>(
      `insert into user_role (tenant_id, name, levels) values ($1, 'People only', '{"tenantUsers":"full","users":"full"}') returning id`,
      [MASTER_TENANT_ID],
    )
    await sql('update role_assignment set role_id = $1 where user_id = $2', [own?.id, sam])
    return { roleIds: [own?.id ?? ''], id: own?.id ?? '' }
  }
  const OWNERS = 'Only an owner, or the provider with “Manage multi-tenancy”, gives and takes the Owner role'

  test('is taken by a raise with “Manage multi-tenancy” only, and never from the last owner', async () => {
    const { id, roleIds } = await peopleOnly()
    const owner = userId('Bolt Ada')
    expect(await refusal(change('Sam', { id: owner, roleIds }))).toMatchObject({ message: OWNERS })
    const page = await (await api('Sam')).people.get({ id: owner })
    expect(page).toMatchObject({ can: { setLevel: false }, why: { setLevel: OWNERS } })
    await sql(`update user_role set levels = levels || '{"tenants":"full"}' where id = $1`, [id])
    const last = /^A tenant keeps its last owner/
    expect((await refusal(change('Sam', { id: owner, roleIds }))).message).toMatch(last)
    await sql(
      `insert into role_assignment (tenant_id, user_id, role_id) values ($1, $2, $3)
       on conflict do nothing`,
      [bolt, bo, role('owner')],
    )
    expect((await refusal(change('Sam', { id: owner, roleIds }))).message).toBe('Error: it went through')
    // Now Bo is the last one
    expect((await refusal(change('Sam', { roleIds }))).message).toMatch(last)
  })

  test('is given to who is lowered with “Manage multi-tenancy” only', async () => {
    const { id } = await peopleOnly()
    await sql('update role_assignment set role_id = $1 where user_id = $2', [id, mara])
    const lower = { id: mara, level: 'tenant', tenantId: acme, roleIds: [role('owner')] }
    expect(await refusal(change('Sam', lower))).toMatchObject({ message: OWNERS, roleIds: OWNERS })
    await sql(`update user_role set levels = levels || '{"tenants":"full"}' where id = $1`, [id])
    expect((await refusal(change('Sam', lower))).message).toBe('Error: it went through')
    expect(await rolesOf(mara)).toEqual([{ tenant_id: acme, name: 'Owner' }])
  })
})

describe('lowering to tenant level', () => {
  const lower = async (more: object = {}) =>
    (await api('Mara')).people.setLevel({
      id: sam,
      level: 'tenant',
      tenantId: acme,
      roleIds: [role('viewer')],
      ...more,
    })

  test('chooses home and role; they reach nothing else any more', async () => {
    await lower()
    expect(await account(sam)).toMatchObject({ home: acme, parent_level: false, credential: acme })
    expect(await rolesOf(sam)).toEqual([{ tenant_id: acme, name: 'Viewer' }])
    expect(await openSessions(sam)).toBe(0)
    expect(await sql(`select ok from wall.sign_in_lookup('acme', 'acme', 'sam')`)).toEqual([{ ok: true }])
    for (const [host, home] of [
      ['default', 'default'],
      ['bolt', 'default'],
      ['bolt', 'acme'],
    ])
      expect(await sql('select ok from wall.sign_in_lookup($1, $2, $3)', [host, home, 'sam'])).toEqual([
        { ok: false },
      ])
    expect(await logs('user.lowered')).toMatchObject([{ tenant_id: acme, after: { roles: ['Viewer'] } }])
  })

  test('is refused without a tenant or role, into the master, a closed tenant, or for a taken name', async () => {
    expect(await refusal(lower({ tenantId: undefined }))).toMatchObject({ code: 'invalid_input' })
    expect(await refusal(lower({ tenantId: MASTER_TENANT_ID }))).toMatchObject({ code: 'invalid_input' })
    expect(await refusal(lower({ roleIds: [] }))).toMatchObject({ code: 'invalid_input' })
    expect(await refusal(lower({ roleIds: [role('support')] }))).toMatchObject({ code: 'not_found' })
    expect(await refusal(lower({ tenantId: tenantId('C') }))).toMatchObject({
      message: 'This tenant is not active',
    })
    await sql(`update user_account set username = 'sam' where id = $1`, [tom])
    expect(await refusal(lower())).toMatchObject({ code: 'conflict', username: expect.any(String) })
    await lower({ username: 'sam2' })
    expect(await account(sam)).toMatchObject({ username: 'sam2' })
  })

  test('never oneself, nobody who may do more, never the last super admin', async () => {
    expect(await refusal(lower({ id: mara }))).toMatchObject({ message: 'Nobody changes their own level' })
    const [own] = await sql<{ id: string }>(
      `insert into user_role (tenant_id, name, levels) values ($1, 'People', '{"tenantUsers":"full","users":"full"}') returning id`,
      [MASTER_TENANT_ID],
    )
    await sql('update role_assignment set role_id = $1 where user_id = $2', [own?.id, sam])
    const bySam = (await api('Sam')).people.setLevel({
      id: mara,
      level: 'tenant',
      tenantId: acme,
      roleIds: [role('viewer')],
    })
    expect(await refusal(bySam)).toMatchObject({ message: 'This person may do more than you may' })
    // A role of the same rights that is none of the built-in ones: Sam may lower Mara, but she is the last
    const every = `(select jsonb_object_agg(p, 'full') from unnest($1::text[]) p)`
    await sql(`update user_role set levels = ${every} where id = $2`, [await permissions(), own?.id])
    await sql(`update user_account set status = 'disabled' where username = 'first'`)
    const last = async () =>
      refusal(
        (await api('Sam')).people.setLevel({
          id: mara,
          level: 'tenant',
          tenantId: acme,
          roleIds: [role('viewer')],
        }),
      )
    expect(await last()).toMatchObject({ message: expect.stringMatching(/^A tenant keeps its last owner/) })
    await sql(`update user_account set status = 'active' where username = 'first'`)
    expect((await last()).message).toBe('Error: it went through')
  })
})

const permissions = async () => (await import('@/lib/permissions')).PERMISSION_NAMES

describe('in the master only, or everywhere', () => {
  test('switches with the roles kept and all sessions ended', async () => {
    const as = await api('Mara')
    await as.people.setLevel({ id: sam, level: 'master' })
    expect(await account(sam)).toMatchObject({ home: MASTER_TENANT_ID, parent_level: false })
    expect(await rolesOf(sam)).toEqual([{ tenant_id: MASTER_TENANT_ID, name: 'Support' }])
    expect(await openSessions(sam)).toBe(0)
    expect(await sql(`select ok from wall.sign_in_lookup('acme', 'default', 'sam')`)).toEqual([{ ok: false }])
    expect(await sql(`select ok from wall.sign_in_lookup('default', 'default', 'sam')`)).toEqual([
      { ok: true },
    ])
    expect(await refusal(as.people.setLevel({ id: sam, level: 'master' }))).toMatchObject({
      message: 'This person is master only already',
    })
    await as.people.setLevel({ id: sam, level: 'parent' })
    expect(await sql(`select ok from wall.sign_in_lookup('acme', 'default', 'sam')`)).toEqual([{ ok: true }])
    expect(await refusal((await api('Sam')).people.setLevel({ id: tom, level: 'parent' }))).toMatchObject({
      code: 'unauthenticated',
    })
  })
})
