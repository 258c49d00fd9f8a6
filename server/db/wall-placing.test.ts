import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContextClaims } from '@/server/db/context-token'
import type { TenantKey } from '@/test/actors'
import { CUSTOMER_ROLE, resourceId, tenantId } from '@/test/factories'
import { askAfter } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// Where a thing may stand: each condition of wall.ctx_may_place once, and of the guard that asks it of what is moved.

const to = (key: TenantKey) => `'${tenantId(key)}'`
const id = (label: string) => `'${resourceId(label)}'`
const cloud = (label: string, owner: TenantKey, assigned: TenantKey = owner) =>
  `insert into resource (id, kind, name, owner_id, assigned_id, cloud_id)
   values (${id(label)}, 'cloud', 'x', ${to(owner)}, ${to(assigned)}, ${id(label)})`
const PLANTED = [
  cloud('A cloud', 'A'),
  cloud('B cloud', 'B'),
  cloud('cloud for A', 'M', 'A'),
  cloud('cloud for B', 'M', 'B'),
]

describe('where a thing may stand', () => {
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
  interface Place {
    thing?: string
    kind?: string
    cloud?: string
    parent?: string
  }
  const may = (place: Place, changes: string[] = [], more: Partial<ContextClaims> = {}) =>
    askAfter(
      world,
      wall.sign('A', more),
      `wall.ctx_may_place(${id(place.thing ?? 'new')}, '${place.kind ?? 'host'}',
         ${place.cloud === undefined ? 'null' : id(place.cloud)}, ${place.parent === undefined ? 'null' : id(place.parent)})`,
      [...PLANTED, ...changes],
    )

  it.each<[Place, boolean]>([
    [{}, true],
    [{ cloud: 'A cloud' }, true],
    [{ cloud: 'cloud for A' }, true],
    [{ cloud: 'public cloud' }, true],
    [{ cloud: 'B cloud' }, false],
    [{ cloud: 'cloud for B' }, false],
    [{ cloud: 'second public cloud' }, false], // added, and not granted
    [{ cloud: 'A web' }, false], // no cloud
    [{ cloud: 'new' }, false], // in itself, and no cloud
    [{ kind: 'cloud', cloud: 'new' }, true],
    [{ kind: 'cloud', cloud: 'A cloud' }, false], // in another one
    [{ parent: 'A web' }, true],
    [{ parent: 'assigned A' }, true],
    [{ parent: 'B web' }, false],
    [{ parent: 'granted A' }, false],
    [{ parent: 'public' }, false],
    [{ thing: 'A web', parent: 'A web' }, false],
    [{ cloud: 'A cloud', parent: 'B web' }, false],
    [{ cloud: 'B cloud', parent: 'A web' }, false],
  ])('A18 %j: %s', async (place, right) => {
    expect(await may(place)).toBe(right)
  })

  it('A18 in a public cloud when its tenant has added it and may do everything there', async () => {
    const there = { cloud: 'public cloud' }
    const role = `tenant_role_cloud set level = 'read' where tenant_role_id = '${CUSTOMER_ROLE}'`
    expect(await may(there, [`delete from tenant_cloud where tenant_id = ${to('A')}`])).toBe(false)
    expect(await may(there, [`update ${role}`])).toBe(false)
    // the provider at work in a tenant writes nothing that is the tenant's
    for (const place of [{ cloud: 'A cloud' }, { parent: 'A web' }])
      expect(await may(place, [], { mode: 'provider' })).toBe(false)
  })

  it('A18 what is moved is asked again; the operator, whom no context names, is not', async () => {
    const { admin } = world
    const moved = async (context: string, parent: string) => {
      await admin.query('begin')
      try {
        await admin.query(`select set_config('wall.ctx', $1, true)`, [context])
        const move = `update resource set parent_id = ${id(parent)} where id = ${id('A web')}`
        return (await admin.query(move)).rowCount
      } finally {
        await admin.query('rollback')
      }
    }
    expect(await moved(wall.sign('A'), 'A db')).toBe(1)
    await expect(moved(wall.sign('A'), 'B web')).rejects.toMatchObject({ code: '42501' })
    await expect(moved(wall.sign('A'), 'A web')).rejects.toMatchObject({ code: '42501' })
    expect(await moved('', 'B web')).toBe(1)
  })

  it('E08 a name is its owner’s to change, the provider’s, and an admin’s of a share', async () => {
    const { admin } = world
    const renamed = async (who: TenantKey, label: string, role?: string) => {
      await admin.query('begin')
      try {
        if (role !== undefined)
          await admin.query(
            `update access_grant set role = '${role}', status = 'live' where resource_id = ${id(label)}`,
          )
        await admin.query(`select set_config('wall.ctx', $1, true)`, [wall.sign(who)])
        return (await admin.query(`update resource set name = 'new' where id = ${id(label)}`)).rowCount
      } finally {
        await admin.query('rollback')
      }
    }
    expect([
      await renamed('A', 'A web'),
      await renamed('M', 'A web'),
      await renamed('A', 'granted A', 'admin'),
    ]).toEqual([1, 1, 1])
    for (const role of ['viewer', 'editor'])
      await expect(renamed('A', 'granted A', role)).rejects.toMatchObject({ code: '42501' })
    await expect(renamed('A', 'assigned A')).rejects.toMatchObject({ code: '42501' })
  })
})
