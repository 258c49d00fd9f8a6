import { afterAll, beforeAll, expect, test } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { signContext } from '@/server/db/context-token'
import { database } from '@/server/db/runtime'
import { plantThing } from '@/server/features/clouds/clouds.fixture'
import type { ResourceDetail } from '@/server/features/resources/resources.schema'
import { call } from '@/server/sweep/call'
import { ProxmoxEmulator } from '@/test/proxmox/emulator'
import { createWorld, type World } from '@/test/world'
import { allowLocal, foundIn, look, plantConnection } from './connections.fixture'

let world: World
let pve: ProxmoxEmulator
let cloud: string
beforeAll(async () => {
  world = await createWorld()
  pve = await new ProxmoxEmulator().start()
  for (let i = 1; i <= 5; i++) pve.add({ vmid: 100 + i, name: `vm-${i}`, status: 'running', pool: 'shop' })
  cloud = await plantThing(world, 'PVE', { kind: 'cloud' })
  await plantConnection(world, cloud, pve)
})
afterAll(async () => {
  await pve?.stop()
  await world?.close()
})

test('what the cloud tells is changed there: refused here with the reason, and everything else can be saved', async () => {
  allowLocal(`127.0.0.1:${pve.port}`)
  await look(world, cloud)
  const { id } = (await foundIn(world, cloud)).get('qemu/104') ?? { id: '' }
  const kind = 'virtual_machine'
  const ask = async (name: string, input: object) =>
    call(world, 'Mara', { name, type: name.endsWith('get') ? 'query' : 'mutation' }, { kind, id, ...input })
  const get = async () => (await ask('resources.get', {})).data as ResourceDetail
  const before = await get()
  const why = `Told by the cloud ${before.cloud?.name}. Change it there.`
  expect(before.told?.why).toBe(why)
  expect(before.told?.fields).toEqual(expect.arrayContaining(['cores', 'memory', 'disk']))
  expect(before.can).toMatchObject({ edit: { allowed: true }, rename: { allowed: false, reason: why } })
  expect(before.can.remove).toMatchObject({
    allowed: false,
    reason: expect.stringMatching(/^Found in the cloud PVE/),
  })

  const save = {
    name: before.name,
    refs: [],
    spec: { description: 'the till' },
    updatedAt: before.updatedAt,
  }
  for (const [field, wrong] of [
    ['cores', { spec: { cores: 64 } }],
    ['memory', { spec: { memory: null } }],
    ['parentId', { parentId: cloud }],
  ] as const) {
    const answer = await ask('resources.update', { ...save, ...wrong })
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(why)])
    expect(answer.text).toContain(`"${field}"`)
  }
  expect((await ask('resources.update', { ...save, name: 'mine' })).status).toBe(403)
  expect((await ask('resources.remove', {})).status).toBe(403)

  // Saved as a program does that sends back what it read, too.
  expect(
    (await ask('resources.update', { ...save, spec: { ...before.spec, description: 'the till' } })).status,
  ).toBe(200)
  const after = await get()
  expect(after).toMatchObject({
    name: before.name,
    parent: before.parent,
    spec: { ...before.spec, description: 'the till' },
  })
  expect(await look(world, cloud)).toMatchObject({ changed: 0 })

  // The database by itself, whoever asks: but not without a context, as looks do.
  const context = signContext(database().key, {
    mode: 'job',
    tenantId: MASTER_TENANT_ID,
    userId: null,
    sessionId: null,
  })
  for (const statement of [
    `delete from resource where id = '${id}'`,
    `update resource set name = 'x' where id = '${id}'`,
  ]) {
    await world.admin.query('begin')
    await world.admin.query(`select set_config('wall.ctx', $1, true)`, [context])
    await expect(world.admin.query(statement)).rejects.toThrow('its cloud tells of it')
    await world.admin.query('rollback')
  }
  // Disconnected, it is the owner's.
  await world.admin.query('delete from cloud_connection')
  expect((await get()).told).toBeNull()
  expect((await ask('resources.remove', {})).status).toBe(200)
})
