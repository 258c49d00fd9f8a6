import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { GIB } from '@/lib/resource-kinds/kind'
import { actingIn } from '@/server/sweep/acting'
import { CELL, ROW, resourceUpdatedAt } from '@/server/sweep/asking'
import { unusedId } from '@/server/sweep/inputs'
import type { PersonName, TenantKey } from '@/test/actors'
import { canary, foreignCanaries, idOf } from '@/test/canary'
import { resourceId, tenantId, userId, VIEWER_ROLE } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

// What is worked out of things, what is done with many at once, and the looks of the master into a tenant.

describe('what things refuse', () => {
  let world: World
  beforeAll(async () => void (world = await createWorld()))
  afterAll(() => world.close())
  beforeEach(() => world.restore())

  const { run } = actingIn(() => world)
  const plant = async (kind: string, key: TenantKey, label: string, spec: object, parent?: string) => {
    const id = idOf(`planted ${label}`)
    await world.admin.query(
      `insert into resource (id, kind, name, owner_id, assigned_id, parent_id, spec) values ($1, $2, $3, $4, $4, $5, $6)`,
      [id, kind, canary(key, label), tenantId(key), parent ?? null, JSON.stringify(spec)],
    )
    return id
  }
  const link = (from: string, field: string, to: string) =>
    world.admin.query('insert into resource_link (resource_id, field, target_id) values ($1, $2, $3)', [
      from,
      field,
      to,
    ])

  it('the sums of a pool leave out what others have in it, and in the pools inside', async () => {
    const machine = (key: TenantKey, label: string, parent: string) =>
      plant('virtual_machine', key, label, { cores: 4, memory: GIB, disk: GIB }, parent)
    const pool = await plant('resource_pool', 'A', 'pool', { cores: 8 })
    const inner = await plant('resource_pool', 'A', 'inner', {}, pool)
    const insight = async () =>
      (await run('Ada', 'resources.insight', { kind: 'resource_pool', id: pool })).data
    await machine('A', 'mine', pool)
    await machine('A', 'mine inside', inner)
    const own = {
      sums: { machines: 2, cores: 8, memory: 2 * GIB, disk: 2 * GIB },
      warnings: [],
    }
    expect(await insight()).toMatchObject(own)
    await machine('B', 'Bolt’s', pool)
    expect(await insight()).toMatchObject(own)
    await machine('B', 'Bolt’s inside', inner)
    expect(await insight()).toMatchObject(own)
    await machine('A', 'one more', inner)
    expect(await insight()).toMatchObject({ sums: { machines: 3, cores: 12 } })
  })

  it('what a blueprint refers to and its tenant does not see is not warned of', async () => {
    const blueprint = await plant('blueprint', 'A', 'blueprint', {})
    const image = (key: TenantKey, label: string) =>
      plant('virtual_image', key, label, { os: 'x', format: 'raw', minDisk: 20 * GIB })
    const type = await plant('instance_type', 'A', 'type', { cores: 1, memory: GIB, disk: GIB })
    await link(blueprint, 'instanceTypes', type)
    await link(blueprint, 'images', await image('B', 'Bolt’s image'))
    const insight = () => run('Ada', 'resources.insight', { kind: 'blueprint', id: blueprint })
    const before = await insight()
    expect([before.status, foreignCanaries(before.text, 'A')]).toEqual([200, []])
    expect(before.text).not.toContain('of disk')
    await link(blueprint, 'images', await image('A', 'image'))
    expect((await insight()).text).toContain(`${canary('A', 'image')} needs 20 GiB of disk`)
  })

  it('nothing is put into itself: what the wall refuses is not found', async () => {
    const outer = await plant('folder', 'A', 'outer', {})
    const folder = await plant('folder', 'A', 'folder', {})
    const put = async (parentId: string) =>
      run('Ada', 'resources.update', {
        ...{ kind: 'folder', id: folder, name: 'folder', refs: [], spec: {}, parentId },
        updatedAt: await resourceUpdatedAt(world, folder),
      })
    const never = await put(unusedId())
    expect(never.status).toBe(404)
    const itself = await put(folder)
    expect([itself.status, itself.text]).toEqual([404, never.text])
    expect((await put(outer)).status).toBe(200)
  })

  it('the access matrix changes nothing where one thing of many is not there', async () => {
    for (const name of ['matrix.preview', 'matrix.change']) {
      const of = (cell: string, row: string) =>
        run('Mara', name, { cells: [{ ...CELL, resourceId: cell }], rows: [{ ...ROW, resourceId: row }] })
      const before = await world.state(['audit_event', 'audit_seal'])
      for (const id of [unusedId(), resourceId('A web')]) {
        expect([name, (await of(id, ROW.resourceId)).status]).toEqual([name, 404])
        expect([name, (await of(CELL.resourceId, id)).status]).toEqual([name, 404])
      }
      expect(await world.state(['audit_event', 'audit_seal'])).toEqual(before)
      expect([name, (await of(CELL.resourceId, ROW.resourceId)).status]).toEqual([name, 200])
    }
  })

  describe('a tag by which a role reaches things', () => {
    const id = resourceId('A secret')
    const holdBy = (key: TenantKey, name: PersonName) =>
      world.admin.query(
        `insert into role_assignment (tenant_id, user_id, role_id, scope) values ($1, $2, $3, 'tag:prod')`,
        [tenantId(key), userId(name), VIEWER_ROLE],
      )
    const set = (actor: PersonName, tags: string[]) => run(actor, 'tags.set', { kind: 'host', id, tags })
    /** Sees and uses hosts, and changes none. */
    beforeEach(async () => {
      const role = idOf('uses hosts')
      await world.admin.query(
        `insert into user_role (id, tenant_id, name, levels, access) values ($1, $2, 'Uses hosts', '{"hosts":"full"}', $3)`,
        [role, tenantId('A'), JSON.stringify({ resources: [{ id, access: 'read' }] })],
      )
      await world.admin.query('update role_assignment set role_id = $1 where user_id = $2', [
        role,
        userId('Tom'),
      ])
    })

    it('is put on and taken off by who may do everything with the thing', async () => {
      await holdBy('A', 'Nora')
      expect((await set('Tom', ['other'])).status).toBe(200)
      expect((await set('Tom', ['other', 'prod'])).status).toBe(403)
      expect((await set('Ada', ['other', 'prod'])).status).toBe(200)
      expect((await set('Tom', ['other'])).status).toBe(403)
      expect((await set('Tom', ['prod'])).status).toBe(200)
    })

    it.each(['update', 'delete', 'action'])('is not for who lacks %s of it', async (lacking) => {
      await holdBy('A', 'Nora')
      const actions = ['list', 'get', 'update', 'delete', 'action']
      const hold = (all: string[]) =>
        world.admin.query(`update user_role set levels = '{"hosts":"user"}', access = $2 where id = $1`, [
          idOf('uses hosts'),
          JSON.stringify({ claims: [{ kinds: ['host'], actions: all, resources: [id] }] }),
        ])
      await hold(actions.filter((one) => one !== lacking))
      expect((await set('Tom', ['prod'])).status).toBe(403)
      await hold(actions)
      expect((await set('Tom', ['prod'])).status).toBe(200)
    })

    it('is one of the tenant’s own roles: what Bolt’s reach things by is a word like any other', async () => {
      await holdBy('B', 'Bolt Tom')
      expect((await set('Tom', ['prod'])).status).toBe(200)
    })
  })

  it.each(['open', 'list', 'overview', 'get'])(
    'the master looks into subtenants only, and at what they see: tenantResources.%s',
    async (name) => {
      const look = (tenant: string, label = 'A web') =>
        run('Mara', `tenantResources.${name}`, {
          tenantId: tenant,
          ...(name === 'get' && { id: resourceId(label) }),
        })
      const noted = async () =>
        (
          await world.admin.query(
            `select 1 from audit_event where event = 'tenant.drill_in' and result = 'ok' and request_id <> ''`,
          )
        ).rowCount
      const never = await look(unusedId())
      const itself = await look(tenantId('M'), 'master private')
      expect([itself.status, itself.text, await noted()]).toEqual([404, never.text, 0])
      if (name === 'get')
        for (const label of ['B web', 'master private', 'never was'])
          expect([label, (await look(tenantId('A'), label)).text]).toEqual([label, never.text])
      expect((await look(tenantId('A'))).status).toBe(200)
      expect(await noted()).toBeGreaterThan(0)
    },
  )

  it.each(['list', 'overview', 'get'])(
    'the master looks through a role of that tenant only: tenantResources.%s',
    async (name) => {
      const look = async (roleId: string) =>
        (
          await run('Mara', `tenantResources.${name}`, {
            tenantId: tenantId('A'),
            roleId,
            ...(name === 'get' && { id: resourceId('A web') }),
          })
        ).status
      expect(await look(VIEWER_ROLE)).toBe(200)
      for (const id of [idOf('role B 1'), idOf('role M 1'), unusedId()])
        expect([id, await look(id)]).toEqual([id, 404])
    },
  )
})
