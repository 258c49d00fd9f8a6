import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resourceId, tenantId } from '@/test/factories'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

describe('where things may stand, what they may refer to, and what an editor of a share may change', () => {
  let world: World
  let wall: WallSql
  beforeAll(async () => {
    world = await createWorld()
    wall = wallSql(world)
  })
  afterAll(async () => {
    await wall.close()
    await world.close()
  })
  const as: WallSql['as'] = (...args) => wall.as(...args)
  const sign: WallSql['sign'] = (...args) => wall.sign(...args)

  it.each([
    ['B web', 'A profile'],
    ['assigned A', 'A profile'],
    ['granted A', 'A profile'],
    ['A web', 'B profile'],
    ['A web', 'master private'],
  ])('K11 no reference from %s to %s', async (from, to) => {
    const link = `insert into resource_link (resource_id, field, target_id) values ('${resourceId(from)}', 'x', '${resourceId(to)}')`
    await expect(as('tenant', sign('A'), link)).rejects.toMatchObject({ code: '42501' })
  })

  it('K11 references from what one owns to what one sees (positive twin)', async () => {
    for (const to of ['A profile', 'assigned A', 'granted A', 'public']) {
      const link = `insert into resource_link (resource_id, field, target_id) values ('${resourceId('A web')}', 'x', '${resourceId(to)}')`
      expect((await as('tenant', sign('A'), link)).rowCount, to).toBe(1)
    }
  })

  it.each([
    ['cloud_id', 'second public cloud'],
    ['cloud_id', 'A web'],
    ['parent_id', 'B web'],
    ['parent_id', 'master private'],
    ['parent_id', 'granted A'],
  ])('A18 nothing is born in a foreign place: %s of %s', async (column, label) => {
    const born = `insert into resource (id, kind, name, owner_id, assigned_id, ${column})
      values (gen_random_uuid(), 'folder', 'x', '${tenantId('A')}', '${tenantId('A')}', '${resourceId(label)}')`
    await expect(as('tenant', sign('A'), born)).rejects.toMatchObject({ code: '42501' })
    if (column !== 'parent_id') return
    const moved = `update resource set parent_id = '${resourceId(label)}' where id = '${resourceId('A web')}'`
    await expect(as('tenant', sign('A'), moved)).rejects.toMatchObject({ code: '42501' })
  })

  it.each([
    ['cloud_id', 'public cloud'],
    ['parent_id', 'assigned A'],
    ['parent_id', 'A web'],
  ])('A18 but in one’s own, used or added: %s of %s (positive twin)', async (column, label) => {
    const born = `insert into resource (id, kind, name, owner_id, assigned_id, ${column})
      values (gen_random_uuid(), 'folder', 'x', '${tenantId('A')}', '${tenantId('A')}', '${resourceId(label)}')`
    expect((await as('tenant', sign('A'), born)).rowCount).toBe(1)
  })

  it('E08 an editor of a share changes fields and never the name; an admin both; a viewer neither', async () => {
    const grant = (role: string) => [
      `update access_grant set role = '${role}' where resource_id = '${resourceId('granted A')}'`,
      `update access_grant set status = 'live' where resource_id = '${resourceId('granted A')}'`,
    ]
    const change = (what: string) => `update resource set ${what} where id = '${resourceId('granted A')}'`
    for (const [role, fields, name] of [
      ['viewer', 0, 0],
      ['editor', 1, 'refused'],
      ['admin', 1, 1],
    ] as const) {
      for (const statement of grant(role)) await world.admin.query(statement)
      expect((await as('tenant', sign('A'), change(`spec = '{}'`))).rowCount, role).toBe(fields)
      const rename = as('tenant', sign('A'), change(`name = 'x'`))
      if (name === 'refused') await expect(rename).rejects.toMatchObject({ code: '42501' })
      else expect((await rename).rowCount, role).toBe(name)
    }
    await world.restore()
  })
})
