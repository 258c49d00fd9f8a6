import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cloudsRouter } from '@/server/features/clouds/clouds.router'
import { planted, plantThing } from '@/server/features/clouds/clouds.fixture'
import { groupsRouter } from '@/server/features/groups/groups.router'
import { resourcesRouter } from '@/server/features/resources/resources.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { errorBody } from '@/server/rpc/errors'
import type { PersonName } from '@/test/actors'
import { CUSTOMER_ROLE, resourceId, tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(
  router({ clouds: cloudsRouter, groups: groupsRouter, resources: resourcesRouter }),
)

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(() => world.restore())

const as = async (name: PersonName) => caller({ op: await world.opOf(name) })
const problem = async (call: Promise<unknown>) => {
  const error: unknown = await call.then(
    () => null,
    (e: unknown) => e,
  )
  if (error === null) return { status: 200, message: '' }
  const { status, message } = errorBody(error)
  return { status, message }
}
const grant = (cloud: string, level: string) =>
  world.admin.query(
    `insert into tenant_role_cloud (tenant_role_id, cloud_id, level) values ($1, $2, $3) on conflict (tenant_role_id, cloud_id) do update set level = $3`,
    [CUSTOMER_ROLE, planted(cloud), level],
  )
const sees = async (name: PersonName, kind: string, id: string) =>
  (await problem((await as(name)).resources.get({ kind, id: planted(id) }))).status === 200

describe('a public cloud', () => {
  it('E14 is there from the start for a tenant made later, with a group of its name; an earlier one adds it', async () => {
    await plantThing(world, 'North', { kind: 'cloud', visibility: 'public' })
    await plantThing(world, 'open-net', { visibility: 'public', cloud: 'North' })
    await grant('North', 'full')
    expect((await (await as('Mara')).clouds.startsWith({ tenantRoleId: CUSTOMER_ROLE })).rows).toContainEqual(
      {
        id: planted('North'),
        name: 'North',
        level: 'full',
      },
    )
    const later = randomUUID()
    await world.admin.query(
      `insert into tenant (id, slug, name, tenant_role_id) values ($1, 'later', 'Later', $2)`,
      [later, CUSTOMER_ROLE],
    )
    const { rows } = await world.admin.query(
      `select g.name, m.resource_id from tenant_cloud t join resource_group g on g.id = t.group_id
       join resource_group_member m on m.group_id = g.id where t.tenant_id = $1 and t.cloud_id = $2`,
      [later, planted('North')],
    )
    expect(rows).toEqual([{ name: 'North', resource_id: planted('North') }])

    expect(await sees('Ada', 'cloud', 'North')).toBe(false)
    expect(await sees('Ada', 'datastore', 'open-net')).toBe(false)
    const ada = await as('Ada')
    const offer = (await ada.clouds.offered()).rows.find(({ id }) => id === planted('North'))
    expect(offer).toMatchObject({ name: 'North', level: 'full', added: false })
    expect(await ada.clouds.add({ id: planted('North') })).toMatchObject({
      name: 'North',
      group: { name: 'North' },
    })
    expect(await sees('Ada', 'cloud', 'North')).toBe(true)
    expect(await sees('Ada', 'datastore', 'open-net')).toBe(true)
    expect((await problem(ada.clouds.add({ id: planted('North') }))).status).toBe(409)
    expect(await ada.clouds.overview({ id: planted('North') })).toMatchObject({
      counts: [{ kind: 'datastore', count: 1 }],
      added: { level: 'full', group: { name: 'North' }, remove: { allowed: true } },
      offer: null,
    })
    expect((await (await as('Mara')).clouds.overview({ id: planted('North') })).offer).toMatchObject({
      public: true,
      tenants: 2,
    })
    const [log] = await world.admin
      .query(`select tenant_id from audit_event where event = 'cloud.add' and request_id <> ''`)
      .then((r) => r.rows)
    expect(log).toEqual({ tenant_id: tenantId('A') })
  })

  it('takes a group’s name that is free, and the group it had before', async () => {
    await plantThing(world, 'North', { kind: 'cloud', visibility: 'public' })
    await grant('North', 'read')
    const ada = await as('Ada')
    await ada.groups.create({ name: 'North' })
    expect((await ada.clouds.add({ id: planted('North') })).group.name).toBe('North (2)')
    expect(await ada.clouds.removeAdded({ id: planted('North') })).toEqual({
      id: planted('North'),
      name: 'North',
    })
    expect(await sees('Ada', 'cloud', 'North')).toBe(false)
    expect((await ada.clouds.add({ id: planted('North') })).group.name).toBe('North (2)')
  })

  it('two of one name seed two groups', async () => {
    await plantThing(world, 'North', { kind: 'cloud', visibility: 'public' })
    await world.admin.query(
      `insert into resource (id, kind, name, owner_id, assigned_id, visibility, cloud_id)
       select x.id, 'cloud', x.name, r.owner_id, r.assigned_id, 'public', x.id from resource r,
         (values (gen_random_uuid(), 'North'), (gen_random_uuid(), 'North (2)')) x(id, name) where r.id = $1`,
      [planted('North')],
    )
    await world.admin.query(`update tenant_role set default_cloud_level = 'read' where id = $1`, [
      CUSTOMER_ROLE,
    ])
    const later = randomUUID()
    await world.admin.query(
      `insert into tenant (id, slug, name, tenant_role_id) values ($1, 'later', 'Later', $2)`,
      [later, CUSTOMER_ROLE],
    )
    const { rows } = await world.admin.query<{ name: string }>(
      `select name from resource_group where tenant_id = $1 and name like 'North%' order by name`,
      [later],
    )
    expect(rows.map(({ name }) => name)).toEqual(['North', 'North (2)', 'North (2) (2)'])
  })

  it('is not added by who may not, nor one that is not offered; both look alike to strangers', async () => {
    await plantThing(world, 'North', { kind: 'cloud', visibility: 'public' })
    await plantThing(world, 'Hidden', { kind: 'cloud' })
    await grant('North', 'full')
    expect((await problem((await as('Tom')).clouds.add({ id: planted('North') }))).status).toBe(403)
    const nobodys = await problem((await as('Ada')).clouds.add({ id: randomUUID() }))
    expect(nobodys.status).toBe(404)
    await grant('Hidden', 'full')
    expect(await problem((await as('Ada')).clouds.add({ id: planted('Hidden') }))).toEqual(nobodys)
    // Bolt's tenant role does not grant it.
    expect(await problem((await as('Bo')).clouds.add({ id: planted('North') }))).toEqual(nobodys)
    expect((await (await as('Bo')).clouds.offered()).rows.every(({ name }) => name !== 'North')).toBe(true)
    expect((await problem((await as('Ada')).clouds.add({ id: planted('North') }))).status).toBe(200)
  })

  it('never has its settings edited from a subtenant', async () => {
    await plantThing(world, 'North', { kind: 'cloud', visibility: 'public' })
    await grant('North', 'full')
    const ada = await as('Ada')
    await ada.clouds.add({ id: planted('North') })
    const { can } = await ada.resources.get({ kind: 'cloud', id: planted('North') })
    for (const verdict of [can.edit, can.remove, can.assign, can.publish, can.share])
      expect(verdict).toMatchObject({ allowed: false, reason: 'Your provider manages it' })
  })

  it('with level read is looked at only: nothing is placed in it, nothing refers to what it holds', async () => {
    await plantThing(world, 'North', { kind: 'cloud', visibility: 'public' })
    await plantThing(world, 'open-net', { visibility: 'public', cloud: 'North' })
    await plantThing(world, 'mine', { assigned: 'A', cloud: 'North' })
    await grant('North', 'read')
    const ada = await as('Ada')
    await ada.clouds.add({ id: planted('North') })
    const vm = (net: string, cloudId?: string) =>
      ada.resources.create({
        kind: 'virtual_machine',
        name: 'vm',
        spec: { cores: 1, memory: 2 ** 30 },
        refs: [{ field: 'datastores', ids: [planted(net)] }],
        cloudId,
      })
    expect(await sees('Ada', 'datastore', 'open-net')).toBe(true)
    expect((await problem(vm('open-net'))).status).toBe(404)
    expect((await problem(vm('mine', planted('North')))).status).toBe(404)
    expect((await problem(vm('mine'))).status).toBe(200)
    const { rows } = await ada.resources.options({ kind: 'virtual_machine', field: 'datastores' })
    const why = (id: string) => rows.find((row) => row.id === planted(id))?.why
    expect(why('open-net')).toBe('Your provider lets you see what is in this cloud, but not use it')
    expect(why('mine')).toBeUndefined()
    await grant('North', 'full')
    const made = await vm('open-net', planted('North'))
    // What was chosen while it was allowed stays, in another order too.
    await grant('North', 'read')
    const now = await ada.resources.get({ kind: 'virtual_machine', id: made.id })
    const again = (ids: string[]) =>
      ada.resources.update({
        kind: 'virtual_machine',
        id: made.id,
        name: 'vm-2',
        spec: { cores: 1, memory: 2 ** 30 },
        refs: [{ field: 'datastores', ids }],
        updatedAt: now.updatedAt,
      })
    expect((await problem(again([planted('mine'), planted('open-net')]))).status).toBe(200)
    const { refs } = await ada.resources.get({ kind: 'virtual_machine', id: made.id })
    expect(refs.datastores?.map(({ id }) => id)).toEqual([planted('mine'), planted('open-net')])
    // In use, it is not taken off the list.
    const stays = await problem(ada.clouds.removeAdded({ id: planted('North') }))
    expect(stays).toMatchObject({ status: 409 })
    expect(stays.message).toContain('vm-2')
  })

  it('E06 a public thing in a private cloud, a private one in a public cloud, a cloud that the tenant role denies: none is seen', async () => {
    await plantThing(world, 'Closed', { kind: 'cloud' })
    await plantThing(world, 'open-in-closed', { visibility: 'public', cloud: 'Closed' })
    await plantThing(world, 'Open', { kind: 'cloud', visibility: 'public' })
    await plantThing(world, 'closed-in-open', { cloud: 'Open' })
    await plantThing(world, 'open-in-open', { visibility: 'public', cloud: 'Open' })
    for (const cloud of ['Closed', 'Open']) await grant(cloud, 'full')
    // Added by hand, beside every check: it must still not open what is private.
    for (const cloud of ['Closed', 'Open'])
      await world.admin.query('insert into tenant_cloud (tenant_id, cloud_id) values ($1, $2)', [
        tenantId('A'),
        planted(cloud),
      ])
    expect(await sees('Ada', 'datastore', 'open-in-closed')).toBe(false)
    expect(await sees('Ada', 'datastore', 'closed-in-open')).toBe(false)
    expect(await sees('Ada', 'datastore', 'open-in-open')).toBe(true)
    await grant('Open', 'none')
    expect(await sees('Ada', 'datastore', 'open-in-open')).toBe(false)
    expect(await sees('Ada', 'cloud', 'Open')).toBe(false)
    expect((await problem((await as('Ada')).clouds.add({ id: planted('Open') }))).status).toBe(404)
    // A person's own role denies it, too.
    await grant('Open', 'full')
    const role = randomUUID()
    await world.admin.query(
      'insert into user_role (id, tenant_id, name, levels, access) values ($1, $2, $3, $4, $5)',
      [
        role,
        tenantId('A'),
        'no clouds',
        { storage: 'full', clouds: 'full' },
        { clouds: { default: 'none', entries: {} } },
      ],
    )
    await world.admin.query('update role_assignment set role_id = $1 where user_id = $2', [
      role,
      userId('Eve'),
    ])
    expect(await sees('Eve', 'datastore', 'open-in-open')).toBe(false)
    expect(await sees('Ada', 'datastore', 'open-in-open')).toBe(true)
    expect(resourceId('public cloud')).not.toBe(planted('Open'))
  })
})
