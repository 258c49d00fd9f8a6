import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { plantThing } from '@/server/features/clouds/clouds.fixture'
import { ProxmoxEmulator } from '@/test/proxmox/emulator'
import { createWorld, type World } from '@/test/world'
import { allowLocal, foundIn, look, plantConnection } from './connections.fixture'

/** Guests of the cluster; `npm run bench -- sync` takes 100,000, and the times from SYNC_OUT. */
const GUESTS = Number(process.env.SYNC_GUESTS ?? '3000')
/** Nodes, storages, the network, pools. */
const REST = 2 + 3 + 1 + 50

let world: World
let child: ChildProcess
const pve = new ProxmoxEmulator()

beforeAll(async () => {
  world = await createWorld()
  // In a process of its own, so that its memory is not counted here.
  child = spawn(process.execPath, ['--import', 'tsx', 'test/proxmox/serve.ts', String(GUESTS)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  if (!child.stdout) throw new Error('it prints where it is')
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  Object.assign(pve, JSON.parse(line))
})
afterAll(async () => {
  child?.stdin?.end()
  await world?.close()
})
beforeEach(() => allowLocal(`127.0.0.1:${pve.port}`))

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const began = performance.now()
  const result = await work()
  return [result, Math.round(performance.now() - began)]
}

/** What the same rows cost PostgreSQL by COPY, into tables without an index, a policy or a trigger; in ms. */
async function copied(cloud: string): Promise<number> {
  const file = `/tmp/freehold-copy-${process.pid}`
  let total = 0
  for (const [table, column] of [
    ['resource', 'cloud_id = $'],
    ['resource_state', 'resource_id in (select id from resource where cloud_id = $)'],
    ['cloud_item', 'cloud_id = $'],
  ] as const) {
    await world.admin.query(`create temp table bare as select * from ${table} limit 0`)
    const where = column.replace('$', `'${cloud}'`)
    await world.admin.query(`copy (select * from ${table} where ${where}) to '${file}' binary`)
    const [, ms] = await timed(() => world.admin.query(`copy bare from '${file}' binary`))
    total += ms
    await world.admin.query('drop table bare')
  }
  fs.rmSync(file)
  return total
}

test(
  'a large cluster is found whole; an unchanged one writes nothing but that it was seen',
  { timeout: 300_000 },
  async () => {
    const cloud = await plantThing(world, 'Large', { kind: 'cloud' })
    await plantConnection(world, cloud, pve)
    await world.admin.query('update licence set host_limit = 100000')
    const [first, firstMs] = await timed(() => look(world, cloud))
    expect(first).toMatchObject({ status: 'ok', seen: GUESTS + REST, added: GUESTS + REST, left_out: 0 })
    const stamp = 'select max(updated_at) as at from resource where cloud_id = $1'
    const before = await world.admin.query<{ at: Date }>(stamp, [cloud])
    const [again, againMs] = await timed(() => look(world, cloud))
    expect(again).toMatchObject({ status: 'ok', seen: GUESTS + REST, added: 0, changed: 0, missing: 0 })
    expect((await world.admin.query(stamp, [cloud])).rows).toEqual(before.rows)
    if (!process.env.SYNC_OUT) {
      expect((await foundIn(world, cloud)).size).toBe(GUESTS + REST)
      return
    }
    const times = {
      guests: GUESTS,
      firstMs,
      againMs,
      copyMs: await copied(cloud),
      rssMb: Math.round(process.resourceUsage().maxRSS / 1024),
    }
    fs.writeFileSync(process.env.SYNC_OUT, JSON.stringify(times))
  },
)
