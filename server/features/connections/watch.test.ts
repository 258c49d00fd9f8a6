import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { database } from '@/server/db/runtime'
import { plantThing } from '@/server/features/clouds/clouds.fixture'
import { seal } from '@/server/platform/seal'
import { MASTER_TENANT_ID } from '@/lib/master'
import { tenantId } from '@/test/factories'
import { answerOf, EngineEmulator } from '@/test/docker/emulator'
import { createWorld, type World } from '@/test/world'
import { allowLocal, foundIn, look, syncOf } from './connections.fixture'
import { secretPlace } from './secret-place'
import { looksEnded, syncTick } from './sync'
import { onSyncWake } from './sync.wake'
import { endWatches, watchTick } from './watch'

let world: World
let engine: EngineEmulator
let cloud: string
let n = 0

beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world?.close())
beforeEach(async () => {
  engine = await new EngineEmulator('docker').start()
  cloud = await plantThing(world, `Engine ${n++}`, { kind: 'cloud' })
  const endpoint = `unix:${engine.socket}`
  const sealed = seal(database().key, secretPlace(MASTER_TENANT_ID, cloud, endpoint), '{}')
  await world.admin.query(
    `insert into cloud_connection (cloud_id, connector, endpoint, sealed_secret) values ($1, 'docker', $2, $3)`,
    [cloud, endpoint, sealed],
  )
  allowLocal(engine.socket)
  await look(world, cloud)
  return async () => {
    onSyncWake(null)
    await endWatches()
    await looksEnded()
    await engine.stop()
    await world.admin.query('delete from cloud_connection')
    await world.admin.query(`update tenant set status = 'active' where id = $1`, [tenantId('A')])
  }
})

const listeners = (wanted: number) =>
  vi.waitFor(() => expect(engine.listeners).toBe(wanted), { timeout: 5000 })
const disable = async () => {
  await world.admin.query('update resource set assigned_id = $2 where cloud_id = $1', [cloud, tenantId('A')])
  await world.admin.query(`update tenant set status = 'disabled' where id = $1`, [tenantId('A')])
}
const set = (what: string) => world.admin.query(`update cloud_sync set ${what} where cloud_id = $1`, [cloud])

test('what changes in a cloud that tells is seen within seconds, long before the next look', async () => {
  onSyncWake(() => void syncTick())
  expect(await watchTick()).toBe(1)
  await listeners(1)
  const [first] = engine.containers.filter(({ State }) => State === 'running')
  const id = `container/${first?.Id}`
  const before = await foundIn(world, cloud)
  const key = [...before.keys()].find((one) => one.includes(first?.Id.slice(0, 12) ?? '?')) ?? id
  expect(before.get(key)?.status).toBe('running')
  Object.assign(first ?? {}, { State: 'exited', Status: 'Exited (0)' })
  engine.tell(`${(answerOf('docker', 'GET', '/events').body as string[])[0] ?? ''}\n`)
  await vi.waitFor(async () => expect((await foundIn(world, cloud)).get(key)?.status).toBe('stopped'), {
    timeout: 15_000,
    interval: 200,
  })
})

test('one process listens; a stream that is lost is taken up again, later each time', async () => {
  expect(await watchTick()).toBe(1)
  await listeners(1)
  expect(await watchTick()).toBe(0)
  await set(`watch_run = gen_random_uuid()`) // another process has taken over
  await watchTick()
  await listeners(0)
  const waits: number[] = []
  for (let i = 0; i < 3; i++) {
    await set(`watch_until = now() - interval '1 second'`)
    expect(await watchTick()).toBe(1)
    await listeners(1)
    engine.hangUp()
    await vi.waitFor(async () =>
      expect(await syncOf(world, cloud)).toMatchObject({ watch_lost: i + 1, watch_run: null }),
    )
    const { watch_until } = await syncOf(world, cloud)
    waits.push(((watch_until as Date).getTime() - Date.now()) / 1000)
    expect(await watchTick()).toBe(0)
  }
  expect(waits[0]).toBeLessThan(6.5)
  expect(waits[1]).toBeGreaterThan(waits[0] ?? 0)
  expect(waits[2]).toBeGreaterThan(waits[1] ?? 0)
})

test.for([
  ['paused', () => set('paused = true')],
  ['disconnected', () => world.admin.query('delete from cloud_connection')],
  ['connected anew', () => world.admin.query(`update cloud_connection set sealed_secret = '\\x00'`)],
  ['of a disabled tenant', disable],
] as const)('is listened to no more when it is %s', async ([_what, change]) => {
  await watchTick()
  await listeners(1)
  await change()
  await watchTick()
  await listeners(0)
})

test('the end of the worker ends it, and gives it to the next one at once', async () => {
  await watchTick()
  await listeners(1)
  await endWatches()
  await listeners(0)
  expect(await syncOf(world, cloud)).toMatchObject({ watch_run: null, watch_lost: 0 })
  expect(await watchTick()).toBe(1)
})
