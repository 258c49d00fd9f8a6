import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planted, plantThing } from '@/server/features/clouds/clouds.fixture'
import { call } from '@/server/sweep/call'
import type { PersonName, TenantKey } from '@/test/actors'
import { createWorld, type World } from '@/test/world'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world?.close())

const plant = async (
  name: string,
  cloud: string,
  thing: { kind: string; assigned?: TenantKey; usage?: object; spec?: object },
) => {
  const { usage = {}, spec = {}, ...rest } = thing
  const id = await plantThing(world, name, { cloud, ...rest })
  await world.admin.query('update resource set spec = $2 where id = $1', [id, spec])
  await world.admin.query(
    `insert into resource_state (resource_id, status, facts) values ($1, 'online', $2)`,
    [id, { usage }],
  )
}
const figuresOf = async (who: PersonName, ...clouds: string[]): Promise<object[]> => {
  const asked = { name: 'connections.figures', type: 'query' } as const
  const { status, text } = await call(world, who, asked, { ids: clouds.map(planted) })
  expect(status, text).toBe(200)
  return (JSON.parse(text) as { result: { data: { rows: object[] } } }).result.data.rows
}
const used = (memoryUsed: number, memoryTotal: number) => ({ memoryUsed, memoryTotal })

describe('figures of clouds', () => {
  test('are of the hosts where the tenant has some, and of its machines where it has none', async () => {
    await plantThing(world, 'Hosted', { kind: 'cloud' })
    await plant('hosted-host', 'Hosted', { kind: 'host', usage: used(4, 10) })
    await plant('hosted-store', 'Hosted', { kind: 'datastore', usage: { diskUsed: 30, diskTotal: 50 } })
    await plant('hosted-vm', 'Hosted', { kind: 'virtual_machine', usage: used(100, 200) })
    await plantThing(world, 'Hostless', { kind: 'cloud' })
    await plant('hostless-1', 'Hostless', { kind: 'virtual_machine', usage: used(1, 2) })
    await plant('hostless-2', 'Hostless', { kind: 'virtual_machine', spec: { memory: 6, disk: 8 } })
    await plantThing(world, 'Nothing', { kind: 'cloud' })
    expect(await figuresOf('Mara', 'Hosted', 'Hostless', 'Nothing')).toMatchObject([
      {
        machines: 1,
        capacity: { of: 'hosts', memory: { used: 4, total: 10 }, disk: { used: 30, total: 50 } },
      },
      {
        machines: 2,
        capacity: { of: 'machines', memory: { used: 1, total: 8 }, disk: { used: 0, total: 8 } },
      },
      { machines: 0, capacity: null },
    ])
  })

  test('tell who uses a part of a cloud of that part alone', async () => {
    await plantThing(world, 'Shared', { kind: 'cloud', visibility: 'public' })
    await plant('shared-host', 'Shared', { kind: 'host', usage: used(40, 100) })
    await plant('shared-vm', 'Shared', { kind: 'virtual_machine', usage: used(7, 9) })
    await plant('acme-vm', 'Shared', { kind: 'virtual_machine', assigned: 'A', usage: used(3, 5) })
    await world.admin.query(
      `insert into tenant_role_cloud (tenant_role_id, cloud_id, level) select id, $1, 'read' from tenant_role`,
      [planted('Shared')],
    )
    await world.admin.query(
      `insert into tenant_cloud (tenant_id, cloud_id) select id, $1 from tenant where slug = 'acme'`,
      [planted('Shared')],
    )
    expect(await figuresOf('Ada', 'Shared')).toMatchObject([
      {
        connector: null,
        okAt: null,
        machines: 1,
        capacity: { of: 'machines', memory: { used: 3, total: 5 } },
      },
    ])
  })

  test('sum nothing up where there are more machines than are counted', async () => {
    await plantThing(world, 'Huge', { kind: 'cloud' })
    await world.admin.query(
      `with made as (insert into resource (kind, name, owner_id, assigned_id, cloud_id)
         select 'virtual_machine', 'huge-' || i, owner_id, owner_id, id from resource, generate_series(1, 10001) i where id = $1 returning id)
       insert into resource_state (resource_id, status, facts) select id, 'running', '{"usage": {"memoryTotal": 1}}' from made`,
      [planted('Huge')],
    )
    expect(await figuresOf('Mara', 'Huge')).toMatchObject([{ machines: 10_001, capacity: null }])
  })
})
