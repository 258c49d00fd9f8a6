import { beforeEach, describe, expect, test } from 'vitest'
import { verifyPassword } from '@/server/platform/password'
import type { PersonName } from '@/test/actors'
import { idOf } from '@/test/canary'
import { userId } from '@/test/factories'
import { refusal } from '@/test/refusal'
import {
  api,
  acme,
  role,
  newUser,
  lookup,
  events,
  signedIn,
  ownRole,
  give,
  useWorld,
  world,
} from './users.fixture'

useWorld()

const strip = (user: PersonName) =>
  world.admin.query('delete from role_assignment where user_id = $1', [userId(user)])

describe('nobody goes beyond their own rights (rule 8)', () => {
  test('when giving roles', async () => {
    await strip('Eve')
    await give('Eve', await ownRole({ users: 'full', hosts: 'read' }))
    const eve = await api('Eve')
    const offered = (await eve.roles.assignable()).map((r) => [r.name.split(' ')[0], r.can.grant])
    expect(offered.slice(0, 4)).toEqual([
      ['Owner', false],
      ['Admin', false],
      ['Editor', false],
      ['Viewer', false],
    ])
    expect(offered).toContainEqual(['Own', true])
    expect(await refusal(eve.users.create(newUser({ roleIds: [role('admin')] })))).toMatchObject({
      code: 'access_denied',
      roleIds: 'This role may do more than you may: Roles full (you hold none)',
    })
    expect(
      await refusal(eve.users.setRoles({ id: userId('Nora'), roleIds: [role('viewer')] })),
    ).toMatchObject({ code: 'access_denied' })
    const mine = await ownRole({ hosts: 'read' })
    await eve.users.setRoles({ id: userId('Nora'), roleIds: [mine] })
    await eve.users.create(newUser({ roleIds: [mine] }))
  })

  test('in reach as in levels', async () => {
    await strip('Eve')
    const scope = `group:${idOf('group A 1')}`
    await give('Eve', await ownRole({ users: 'full' }))
    await world.admin.query(
      'insert into role_assignment (tenant_id, user_id, role_id, scope) values ($1, $2, $3, $4)',
      [acme, userId('Eve'), await ownRole({ hosts: 'full', roles: 'full' }), scope],
    )
    const eve = await world.opOf('Eve')
    // held in a group: of the whole tenant it is not held
    expect([eve.rights.hosts, eve.rights.roles]).toEqual(['full', 'none'])
    const everywhere = await ownRole({ hosts: 'read' })
    const giving = (await api('Eve')).users.setRoles({ id: userId('Nora'), roleIds: [everywhere] })
    expect(await refusal(giving)).toMatchObject({
      roleIds: 'This role may do more than you may: Hosts read (you hold none)',
    })
    await (await api('Ada')).users.setRoles({ id: userId('Nora'), roleIds: [everywhere] })
  })

  test('by the rights that are left under the lock', async () => {
    const eve = await api('Eve')
    await strip('Eve')
    await give('Eve', await ownRole({ users: 'full' }))
    const mine = await ownRole({ hosts: 'read' })
    // her page was made while she was an editor
    expect(await refusal(eve.users.setRoles({ id: userId('Nora'), roleIds: [mine] }))).toMatchObject({
      code: 'access_denied',
    })
  })

  test('when touching people who may do more', async () => {
    await strip('Eve')
    await give('Eve', await ownRole({ users: 'full', hosts: 'read' }))
    const eve = await api('Eve')
    const ann = { id: userId('Ann') }
    const calls = [
      eve.users.setPassword(ann),
      eve.users.disable(ann),
      eve.users.delete(ann),
      eve.users.endSessions(ann),
      eve.users.setRoles({ ...ann, roleIds: [role('viewer')] }),
      eve.users.update({ ...ann, username: 'ann', email: 'eve@evil.example' }),
    ]
    for (const result of await Promise.all(calls.map(refusal)))
      expect(result).toMatchObject({ message: 'This person may do more than you may' })
    await eve.users.setPassword({ id: userId('Nora') })
  })

  test('a cap cuts both sides alike', async () => {
    const { rows } = await world.admin.query<{ id: string }>(
      `insert into tenant_role (name, levels) values ('Small', '{"users":"full","hosts":"read"}') returning id`,
    )
    await world.admin.query('update tenant set tenant_role_id = $1 where id = $2', [rows[0]?.id, acme])
    await (await api('Ada')).users.setRoles({ id: userId('Tom'), roleIds: [role('owner')] })
    expect((await world.opOf('Tom')).actor).toBeNull()
  })

  test('nor on oneself', async () => {
    const ada = await api('Ada')
    const me = { id: userId('Ada') }
    for (const result of await Promise.all(
      [
        ada.users.setRoles({ ...me, roleIds: [role('viewer')] }),
        ada.users.disable(me),
        ada.users.delete(me),
        ada.users.setPassword(me),
        ada.users.endSessions(me),
      ].map(refusal),
    ))
      expect(result).toMatchObject({ code: 'access_denied' })
    await ada.users.update({ ...me, username: 'ada', email: 'ada@acme.example', firstName: 'Ada' })
    const [row] = (await ada.users.list({ search: 'ada@acme.example' })).rows
    expect(row).toMatchObject({
      you: true,
      can: { edit: true, setRoles: false, disable: false, delete: false },
    })
  })

  test('the provider gives any role of the tenant', async () => {
    const mara = await api('Mara')
    const offered = (await mara.rolesIn.assignable({ tenantId: acme })).map((r) => [r.name, r.can.grant])
    expect(offered.slice(0, 4)).toEqual([
      ['Owner', true],
      ['Admin', true],
      ['Editor', true],
      ['Viewer', true],
    ])
    const own = (await mara.roles.assignable()).map((r) => r.name)
    expect(own.slice(0, 2)).toEqual(['Super Admin', 'Support'])
    expect(own).not.toContain('Owner')
    expect((await mara.tenantRoles.options()).map((r) => r.name).slice(0, 2)).toEqual([
      'Customer',
      'Organization',
    ])
    await mara.tenantUsers.setRoles({ tenantId: acme, id: userId('Tom'), roleIds: [role('owner')] })
    expect(
      await refusal(
        (await api('Sam')).tenantUsers.setRoles({
          tenantId: acme,
          id: userId('Tom'),
          roleIds: [role('owner')],
        }),
      ),
    ).toMatchObject({ code: 'access_denied' })
  })
})

