import { describe, expect, test } from 'vitest'
import { effectLines } from '@/lib/effects'
import { idOf } from '@/test/canary'
import { resourceId } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { acme, api, builtIn, holds, logged, planted, sentBack, useWorld, world } from './roles.fixture'

useWorld()

const role = (more: Record<string, unknown> = {}) => ({
  name: 'Operators',
  levels: { hosts: 'full' as const },
  ...more,
})

describe('the list', () => {
  test('has the tenant’s own roles and the provider’s, and says how many hold them', async () => {
    const ada = await api('Ada')
    const { rows, can } = await ada.roles.list()
    const of = (name: string) => rows.find((row) => row.name.includes(name))
    expect(can.create).toBe(true)
    expect(rows.slice(0, 4).map((row) => [row.name, row.origin, row.users, row.locked])).toEqual([
      ['Owner', 'provider', 2, true],
      ['Admin', 'provider', 1, false],
      ['Editor', 'provider', 1, false],
      ['Viewer', 'provider', 1, false],
    ])
    expect(rows.find(({ id }) => id === idOf('role copy A'))).toMatchObject({
      origin: 'diverged',
      can: { relink: true },
    })
    expect(rows.some(({ id }) => id === idOf('role template'))).toBe(false)
    expect(rows.some(({ id }) => id === idOf('role B 1'))).toBe(false)
    expect(of('Owner')?.why.edit).toBe('The provider has locked this role. Copy it instead')
    expect(of('Admin')?.can).toMatchObject({ edit: true, copy: true, delete: false })
    expect((await (await api('Tom')).roles.list()).rows[0]?.why.copy).toBe(
      'Your role may see roles, not change them',
    )
    expect(await refusal((await api('Nora')).roles.list())).toMatchObject({ code: 'access_denied' })
  })

  test('in the master says in how many tenants a template is held and edited', async () => {
    const { rows } = await (await api('Mara')).roles.list()
    expect(rows.find(({ name }) => name === 'Viewer')).toMatchObject({
      multiTenant: true,
      users: 4,
      tenants: 4,
      diverged: 0,
    })
    expect(rows.find(({ name }) => name === 'Super Admin')).toMatchObject({
      multiTenant: false,
      users: 2,
      tenants: null,
    })
  })
})

