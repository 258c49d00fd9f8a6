import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { GIB } from '@/lib/resource-kinds/kind'
import { resourcesRouter } from '@/server/features/resources/resources.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { errorBody } from '@/server/rpc/errors'
import type { PersonName } from '@/test/actors'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(router({ resources: resourcesRouter }))

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(() => world.restore())

const as = async (name: PersonName) => caller({ op: await world.opOf(name) }).resources
const make = async (who: PersonName, kind: string, name: string, spec: object, more: object = {}) =>
  (await (await as(who)).create({ kind, name, spec: spec as never, ...more })).id
const problem = (call: Promise<unknown>) =>
  call.then(
    () => ({ status: 200 }),
    (error: unknown) => ({ status: errorBody(error).status }),
  )

describe('what follows', () => {
  it('a pool sums what stands in it, through pools inside, and warns over its limit', async () => {
    const pool = await make('Ada', 'resource_pool', 'pool', { cores: 10, memory: 8 * GIB })
    const inner = await make('Ada', 'resource_pool', 'inner', {}, { parentId: pool })
    const vm = (name: string, parentId: string) =>
      make('Ada', 'virtual_machine', name, { cores: 4, memory: 2 * GIB, disk: GIB }, { parentId })
    await vm('a', pool)
    await vm('b', inner)
    const metal = await make('Ada', 'bare_metal', 'c', { cores: 4, memory: GIB }, { parentId: inner })
    await vm('on the metal: part of it', metal)
    const { sums, warnings } = await (await as('Tom')).insight({ kind: 'resource_pool', id: pool })
    expect(sums).toEqual({ machines: 3, cores: 12, memory: 5 * GIB, disk: 2 * GIB })
    expect(warnings).toEqual(['The machines in it take 12 cores; its limit is 10 cores.'])
    expect(await problem((await as('Bo')).insight({ kind: 'resource_pool', id: pool }))).toMatchObject({
      status: 404,
    })
  })

  it('a blueprint warns of an image that does not fit on an instance type', async () => {
    const image = await make('Ada', 'virtual_image', 'big', { os: 'x', format: 'raw', minDisk: 20 * GIB })
    const type = (name: string, gib: number) =>
      make('Ada', 'instance_type', name, { cores: 1, memory: GIB, disk: gib * GIB })
    const id = await make(
      'Ada',
      'blueprint',
      'bp',
      {},
      {
        refs: [
          { field: 'images', ids: [image] },
          { field: 'instanceTypes', ids: [await type('small', 10), await type('large', 20)] },
        ],
      },
    )
    expect((await (await as('Tom')).insight({ kind: 'blueprint', id })).warnings).toEqual([
      'big needs 20 GiB of disk; small has 10 GiB.',
    ])
  })

  it('an instance type has its price, for who sees it', async () => {
    const price = await make('Mara', 'price', 'p', { amount: 0.5, currency: 'EUR', unit: 'hour' })
    const id = await make(
      'Mara',
      'instance_type',
      't',
      { cores: 1, memory: GIB, disk: GIB },
      { refs: [{ field: 'price', ids: [price] }] },
    )
    await (await as('Mara')).setVisibility({ kind: 'instance_type', ids: [id], visibility: 'public' })
    const ask = async (who: PersonName) =>
      (await (await as(who)).insight({ kind: 'instance_type', id })).price
    expect(await ask('Mara')).toEqual({ amount: 0.5, currency: 'EUR', unit: 'hour' })
    expect(await ask('Tom')).toBeNull()
    await (await as('Mara')).setVisibility({ kind: 'price', ids: [price], visibility: 'public' })
    expect(await ask('Tom')).toEqual({ amount: 0.5, currency: 'EUR', unit: 'hour' })
  })
})