describe('a tenant keeps its last owner', () => {
  beforeEach(() =>
    world.admin.query("update user_account set status = 'disabled' where id = $1", [userId('Exa')]),
  )

  test('against demotion, disabling and deletion, by whomever', async () => {
    const { tenantUsers } = await api('Mara')
    const ada = { tenantId: acme, id: userId('Ada') }
    const calls = [
      tenantUsers.setRoles({ ...ada, roleIds: [role('admin')] }),
      tenantUsers.disable(ada),
      tenantUsers.delete(ada),
    ]
    for (const result of await Promise.all(calls.map(refusal)))
      expect(result).toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('last owner'),
      })
    expect((await tenantUsers.get(ada)).why.delete).toContain('last owner')
    await tenantUsers.setRoles({ ...ada, roleIds: [role('owner'), role('viewer')] })
    await tenantUsers.setRoles({ ...ada, id: userId('Tom'), roleIds: [role('owner')] })
    await tenantUsers.delete(ada)
  })

  test('an Admin neither gives nor takes the Owner role, and leaves owners alone; an owner does', async () => {
    const [ann, ada] = [await api('Ann'), await api('Ada')]
    await give('Tom', role('owner'))
    const tom = { id: userId('Tom') }
    const calls = [
      ann.users.setRoles({ ...tom, roleIds: [role('viewer')] }),
      ann.users.setRoles({ id: userId('Eve'), roleIds: [role('owner')] }),
      ann.users.disable(tom),
      ann.users.delete(tom),
      ann.users.update({ ...tom, username: 'taken', email: 'taken@acme.example' }),
      ann.users.setPassword(tom),
      ann.users.create(newUser({ roleIds: [role('owner')] })),
    ]
    expect((await Promise.all(calls.map(refusal))).map(({ code }) => code)).toEqual(
      calls.map(() => 'access_denied'),
    )
    expect(await refusal(ann.users.setRoles({ id: userId('Eve'), roleIds: [role('owner')] }))).toMatchObject({
      message: expect.stringContaining('gives and takes the Owner role'),
    })
    await ann.users.setRoles({ id: userId('Eve'), roleIds: [role('admin')] })
    await ada.users.setRoles({ ...tom, roleIds: [role('viewer')] })
    await ada.users.setRoles({ ...tom, roleIds: [role('owner')] })
  })

  test('the master its last super admin', async () => {
    await world.admin.query("update user_account set status = 'disabled' where username = 'first'")
    const sara = (await (await api('Mara')).users.create(newUser({ roleIds: [role('superAdmin')] }))).id
    await (await api('Mara')).users.setRoles({ id: sara, roleIds: [role('support')] })
    expect((await (await api('Mara')).users.get({ id: userId('Mara') })).can.disable).toBe(false)
  })

  test('of two demotions at once one is refused', async () => {
    await give('Tom', role('owner'))
    for (let round = 0; round < 3; round++) {
      const { tenantUsers } = await api('Mara')
      const demote = (name: PersonName) =>
        refusal(tenantUsers.setRoles({ tenantId: acme, id: userId(name), roleIds: [role('viewer')] }))
      const results = await Promise.all([demote('Ada'), demote('Tom')])
      expect(results.map(({ code }) => code).sort()).toEqual(['Error', 'conflict'])
      await strip('Ada')
      await strip('Tom')
      await give('Ada', role('owner'))
      await give('Tom', role('owner'))
    }
  })

  test('two owners who demote each other: one stays', async () => {
    await give('Ann', role('owner'))
    const [ada, ann] = [await api('Ada'), await api('Ann')]
    const demote = (as: typeof ada, name: PersonName) =>
      refusal(as.users.setRoles({ id: userId(name), roleIds: [role('viewer')] }))
    const results = await Promise.all([demote(ada, 'Ann'), demote(ann, 'Ada')])
    expect(results.map(({ code }) => code).sort()).toEqual(['Error', 'unauthenticated'])
  })
})