describe('making', () => {
  test('a role of one’s own, with all it says; then it can be had and is told in the log', async () => {
    const ada = await api('Ada')
    const access = {
      groups: { default: 'none' as const, entries: [{ id: idOf('group A 1'), access: 'full' as const }] },
      clouds: {
        default: 'read' as const,
        entries: [{ id: resourceId('public cloud'), access: 'full' as const }],
      },
      resources: [{ id: resourceId('A web'), access: 'read' as const }],
      claims: [{ kinds: ['host' as const], actions: ['update' as const], resources: ['*' as const] }],
    }
    const { id } = await ada.roles.create(
      role({ access, levels: { hosts: 'group', tokens: 'read' }, landing: 'hosts' }),
    )
    const got = await ada.roles.get({ id })
    expect(got).toMatchObject({
      name: 'Operators',
      origin: 'own',
      users: 0,
      landing: 'hosts',
      levels: { hosts: 'group', users: 'none' },
    })
    expect(got.access.resources).toEqual([
      { id: resourceId('A web'), kind: 'host', name: 'web-01', access: 'read' },
    ])
    expect(got.access.groups.entries[0]?.name).toContain('CNRY-A')
    expect((await ada.roles.assignable()).find((one) => one.id === id)?.can.grant).toBe(true)
    const [row] = await logged('A', 'role.create')
    expect(row?.after?.role).toEqual(
      expect.arrayContaining([
        'Hosts: groups',
        'API tokens: read',
        'Host web-01: read',
        'Claim: update on hosts: yes',
      ]),
    )
    expect(await refusal((await api('Bo')).roles.get({ id }))).toMatchObject({ code: 'not_found' })
  })

  test('from another one; what is not given comes from there', async () => {
    const ada = await api('Ada')
    const { id } = await ada.roles.create({ name: 'Viewers too', baseRoleId: builtIn('viewer') })
    expect((await ada.roles.get({ id })).levels).toEqual(
      (await ada.roles.get({ id: builtIn('viewer') })).levels,
    )
  })

  test('refuses a taken name, unknown things, other people’s things and what its groups cannot be', async () => {
    const ada = await api('Ada')
    expect(await refusal(ada.roles.create(role({ name: 'viewer' })))).toMatchObject({
      code: 'conflict',
      name: 'Another role has this name',
    })
    for (const id of [resourceId('B web'), idOf('never'), idOf('group A 1')])
      expect(
        await refusal(ada.roles.create(role({ access: { resources: [{ id, access: 'read' }] } }))),
      ).toMatchObject({ code: 'not_found' })
    for (const id of [resourceId('A web'), idOf('group B 1')])
      expect(
        await refusal(
          ada.roles.create(
            role({ access: { groups: { default: 'none', entries: [{ id, access: 'read' }] } } }),
          ),
        ),
      ).toMatchObject({ code: 'not_found' })
    const mara = await api('Mara')
    expect(
      await refusal(
        mara.roles.create(
          role({
            multiTenant: true,
            access: { groups: { default: 'none', entries: [{ id: idOf('group M 1'), access: 'read' }] } },
          }),
        ),
      ),
    ).toMatchObject({ code: 'invalid_input' })
    expect(await refusal(ada.roles.create(role({ multiTenant: true })))).toMatchObject({
      code: 'access_denied',
    })
  })

  test('stops at the cap, and at what one holds (rules 6 and 8)', async () => {
    const ada = await api('Ada')
    expect(await refusal(ada.roles.create(role({ levels: { sharing: 'full' } })))).toMatchObject({
      code: 'access_denied',
      'levels.sharing': 'The base role Customer allows at most read for Sharing',
    })
    expect(await refusal(ada.roles.create(role({ levels: { tenants: 'read' } })))).toMatchObject({
      code: 'access_denied',
    })
    expect((await logged('A', 'role.create')).map(({ result }) => result)).toEqual(['denied', 'denied'])
    await holds('Eve', await planted('A', { roles: 'full', hosts: 'read' }))
    const eve = await api('Eve')
    expect(await refusal(eve.roles.create(role()))).toMatchObject({ code: 'access_denied' })
    expect(await refusal(eve.roles.create({ name: 'x', baseRoleId: builtIn('editor') }))).toMatchObject({
      code: 'access_denied',
    })
    await eve.roles.create(role({ levels: { hosts: 'read' } }))
  })
})

