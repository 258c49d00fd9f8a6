import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { plantThing } from '@/server/features/clouds/clouds.fixture'
import { allowLocal, foundIn, look, plantConnection } from '@/server/features/connections/connections.fixture'
import { call } from '@/server/sweep/call'
import type { PersonName } from '@/test/actors'
import { tenantId } from '@/test/factories'
import { ProxmoxEmulator } from '@/test/proxmox/emulator'
import { createWorld, type World } from '@/test/world'
import type { MachineView, MetricsView } from './machines.schema'

let world: World
let pve: ProxmoxEmulator
let cloud: string
let vm: string
let n = 0

beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world?.close())
beforeEach(async () => {
  pve = await new ProxmoxEmulator().start()
  pve.add({ vmid: 101, name: 'web', status: 'running' })
  cloud = await plantThing(world, `Metrics ${n++}`, { kind: 'cloud', assigned: 'A' })
  await plantConnection(world, cloud, pve)
  allowLocal(`127.0.0.1:${pve.port}`)
  await look(world, cloud)
  vm = (await foundIn(world, cloud)).get('qemu/101')?.id ?? ''
  pve.asked.length = 0
  return async () => {
    await pve.stop()
    await world.admin.query('delete from cloud_connection')
  }
})

const ask = (who: PersonName, more: object = {}) =>
  call(world, who, { name: 'machines.metrics', type: 'query' }, { id: vm, ...more })
const seen = async (who: PersonName, more: object = {}) => (await ask(who, more)).data as MetricsView
const usedFor = (minutes: number) =>
  world.admin.query(
    'update cloud_item set used_since = now() - make_interval(mins => $2) where resource_id = $1',
    [vm, minutes],
  )
const history = async () => {
  const answer = await call(world, 'Tom', { name: 'machines.get', type: 'query' }, { id: vm })
  return (answer.data as MachineView).found?.history
}

describe('how a machine was doing', () => {
  test('is told of its cloud to whoever sees it, in the span that was asked for', async () => {
    await usedFor(60 * 24 * 30)
    expect(await history()).toEqual({ allowed: true })
    for (const who of ['Ada', 'Tom', 'Mara'] as const) {
      const { points, why } = await seen(who)
      expect(why).toBe('')
      expect(points).toHaveLength(54)
      expect(points.at(-1)).toMatchObject({
        memoryTotal: 134_217_728,
        cpu: expect.any(Number) as number,
        netOut: expect.any(Number) as number,
      })
    }
    expect((await seen('Tom', { span: 'day' })).points.length).toBeGreaterThan(400)
    expect((await seen('Tom', { span: 'week' })).points.length).toBeGreaterThan(290)
    expect((await ask('Tom', { span: 'year' })).status).toBe(400)
    pve.history = [{ time: Math.floor(Date.now() / 1000), cpu: 0.25 }]
    expect((await seen('Tom')).points).toEqual([
      {
        ...{ at: expect.any(String) as string, cpu: 0.25, memoryUsed: null, memoryTotal: null },
        ...{ diskRead: null, diskWrite: null, netIn: null, netOut: null },
      },
    ])
  })

  test('is for nobody else: a foreign machine is as one that never was, and its cloud is not asked', async () => {
    const foreign = await ask('Bo')
    expect(foreign.status).toBe(404)
    expect(foreign.text).toBe((await ask('Bo', { id: crypto.randomUUID() })).text)
    expect((await ask('Nora')).status).toBe(403)
    expect(pve.asked).toEqual([])
  })

  test('before it came to the tenant that uses it is for the owner of the cloud alone', async () => {
    await usedFor(30)
    const since = new Date(Date.now() - 30 * 60_000 - 5000).toISOString()
    const { points } = await seen('Tom')
    expect(points.length).toBeGreaterThan(20)
    expect(points.length).toBeLessThan(32)
    expect(points.every(({ at }) => at >= since)).toBe(true)
    await world.admin.query('update resource set assigned_id = $2 where cloud_id = $1', [
      cloud,
      tenantId('B'),
    ])
    expect(await seen('Bo', { span: 'week' })).toEqual({ points: [], why: '' })
    expect((await ask('Tom')).status).toBe(404)
    expect((await seen('Mara')).points).toHaveLength(54)
  })

  test('of one that was found just now is told from then on: its number may have been another’s', async () => {
    expect(await seen('Ada')).toEqual({ points: [], why: '' })
    expect((await seen('Mara')).points).toHaveLength(54)
  })

  test('says in words why there is nothing: the cloud fails, is away, or refuses', async () => {
    pve.failingPath = '/rrddata'
    expect(await seen('Tom')).toEqual({ points: [], why: 'The server failed (500)' })
    pve.failingPath = null
    pve.fault = 'no list'
    expect(await seen('Tom')).toEqual({
      points: [],
      why: 'The server sent no list where one should be',
    })
    pve.fault = null
    pve.guests.clear()
    expect(await seen('Tom')).toEqual({ points: [], why: 'It is not there any more' })
    await pve.stop()
    const { text, status, data } = await ask('Tom')
    expect(status).toBe(200)
    expect(data).toMatchObject({ points: [], why: expect.stringContaining('cannot be reached') as string })
    expect(text).not.toContain(String(pve.port))
  })

  test('is not asked for where there is nothing to ask: a cloud without a history, a missing machine, one entered by hand', async () => {
    const told = async (why: string) => {
      expect(await seen('Tom')).toEqual({ points: [], why })
      expect(pve.asked).toEqual([])
    }
    await world.admin.query(`update cloud_item set missing_since = now() where resource_id = $1`, [vm])
    await told('Its cloud does not tell of it any more')
    await world.admin.query(`update cloud_item set missing_since = null where resource_id = $1`, [vm])
    await world.admin.query(`update cloud_connection set connector = 'openstack' where cloud_id = $1`, [
      cloud,
    ])
    await told('Its cloud keeps no history of usage')
    expect(await history()).toEqual({ allowed: false, reason: 'Its cloud keeps no history of usage' })
    await world.admin.query('delete from cloud_connection')
    await told('It was entered by hand: no cloud tells of it')
  })
})