describe('changes hold at once', () => {
  test.each(['disable', 'delete', 'setPassword', 'endSessions'] as const)(
    '%s ends the person’s sessions',
    async (action) => {
      expect(await signedIn('Tom')).toBe(true)
      await (await api('Ann')).users[action]({ id: userId('Tom') })
      expect(await signedIn('Tom')).toBe(false)
      const { rows } = await world.admin.query(
        'select 1 from session where user_id = $1 and revoked_at is null',
        [userId('Tom')],
      )
      expect(rows).toEqual([])
      expect(await signedIn('Eve')).toBe(true)
    },
  )

  test('new roles too, and the audit log says from what to what', async () => {
    await (await api('Ann')).users.setRoles({ id: userId('Tom'), roleIds: [role('editor')] })
    expect(await signedIn('Tom')).toBe(false)
    const [event] = await events(acme, 'user.set_roles')
    expect(event).toMatchObject({ before: { roles: ['Viewer'] }, after: { roles: ['Editor'] } })
  })

  test('disabled, enabled, deleted', async () => {
    const ann = await api('Ann')
    await ann.users.disable({ id: userId('Tom') })
    expect(await lookup('acme', 'tom')).toMatchObject({ ok: false })
    expect(await refusal(ann.users.disable({ id: userId('Tom') }))).toMatchObject({ code: 'conflict' })
    await ann.users.enable({ id: userId('Tom') })
    expect(await lookup('acme', 'tom')).toMatchObject({ ok: true })
    await ann.users.delete({ id: userId('Tom') })
    expect(await refusal(ann.users.get({ id: userId('Tom') }))).toMatchObject({ code: 'not_found' })
    await ann.users.create(newUser({ username: 'tom' }))
  })

  test('a set password is temporary and works', async () => {
    const { generatedPassword = '' } = await (
      await api('Mara')
    ).tenantUsers.setPassword({ tenantId: acme, id: userId('Tom') })
    const found = await lookup('acme', 'tom')
    expect(found?.must_change).toBe(true)
    expect(await verifyPassword(found?.password_hash ?? null, generatedPassword)).toBe(true)
    expect(JSON.stringify(await events(acme, 'user.set_password'))).not.toContain(generatedPassword)
  })

  test('an edit keeps usernames apart', async () => {
    const ann = await api('Ann')
    const tom = { id: userId('Tom'), email: 'tom@acme.example', firstName: 'Tom', lastName: 'T' }
    expect(await refusal(ann.users.update({ ...tom, username: 'Ada' }))).toMatchObject({
      code: 'conflict',
      username: expect.any(String),
    })
    await ann.users.update({ ...tom, username: 'tommy' })
    const [event] = await events(acme, 'user.update')
    expect(event).toMatchObject({ before: { username: 'tom' }, after: { username: 'tommy' } })
  })
})