describe('changing', () => {
  test('holds in the very next request, and says who gained and lost what, as it was told before', async () => {
    const ada = await api('Ada')
    const id = await planted('A', { hosts: 'read', audit: 'read' })
    await holds('Tom', id)
    const before = await ada.roles.get({ id })
    const levels = { hosts: 'full' as const }
    const told = await ada.roles.preview({ id, levels, access: {} })
    expect(effectLines(told.lines).map((line) => line.replace(/CNRY-\S+ ?/g, ''))).toEqual([
      expect.stringMatching(/loses Audit log: read → none$/),
      expect.stringMatching(/gains Hosts: read → full$/),
    ])
    expect((await world.opOf('Tom')).rights).toMatchObject({ hosts: 'read', audit: 'read' })
    await ada.roles.update({ ...sentBack(before), levels })
    expect((await world.opOf('Tom')).rights).toMatchObject({ hosts: 'full', audit: 'none' })
    const [row] = await logged('A', 'role.update')
    expect(row?.after?.effects).toEqual(effectLines(told.lines))
    expect(row?.before).toEqual({ role: ['Hosts: read', 'Audit log: read'] })
    expect(await logged('M', 'role.update')).toEqual([])
  })

  test('is refused to who saw it before somebody else changed it', async () => {
    const ada = await api('Ada')
    const id = await planted('A', { hosts: 'read' })
    const seen = sentBack(await ada.roles.get({ id }))
    await ada.roles.update({ ...seen, description: 'first' })
    expect(await refusal(ada.roles.update({ ...seen, description: 'second' }))).toMatchObject({
      code: 'conflict',
    })
  })

  test('is refused for built-in roles, for what one holds oneself, and for what is above one', async () => {
    const mara = await api('Mara')
    const viewer = await mara.roles.get({ id: builtIn('viewer') })
    expect(await refusal(mara.roles.update(sentBack(viewer)))).toMatchObject({
      message: 'Built-in roles are not edited. Copy it instead',
    })
    const mine = await planted('A', { roles: 'full', hosts: 'read' })
    const more = await planted('A', { users: 'full' })
    await holds('Eve', mine)
    const eve = await api('Eve')
    for (const [id, why] of [
      [mine, 'You hold this role yourself. Somebody else has to change it'],
      [more, 'This role may do more than you may: Users full (you hold none)'],
    ] as const) {
      const seen = await eve.roles.get({ id })
      expect(await refusal(eve.roles.update({ ...sentBack(seen), levels: { hosts: 'read' } }))).toMatchObject(
        { message: why },
      )
      expect(await refusal(eve.roles.delete({ id }))).toMatchObject({ message: why })
    }
  })

  test('keeps a wish above the cap, and what is out of sight', async () => {
    const ada = await api('Ada')
    const gone = idOf('gone')
    const access = { resources: [{ id: gone, kind: 'host', access: 'none' }] }
    const id = await planted('A', { sharing: 'full', hosts: 'read' }, { access })
    const seen = await ada.roles.get({ id })
    expect(seen.levels.sharing).toBe('full')
    expect(seen.limits.capLevels.sharing).toBe('read')
    expect(seen.access.resources).toEqual([{ id: gone, kind: 'host', name: null, access: 'none' }])
    const resources = [{ id: gone, access: 'none' as const }]
    await ada.roles.update({ ...sentBack(seen), description: 'edited', access: { resources } })
    expect(await ada.roles.get({ id })).toMatchObject({
      description: 'edited',
      levels: { sharing: 'full' },
      access: { resources: [{ id: gone }] },
    })
  })

  test('deletes what nobody holds, and names who does', async () => {
    const ada = await api('Ada')
    const id = await planted('A', { hosts: 'read' })
    await holds('Tom', id)
    const who = await refusal(ada.roles.delete({ id }))
    expect(who.code).toBe('conflict')
    expect(who.message).toMatch(/^It is in use: /)
    await world.admin.query(
      `update role_assignment set expires_at = now() - interval '1 minute' where role_id = $1`,
      [id],
    )
    await ada.roles.delete({ id })
    expect(await refusal(ada.roles.get({ id }))).toMatchObject({ code: 'not_found' })
    expect((await logged('A', 'role.delete')).map(({ result }) => result)).toEqual(['ok'])
  })
})

