import { describe, expect, test } from 'vitest'
import { idOf } from '@/test/canary'
import { resourceId, userId } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { acme, api, builtIn, holds, logged, planted, useWorld, world } from './roles.fixture'

useWorld()

const name = async (id: string) =>
  (await world.admin.query<{ name: string }>('select name from resource where id = $1', [id])).rows[0]?.name

describe('who holds a role', () => {
  test('is told with the place in words and the end', async () => {
    const ada = await api('Ada')
    const id = await planted('A', { hosts: 'full' })
    const scopes = [
      '',
      'tag:prod',
      `group:${idOf('group A 1')}`,
      `resource:${resourceId('A web')}`,
      `cloud:${resourceId('public cloud')}`,
      `resource:${resourceId('B web')}`,
    ]
    for (const scope of scopes)
      await world.admin.query(
        `insert into role_assignment (tenant_id, user_id, role_id, scope, expires_at)
         values ($1, $2, $3, $4, case when $4 = 'tag:prod' then timestamptz '2020-01-01 00:00Z' end)`,
        [acme, userId('Tom'), id, scope],
      )
    const { holders } = await ada.roles.get({ id })
    const { rows } = await world.admin.query<{ name: string }>(
      'select name from resource_group where id = $1',
      [idOf('group A 1')],
    )
    expect(holders.map(({ place }) => place).sort()).toEqual(
      [
        '',
        'Tag prod',
        `Group ${rows[0]?.name}`,
        `Host ${await name(resourceId('A web'))}`,
        `Cloud ${await name(resourceId('public cloud'))}`,
        // What the tenant does not see has no name.
        'One resource',
      ].sort(),
    )
    expect(holders.filter(({ ended }) => ended)).toMatchObject([
      { place: 'Tag prod', expiresAt: '2020-01-01T00:00:00.000Z' },
    ])
    // The provider sees it through the tenant's eyes.
    const provided = await (await api('Mara')).rolesIn.get({ tenantId: acme, id })
    expect(provided.holders.map(({ place }) => place)).toEqual(holders.map(({ place }) => place))
  })
})

describe('the provider chooses places', () => {
  const ask = async (
    what: 'group' | 'tag' | 'cloud' | 'instanceType' | 'resource',
    who: 'Mara' | 'Sam' = 'Mara',
  ) => (await (await api(who)).rolesIn.choices({ tenantId: acme, what })).rows

  test('among what the tenant sees, and in both logs', async () => {
    const ids = (await ask('resource')).map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining([resourceId('A web'), resourceId('assigned A')]))
    for (const foreign of ['B web', 'master private', 'assigned B'])
      expect(ids, foreign).not.toContain(resourceId(foreign))
    expect((await ask('cloud')).every(({ kind }) => kind === 'cloud')).toBe(true)
    expect((await ask('cloud')).map(({ id }) => id)).toContain(resourceId('public cloud'))
    expect((await ask('instanceType')).map(({ id }) => id)).toContain(resourceId('public type'))
    const groups = (await ask('group')).map(({ id }) => id)
    expect(groups).toContain(idOf('group A 1'))
    expect(groups).not.toContain(idOf('group B 1'))
    await world.admin.query(
      `insert into resource_tag (tenant_id, resource_id, tag) values ($1, $2, 'acme-word')`,
      [acme, resourceId('A web')],
    )
    expect(await ask('tag')).toContainEqual({ id: 'acme-word', name: 'acme-word', kind: 'tag' })
    // Once a minute, however much is looked for.
    for (const key of ['A', 'M'] as const) expect(await logged(key, 'tenant.drill_in')).toHaveLength(1)
    // Each can be given: the check and the choice are the same.
    const tom = { tenantId: acme, id: userId('Tom') }
    for (const scope of [`resource:${resourceId('A web')}`, `cloud:${resourceId('public cloud')}`])
      await (
        await api('Mara')
      ).tenantUsers.setAssignments({
        ...tom,
        assignments: [{ roleId: builtIn('viewer'), scope }],
      })
  })

  test('as who may change the tenant’s people only; not of the master itself', async () => {
    expect(await refusal(ask('resource', 'Sam'))).toMatchObject({ code: 'access_denied' })
    expect(
      await refusal((await api('Ada')).rolesIn.choices({ tenantId: acme, what: 'group' })),
    ).toHaveProperty('code')
    const mara = await api('Mara')
    expect(
      await refusal(mara.rolesIn.choices({ tenantId: resourceId('A web'), what: 'group' })),
    ).toMatchObject({
      code: 'not_found',
    })
    expect((await ask('group')).length).toBeGreaterThan(0)
  })
})

describe('the palette finds roles', () => {
  test('of the tenant by a part of their name, for who may read them', async () => {
    const id = await planted('A', { hosts: 'read' }, { name: 'Night watch' })
    await planted('B', { hosts: 'read' }, { name: 'Bolt night' })
    const found = async (who: 'Ada' | 'Tom' | 'Mara', search: string) =>
      (await (await api(who)).roles.search({ search })).rows
    expect(await found('Tom', 'NIGHT')).toEqual([{ id, name: 'Night watch', multiTenant: false }])
    expect((await found('Ada', 'view')).map(({ name }) => name)).toContain('Viewer')
    expect(await found('Mara', 'night')).toEqual([])
    expect(await found('Ada', '%')).toEqual([])
    await holds('Tom', await planted('A', { hosts: 'read' }))
    expect(await refusal(found('Tom', 'night'))).toMatchObject({ code: 'access_denied' })
  })
})
