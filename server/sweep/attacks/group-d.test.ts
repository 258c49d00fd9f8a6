import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  isMasterOnly,
  type Level,
  PERMISSION_NAMES,
  type Permission,
  PERMISSIONS,
  rank,
} from '@/lib/permissions'
import { KEEPER_ROLES } from '@/server/features/users/users.policy'
import { effectiveRights } from '@/server/authz/rights'
import { call } from '@/server/sweep/call'
import type { PersonName } from '@/test/actors'
import { idOf } from '@/test/canary'
import { CUSTOMER_ROLE, resourceId, SPARE_CAP, tenantId, userId, VIEWER_ROLE } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const ADMIN_ROLE = '00000000-0000-4000-8000-000000000204'
const OWNER_ROLE = '00000000-0000-4000-8000-000000000203'
const A = tenantId('A')
const INSIDE = PERMISSION_NAMES.filter((name) => !isMasterOnly(name))

describe('group D: caps, and nobody above what they hold', () => {
  let world: World
  beforeAll(async () => void (world = await createWorld()))
  beforeEach(() => world.restore())
  afterAll(() => world.close())

  const ask = (who: PersonName, name: string, input: unknown) =>
    call(world, who, { name, type: 'query' }, input)
  const act = (who: PersonName, name: string, input: unknown) =>
    call(world, who, { name, type: 'mutation' }, input)
  const rights = async (who: PersonName) => (await world.opOf(who)).rights
  const sql = (text: string, values: unknown[] = []) => world.admin.query(text, values)
  const denials = async (event: string) =>
    (
      await sql(`select 1 from audit_event where tenant_id = $1 and event = $2 and result = 'denied'`, [
        A,
        event,
      ])
    ).rowCount ?? 0
  async function plant(
    levels: object,
    more: { tenant?: string; name?: string; multi?: boolean; access?: object } = {},
  ) {
    const { rows } = await sql(
      `insert into user_role (tenant_id, name, levels, multi_tenant, access) values ($1, coalesce($2, 'R ' || gen_random_uuid()), $3, $4, $5) returning id`,
      [
        more.tenant ?? A,
        more.name,
        JSON.stringify(levels),
        more.multi ?? false,
        JSON.stringify(more.access ?? {}),
      ],
    )
    return (rows[0] as { id: string }).id
  }
  async function only(who: PersonName, role: string) {
    await sql('delete from role_assignment where user_id = $1', [userId(who)])
    await sql(
      'insert into role_assignment (tenant_id, user_id, role_id) select home_tenant_id, id, $2 from user_account where id = $1',
      [userId(who), role],
    )
  }
  const capAcme = async (levels: object) => {
    await sql('update tenant_role set levels = $1, sharing = false where id = $2', [
      JSON.stringify(levels),
      SPARE_CAP,
    ])
    await sql('update tenant set tenant_role_id = $1 where id = $2', [SPARE_CAP, A])
  }
  const stamp = async (id: string) =>
    (
      (
        await sql(
          'select updated_at from user_role where id = $1 union all select updated_at from tenant_role where id = $1',
          [id],
        )
      ).rows[0] as { updated_at: Date }
    ).updated_at.toISOString()
  const content = (more: object) => ({ name: 'X', levels: {}, access: {}, landing: '', ...more })
  const cap = async (levels: object) => ({
    ...content({ name: 'Spare', levels }),
    access: undefined,
    id: SPARE_CAP,
    defaultCloudLevel: 'none',
    clouds: [],
    updatedAt: await stamp(SPARE_CAP),
  })
  it('D01 a lowered tenant role holds in the very next request of an old session', async () => {
    await capAcme({ hosts: 'full' })
    const host = { id: resourceId('A web') }
    expect((await act('Eve', 'hosts.rename', { ...host, name: 'while-allowed' })).status).toBe(200)
    expect((await act('Mara', 'tenantRoles.update', await cap({ hosts: 'read' }))).status).toBe(200)
    expect((await act('Eve', 'hosts.rename', { ...host, name: 'afterwards' })).status).toBe(403)
    expect((await ask('Eve', 'hosts.get', host)).status).toBe(200)
    expect((await act('Mara', 'tenantRoles.update', await cap({}))).status).toBe(200)
    expect((await ask('Eve', 'hosts.get', host)).status).toBe(403)
  })
  it('D02 no role above the cap is made or edited, by any way in, in any permission', async () => {
    await capAcme({ roles: 'full', users: 'full', hosts: 'read' })
    const id = await plant({ hosts: 'read' }, { name: 'Mine' })
    const before = (await sql('select id, levels from user_role order by id')).rows
    let tried = 0
    for (const name of INSIDE.filter((one) => one !== 'roles' && one !== 'users')) {
      const level = PERMISSIONS[name].levels.at(-1) as Level
      const levels = { [name]: level }
      const file = JSON.stringify({ format: 'freehold.roles', version: 1, roles: [{ name: 'F', levels }] })
      for (const [procedure, input] of [
        ['roles.create', content({ levels })],
        ['roles.update', content({ id, levels, updatedAt: await stamp(id) })],
        ['roles.import', { text: file }],
        [
          'roles.update',
          content({
            id: ADMIN_ROLE,
            name: 'Admin',
            levels: { ...levels, roles: 'full' },
            updatedAt: await stamp(ADMIN_ROLE),
          }),
        ],
      ] as const) {
        // the admin's template wishes for everything: what it wishes already stays, and is cut
        if (procedure === 'roles.update' && 'id' in input && input.id === ADMIN_ROLE) continue
        const answer = await act('Ada', procedure, input)
        expect([name, procedure, answer.status]).toEqual([name, procedure, 403])
        tried++
      }
    }
    expect(tried).toBeGreaterThan(50)
    // of many denials in a row the log keeps a sample (server/rpc/audit-denial.ts)
    expect(await denials('role.create')).toBeGreaterThan(3)
    expect((await sql('select id, levels from user_role order by id')).rows).toEqual(before)
    // A copy keeps the wish, and reaches no further for it
    const copy = await act('Ada', 'roles.create', { name: 'Copy', baseRoleId: ADMIN_ROLE })
    expect(copy.status).toBe(200)
    await only('Tom', (copy.data as { id: string }).id)
    expect(await rights('Tom')).toMatchObject({ hosts: 'read', networks: 'none', users: 'full' })
    expect(
      (await act('Ada', 'roles.create', content({ name: 'Within', levels: { hosts: 'read' } }))).status,
    ).toBe(200)
  })
  it('D03 nobody gives oneself or another a stronger role', async () => {
    await only('Eve', await plant({ users: 'full', roles: 'full', hosts: 'read' }))
    const person = { username: 'new.one', email: 'n@x.example' }
    for (const [procedure, input] of [
      ['users.create', { ...person, roleIds: [ADMIN_ROLE] }],
      ['users.create', { ...person, assignments: [{ roleId: ADMIN_ROLE, scope: 'tag:x' }] }],
      ['users.setRoles', { id: userId('Nora'), roleIds: [OWNER_ROLE] }],
      ['users.setAssignments', { id: userId('Nora'), assignments: [{ roleId: VIEWER_ROLE }] }],
      ['users.setRoles', { id: userId('Eve'), roleIds: [ADMIN_ROLE] }],
      ['users.setAssignments', { id: userId('Eve'), assignments: [{ roleId: ADMIN_ROLE }] }],
    ] as const)
      expect([procedure, (await act('Eve', procedure, input)).status]).toEqual([procedure, 403])
    expect((await rights('Nora')).hosts).toBe('none')
    const weaker = await plant({ hosts: 'read' })
    expect(
      (await act('Eve', 'users.setAssignments', { id: userId('Nora'), assignments: [{ roleId: weaker }] }))
        .status,
    ).toBe(200)
  })
  it('D04 decides by id: a role made anew under an old name is another one', async () => {
    const old = await plant({ hosts: 'full' }, { name: 'Operators' })
    expect((await act('Ada', 'roles.delete', { id: old })).status).toBe(200)
    const fresh = await act('Ada', 'roles.create', content({ name: 'Operators', levels: { hosts: 'read' } }))
    expect(fresh.status).toBe(200)
    expect((await act('Ada', 'users.setRoles', { id: userId('Tom'), roleIds: [old] })).status).toBe(404)
    for (const name of ['operators', 'OPERATORS', ' Operators '])
      expect((await act('Ada', 'roles.create', content({ name }))).status).toBe(409)
  })
  it('D05 a permission that an upgrade brings is none in every role that is there', async () => {
    const nothing = effectiveRights([{ builtIn: null, levels: {} }], null)
    expect(Object.values(nothing).every((level) => level === 'none')).toBe(true)
    const cut = effectiveRights([{ builtIn: 'owner', levels: {} }], { builtIn: null, levels: {} })
    expect(Object.values(cut).every((level) => level === 'none')).toBe(true)
    await only('Tom', await plant({ somethingNew: 'full', hosts: 'read' }))
    expect(Object.keys(await rights('Tom')).sort()).toEqual([...PERMISSION_NAMES].sort())
    expect((await rights('Tom')).hosts).toBe('read')
  })
  it('D06 nothing is handed on that one does not hold: level, scope, cut, entry, claim', async () => {
    const web = resourceId('A web')
    const access = {
      resources: [{ id: web, kind: 'host', access: 'none' }],
      clouds: { default: 'full', entries: { [resourceId('public cloud')]: 'read' } },
    }
    await only('Eve', await plant({ roles: 'full', hosts: 'full' }, { access }))
    const kept = {
      resources: [{ id: web, access: 'none' }],
      clouds: { default: 'full', entries: [{ id: resourceId('public cloud'), access: 'read' }] },
    }
    for (const wider of [
      {},
      { ...kept, clouds: undefined },
      { ...kept, resources: [] },
      { ...kept, resources: [{ id: web, access: 'read' }] },
      { ...kept, claims: [{ kinds: ['network'], actions: ['get'], resources: ['*'] }] },
      { ...kept, claims: [{ kinds: ['*'], actions: ['*'], resources: ['*'] }] },
    ]) {
      const answer = await act('Eve', 'roles.create', content({ levels: { hosts: 'full' }, access: wider }))
      // what Eve's own role hides from her is not there for her either
      expect([JSON.stringify(wider), [403, 404].includes(answer.status)]).toEqual([
        JSON.stringify(wider),
        true,
      ])
    }
    expect(await denials('role.create')).toBe(6)
    const narrower = { clouds: { default: 'none', entries: [] } }
    expect(
      (await act('Eve', 'roles.create', content({ levels: { networks: 'none' }, access: narrower }))).status,
    ).toBe(200)
  })
  it('D07 a copy stays as it is whatever becomes of its template; who did not edit it follows', async () => {
    const id = await plant({ hosts: 'read' }, { tenant: tenantId('M'), multi: true, name: 'Operators' })
    await only('Tom', id)
    await only('Bolt Tom', id)
    const edit = await act(
      'Ada',
      'roles.update',
      content({ id, name: 'Operators', levels: { hosts: 'full' }, updatedAt: await stamp(id) }),
    )
    expect(edit.status).toBe(200)
    expect(
      (
        await act(
          'Mara',
          'roles.update',
          content({ id, name: 'Operators', levels: { networks: 'read' }, updatedAt: await stamp(id) }),
        )
      ).status,
    ).toBe(200)
    expect([(await rights('Tom')).hosts, (await rights('Tom')).networks]).toEqual(['full', 'none'])
    expect([(await rights('Bolt Tom')).hosts, (await rights('Bolt Tom')).networks]).toEqual(['none', 'read'])
    expect((await act('Mara', 'roles.delete', { id })).status).toBe(409)
    await only('Bolt Tom', VIEWER_ROLE)
    expect((await act('Mara', 'roles.delete', { id })).status).toBe(200)
    expect(
      (await act('Mara', 'roles.create', content({ name: 'Operators', multiTenant: true }))).status,
    ).toBe(200)
    expect((await rights('Tom')).hosts).toBe('full')
  })
  it('D08 a template reaches every tenant at once, by reference, and no further than its cap', async () => {
    await capAcme({ networks: 'read' })
    const id = await plant({ networks: 'full' }, { tenant: tenantId('M'), multi: true })
    await only('Tom', id)
    await only('Bolt Tom', id)
    expect([(await rights('Tom')).networks, (await rights('Bolt Tom')).networks]).toEqual(['read', 'full'])
    const rows = async () => (await sql('select count(*)::int as n from user_role')).rows[0] as { n: number }
    const before = await rows()
    expect(
      (
        await act(
          'Mara',
          'roles.update',
          content({ id, levels: { networks: 'full', hosts: 'read' }, updatedAt: await stamp(id) }),
        )
      ).status,
    ).toBe(200)
    expect(await rows()).toEqual(before)
    expect([(await rights('Tom')).hosts, (await rights('Bolt Tom')).hosts]).toEqual(['none', 'read'])
  })
  it('D09 a cap that is lowered while a role is raised holds at every read', async () => {
    const role = await plant({ hosts: 'read' })
    await capAcme({ hosts: 'full', roles: 'full' })
    await only('Tom', role)
    for (let i = 0; i < 10; i++) {
      const level = i % 2 === 0 ? 'read' : 'full'
      const [lowered] = await Promise.all([
        act('Mara', 'tenantRoles.update', await cap({ hosts: level, roles: 'full' })),
        act(
          'Ada',
          'roles.update',
          content({ id: role, name: 'R', levels: { hosts: 'full' }, updatedAt: await stamp(role) }),
        ),
        ...Array.from({ length: 3 }, () => rights('Tom')),
      ])
      expect(lowered.status).toBe(200)
      expect(rank((await rights('Tom')).hosts)).toBeLessThanOrEqual(rank(level))
    }
  })
  it('D10 the last owner stays, a role in use too; the master’s people are not a tenant’s to change', async () => {
    await sql('delete from role_assignment where user_id = $1', [userId('Exa')])
    expect(KEEPER_ROLES).toContain('owner')
    const demote = { tenantId: A, id: userId('Ada'), roleIds: [VIEWER_ROLE] }
    expect((await act('Mara', 'tenantUsers.setRoles', demote)).status).toBe(409)
    expect((await act('Mara', 'tenantUsers.delete', { tenantId: A, id: userId('Ada') })).status).toBe(409)
    const held = await plant({ hosts: 'read' })
    await only('Tom', held)
    expect((await act('Ada', 'roles.delete', { id: held })).status).toBe(409)
    expect((await act('Mara', 'tenantRoles.delete', { id: SPARE_CAP })).status).toBe(200)
    expect((await act('Mara', 'tenantRoles.delete', { id: CUSTOMER_ROLE })).status).toBe(403)
    // They stand in the tenant's list: seen, and not its own to change
    for (const procedure of ['users.disable', 'users.delete', 'users.setPassword'])
      expect((await act('Ada', procedure, { id: userId('Mara') })).status).toBe(403)
    expect((await act('Ada', 'users.setRoles', { id: userId('Mara'), roleIds: [VIEWER_ROLE] })).status).toBe(
      403,
    )
  })
  it('D12 what nobody may set is not taken, and the answer holds listed fields only', async () => {
    for (const field of [
      'tenantId',
      'tenant_id',
      'builtIn',
      'templateId',
      'locked',
      'ownerId',
      'createdAt',
      'isMaster',
      'enabled',
      'users',
    ]) {
      expect([field, (await act('Ada', 'roles.create', content({ [field]: tenantId('B') }))).status]).toEqual(
        [field, 400],
      )
      expect([field, (await act('Mara', 'tenantRoles.create', { name: 'c', [field]: true })).status]).toEqual(
        [field, 400],
      )
    }
    const made = await act('Ada', 'roles.create', content({}))
    expect(Object.keys(made.data as object).sort()).toEqual(['id', 'name'])
  })
  it('D13 an operator object where a value belongs is refused', async () => {
    const id = await plant({})
    for (const value of [{ not: '' }, { contains: '' }, { gt: 0 }, { in: ['x'] }, ['x'], 0]) {
      for (const field of ['name', 'description', 'landing', 'baseRoleId'])
        expect((await act('Ada', 'roles.create', content({ [field]: value }))).status).toBe(400)
      expect((await act('Ada', 'roles.create', content({ levels: { hosts: value } }))).status).toBe(400)
      expect((await act('Ada', 'roles.delete', { id: value })).status).toBe(400)
      expect(
        (
          await act('Ada', 'users.setAssignments', {
            id: userId('Tom'),
            assignments: [{ roleId: id, scope: value }],
          })
        ).status,
      ).toBe(400)
    }
  })
  it('D14 keys of the prototype are refused or ignored, and change nothing', async () => {
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      const levels: unknown = JSON.parse(`{"${key}": "full"}`)
      const body: unknown = JSON.parse(`{"name": "P ${key}", "${key}": {"hosts": "full"}}`)
      expect([200, 400]).toContain(
        (await act('Ada', 'roles.create', content({ name: `L ${key}`, levels }))).status,
      )
      expect([200, 400]).toContain((await act('Ada', 'roles.create', body)).status)
      const text = `{"format":"freehold.roles","version":1,"roles":[{"name":"F ${key}","levels":{"${key}":"full"}}]}`
      expect([200, 400]).toContain((await act('Ada', 'roles.import', { text })).status)
    }
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('hosts')
    expect(({} as Record<string, unknown>).hosts).toBeUndefined()
    const stored = (
      await sql(`select levels from user_role where name like '_ __proto__' or name like '_ constructor'`)
    ).rows
    expect(stored.every((row) => JSON.stringify((row as { levels: object }).levels) === '{}')).toBe(true)
  })

  it('D15 a person of two tenants has in each the role of that one', async () => {
    const bolt = tenantId('B')
    await sql('insert into membership (tenant_id, user_id) values ($1, $2)', [bolt, userId('Tom')])
    await sql('insert into role_assignment (tenant_id, user_id, role_id) values ($1, $2, $3)', [
      bolt,
      userId('Tom'),
      OWNER_ROLE,
    ])
    expect(await rights('Tom')).toMatchObject({ hosts: 'read', users: 'read' })
    expect((await act('Tom', 'hosts.rename', { id: resourceId('A web'), name: 'x' })).status).toBe(403)
    const seen = await ask('Ada', 'users.get', { id: userId('Tom') })
    expect((seen.data as { roles: { name: string }[] }).roles.map(({ name }) => name)).toEqual(['Viewer'])
  })

  it('D16 single permissions put together reach nothing above their own', async () => {
    const full = Object.fromEntries(INSIDE.map((name) => [name, PERMISSIONS[name].levels.at(-1)])) as Record<
      Permission,
      Level
    >
    for (const name of INSIDE) {
      await world.restore()
      await only('Eve', await plant({ [name]: full[name] }))
      const before = await rights('Eve')
      const weak = await plant({})
      await act('Eve', 'roles.create', content({ name: 'All', levels: full }))
      await act('Eve', 'roles.update', content({ id: weak, levels: full, updatedAt: await stamp(weak) }))
      await act('Eve', 'users.create', { username: 'puppet', email: 'p@x.example', roleIds: [OWNER_ROLE] })
      await act('Eve', 'users.setAssignments', { id: userId('Nora'), assignments: [{ roleId: ADMIN_ROLE }] })
      await act('Eve', 'roles.relink', { id: idOf('role copy A') })
      expect([name, await rights('Eve')]).toEqual([name, before])
      const made = (
        await sql(`select levels from user_role where tenant_id = $1 and (name in ('All', 'X') or id = $2)`, [
          A,
          weak,
        ])
      ).rows as { levels: Partial<Record<Permission, Level>> }[]
      for (const { levels } of made)
        for (const [one, level] of Object.entries(levels))
          expect([name, one, rank(level) <= rank(before[one as Permission])]).toEqual([name, one, true])
      expect((await rights('Nora')).hosts).toBe('none')
    }
  }, 60_000)
})