describe('a multi-tenant role', () => {
  const template = () => planted('M', { hosts: 'read' }, { multiTenant: true, name: 'Operators' })

  test('follows the master until it is edited, then is the tenant’s own; one click links it again (rule 7)', async () => {
    const [mara, ada] = [await api('Mara'), await api('Ada')]
    const { id } = await mara.roles.create(role({ levels: { hosts: 'read' }, multiTenant: true }))
    await holds('Tom', id, 'tag:prod')
    await holds('Bolt Tom', id)
    const change = async (levels: object) =>
      mara.roles.update({ ...sentBack(await mara.roles.get({ id })), levels })
    await change({ hosts: 'user' })
    expect((await world.opOf('Tom')).rights.hosts).toBe('user')

    const { id: copy } = await ada.roles.update({
      ...sentBack(await ada.roles.get({ id })),
      levels: { hosts: 'full' },
    })
    expect(copy).not.toBe(id)
    expect((await world.opOf('Tom')).actor?.roles).toMatchObject([{ id: copy, scope: 'tag:prod' }])
    expect(await refusal(ada.roles.get({ id }))).toMatchObject({ code: 'not_found' })
    expect((await ada.roles.get({ id: copy })).origin).toBe('diverged')
    expect((await ada.roles.diff({ id: copy })).rows).toEqual([
      { what: 'Hosts', here: 'full', template: 'own' },
    ])

    await change({ hosts: 'none' })
    expect((await world.opOf('Tom')).rights.hosts).toBe('full')
    expect((await world.opOf('Bolt Tom')).rights.hosts).toBe('none')

    const told = await ada.roles.previewRelink({ id: copy })
    await ada.roles.relink({ id: copy })
    expect((await logged('A', 'role.relink'))[0]?.after?.effects).toEqual(effectLines(told.lines))
    expect((await world.opOf('Tom')).rights.hosts).toBe('none')
    expect((await world.opOf('Tom')).actor?.roles).toMatchObject([{ id, scope: 'tag:prod' }])
    expect(await refusal(ada.roles.get({ id: copy }))).toMatchObject({ code: 'not_found' })
  })

  test('tells each tenant its own lines, and the master all', async () => {
    const mara = await api('Mara')
    const id = await template()
    await holds('Tom', id)
    await holds('Bolt Tom', id)
    const levels = { hosts: 'full' as const }
    const told = await mara.roles.preview({ id, levels, access: {} })
    expect(effectLines(told.lines)).toEqual([
      'Acme: 1 person gains Hosts: read → full',
      'Bolt: 1 person gains Hosts: read → full',
    ])
    await mara.roles.update({ ...sentBack(await mara.roles.get({ id })), levels })
    const effects = async (tenant: 'M' | 'A' | 'B') =>
      (await logged(tenant, 'role.update')).map(({ after }) => after?.effects)
    expect(await effects('M')).toEqual([effectLines(told.lines)])
    expect(await effects('A')).toEqual([['Acme: 1 person gains Hosts: read → full']])
    expect(await effects('B')).toEqual([['Bolt: 1 person gains Hosts: read → full']])
  })

  test('is locked by the master: then nobody edits it, nor what was made from it', async () => {
    const [mara, ada] = [await api('Mara'), await api('Ada')]
    const id = await template()
    await mara.roles.lock({ id, locked: true })
    const seen = sentBack(await ada.roles.get({ id }))
    expect(await refusal(ada.roles.update(seen))).toMatchObject({
      message: 'The provider has locked this role. Copy it instead',
    })
    await mara.roles.lock({ id, locked: false })
    const { id: copy } = await ada.roles.update(seen)
    await mara.roles.lock({ id, locked: true })
    const edited = sentBack(await ada.roles.get({ id: copy }))
    expect(await refusal(ada.roles.update(edited))).toMatchObject({ code: 'access_denied' })
    await ada.roles.relink({ id: copy })
    expect(await refusal(ada.roles.lock({ id, locked: false }))).toMatchObject({ code: 'access_denied' })
  })

  test('is not deleted while a tenant follows it; a copy stays as the tenant’s own', async () => {
    const [mara, ada] = [await api('Mara'), await api('Ada')]
    const id = await template()
    await holds('Tom', id)
    await holds('Bolt Tom', id)
    expect(await refusal(mara.roles.delete({ id }))).toMatchObject({
      message: 'It is in use: Acme (1 person), Bolt (1 person)',
    })
    const { id: copy } = await ada.roles.update({
      ...sentBack(await ada.roles.get({ id })),
      levels: { hosts: 'full' },
    })
    await holds('Bolt Tom', builtIn('viewer'))
    await mara.roles.delete({ id })
    expect(await ada.roles.get({ id: copy })).toMatchObject({ origin: 'own', levels: { hosts: 'full' } })
    expect((await world.opOf('Tom')).rights.hosts).toBe('full')
  })
})

describe('the provider', () => {
  test('edits a subtenant’s own roles, held by its cap alone; both logs have it', async () => {
    const mara = await api('Mara')
    const id = await planted('A', { hosts: 'read' }, { name: 'Theirs' })
    const seen = await mara.rolesIn.get({ tenantId: acme, id })
    expect(seen).toMatchObject({ name: 'Theirs', limits: { cap: 'Customer', ownLevels: null } })
    await mara.rolesIn.update({ tenantId: acme, ...sentBack(seen), levels: { hosts: 'full' } })
    expect((await logged('A', 'role.update')).length).toBe(1)
    expect((await logged('M', 'role.update')).length).toBe(1)
    expect(
      await refusal(mara.rolesIn.create({ tenantId: acme, ...role({ levels: { sharing: 'full' } }) })),
    ).toMatchObject({
      code: 'access_denied',
    })
    await mara.rolesIn.create({ tenantId: acme, ...role({ name: 'Another' }) })
    expect(await refusal((await api('Sam')).rolesIn.delete({ tenantId: acme, id }))).toMatchObject({
      code: 'access_denied',
    })
    expect(await refusal(mara.rolesIn.get({ tenantId: acme, id: idOf('role B 1') }))).toMatchObject({
      code: 'not_found',
    })
    await mara.rolesIn.delete({ tenantId: acme, id })
  })
})
