import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemValue } from '@/server/db/system'
import { plantThing } from '@/server/features/clouds/clouds.fixture'
import { allowLocal, foundIn, look, plantConnection } from '@/server/features/connections/connections.fixture'
import { call } from '@/server/sweep/call'
import type { PersonName } from '@/test/actors'
import { tenantId, userId } from '@/test/factories'
import { ProxmoxEmulator } from '@/test/proxmox/emulator'
import { createWorld, type World } from '@/test/world'
import { creationsEnded, creationsTick } from './creations.jobs'

const GIB = 2 ** 30
let world: World
let pve: ProxmoxEmulator
let cloud: string
let template: string
let n = 0

beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world?.close())
beforeEach(async () => {
  pve = await new ProxmoxEmulator().start()
  pve.add({ vmid: 900, name: 'debian', template: true, size: 4 })
  pve.add({ vmid: 101, name: 'web' })
  cloud = await plantThing(world, `Making ${n++}`, { kind: 'cloud', assigned: 'A' })
  await plantConnection(world, cloud, pve)
  allowLocal(`127.0.0.1:${pve.port}`)
  await look(world, cloud)
  template = (await foundIn(world, cloud)).get('qemu/900')?.id ?? ''
  return async () => {
    await pve.stop()
    await world.admin.query('delete from cloud_connection')
    await world.admin.query('delete from tenant_machine_limit')
  }
})

const asked = (more: object = {}) => ({
  ...{ cloudId: cloud, sourceId: template, name: 'db-1', cores: 2, memory: GIB, disk: 8 * GIB, start: true },
  ...more,
})
const make = (who: PersonName, more: object = {}) =>
  call(world, who, { name: 'machines.create', type: 'mutation' }, asked(more))
const limit = (more: object) =>
  call(
    world,
    'Mara',
    { name: 'machines.setLimits', type: 'mutation' },
    { tenantId: tenantId('A'), machines: null, cores: null, memory: null, disk: null, ...more },
  )
async function done() {
  await creationsTick()
  await creationsEnded()
  const { rows } = await world.admin.query<{ status: string; message: string; resource_id: string | null }>(
    'select status, message, resource_id from machine_creation where cloud_id = $1 order by created_at desc limit 1',
    [cloud],
  )
  return rows[0]
}
/** Somebody has a role with these levels, and no other. */
async function withLevels(who: PersonName, levels: object): Promise<void> {
  await world.admin.query(
    `with r as (insert into user_role (tenant_id, name, levels) select home_tenant_id, gen_random_uuid()::text, $2 from user_account where id = $1 returning id, tenant_id)
     insert into role_assignment (tenant_id, user_id, role_id) select tenant_id, $1, id from r`,
    [userId(who), levels],
  )
}
const machines = async () => {
  const { rows } = await world.admin.query<{
    name: string
    owner: string
    status: string
    external_id: string
  }>(
    `select r.name, t.slug as owner, s.status, i.external_id from resource r join tenant t on t.id = r.owner_id left join resource_state s on s.resource_id = r.id
     left join cloud_item i on i.resource_id = r.id where r.cloud_id = $1 and r.kind = 'virtual_machine' and r.name like 'db-%' order by r.name`,
    [cloud],
  )
  return rows
}

describe('a machine that is made in its cloud', () => {
  test('stands there at once, is made as it was asked for, and is what the next look finds', async () => {
    expect((await make('Ada')).status).toBe(200)
    expect(await machines()).toEqual([{ name: 'db-1', owner: 'acme', status: 'pending', external_id: null }])
    expect(await done()).toMatchObject({ status: 'ok', message: '' })
    expect(pve.guests.get('qemu/100')).toMatchObject({
      name: 'db-1',
      cores: 2,
      memory: 1024,
      size: 8,
      status: 'running',
    })
    await look(world, cloud)
    expect(await machines()).toEqual([
      { name: 'db-1', owner: 'acme', status: 'running', external_id: 'qemu/100' },
    ])
    const { rows } = await world.admin.query<{ tenant: string; event: string; result: string }>(
      `select t.slug as tenant, e.event, e.result from audit_event e join tenant t on t.id = e.tenant_id
       where e.event like 'machine.create%' and e.target_name = 'db-1' order by e.event, t.slug`,
    )
    expect(rows).toEqual([
      { tenant: 'acme', event: 'machine.create', result: 'ok' },
      { tenant: 'acme', event: 'machine.create_end', result: 'ok' },
      { tenant: 'default', event: 'machine.create_end', result: 'ok' },
    ])
  })

  test('that looks find while it is made is one row', async () => {
    await make('Ada')
    const claim = await systemValue<{ id: string } | null, 'creation_claim'>('creation_claim', [])
    await systemValue<boolean, 'creation_reserve'>('creation_reserve', [claim?.id ?? '', 'qemu/100'])
    for (let i = 0; i < 3; i++) await look(world, cloud)
    expect(await machines()).toMatchObject([{ status: 'pending' }])
    pve.add({ vmid: 100, name: 'db-1' })
    await look(world, cloud)
    expect(await machines()).toMatchObject([{ owner: 'acme', external_id: 'qemu/100' }])
    await systemValue<null, 'creation_done'>('creation_done', [
      claim?.id ?? '',
      true,
      '',
      'qemu/100',
      'stopped',
    ])
    await look(world, cloud)
    expect(await machines()).toMatchObject([{ owner: 'acme', status: 'stopped' }])
  })

  test.each(['clone', 'config', 'resize'])(
    'and fails at its %s leaves nothing behind and says why',
    async (step) => {
      pve.failing.set(step, 'no space left')
      await make('Ada')
      const end = await done()
      expect(end).toMatchObject({ status: 'failed', resource_id: null })
      expect(end?.message).toContain(step === 'config' ? 'The server failed (500)' : 'no space left')
      expect(await machines()).toEqual([])
      expect(pve.guests.has('qemu/100')).toBe(false)
      await look(world, cloud)
      expect(await machines()).toEqual([])
    },
  )

  test('of nothing but a template of that cloud, as large as it at least, by who may put things there', async () => {
    const web = (await foundIn(world, cloud)).get('qemu/101')?.id
    expect((await make('Ada', { sourceId: web })).status).toBe(404)
    expect((await make('Ada', { disk: GIB })).status).toBe(400)
    expect((await make('Ada', { name: '-x; rm' })).status).toBe(400)
    expect((await make('Tom')).status).toBe(403)
    expect((await make('Bo')).status).toBe(404)
    for (const field of ['placeId', 'datastoreId', 'networkId'])
      expect((await make('Ada', { [field]: web })).status, field).toBe(404)
    await world.admin.query('update cloud_item set missing_since = now() where resource_id = $1', [template])
    expect((await make('Ada')).status).toBe(404)
    expect(await machines()).toEqual([])
  })

  test('is not made once its cloud is with another tenant', async () => {
    await make('Ada')
    // Beside the guards: in whatever way the cloud went, a worker looks again.
    await world.admin.query('set session_replication_role = replica')
    await world.admin.query('update resource set assigned_id = $2 where id = $1', [cloud, tenantId('B')])
    await world.admin.query('set session_replication_role = origin')
    pve.asked.length = 0
    expect(await done()).toMatchObject({
      status: 'failed',
      message: 'Its cloud is not yours to use any more',
    })
    expect(pve.asked).toEqual([])
    expect(await machines()).toEqual([])
  })

  test('is told of to who asked for it and to who sees it', async () => {
    await withLevels('Nora', { virtualMachines: 'user', clouds: 'read' })
    await make('Ada')
    const toldTo = async (who: PersonName) => {
      const { text } = await call(world, who, { name: 'machines.choices', type: 'query' }, {})
      const { data } = (JSON.parse(text) as { result: { data: { creations: { name: string }[] } } }).result
      return data.creations.map(({ name }) => name)
    }
    expect(await toldTo('Ada')).toContain('db-1')
    expect(await toldTo('Tom')).toContain('db-1')
    expect(await toldTo('Nora')).toEqual([])
    expect(await toldTo('Bo')).toEqual([])
  })

  test('by two at once gets an id of its own', async () => {
    await Promise.all([make('Ada', { name: 'db-1' }), make('Ada', { name: 'db-2' })])
    await done()
    const ids = (await machines()).map(({ external_id }) => external_id)
    expect(ids.sort()).toEqual(['qemu/100', 'qemu/102'])
  })

  test('is not asked for twice by a worker that died while it asked', async () => {
    await make('Ada')
    await systemValue<unknown, 'creation_claim'>('creation_claim', [])
    await world.admin.query(`update machine_creation set heartbeat_at = now() - interval '1 minute'`)
    pve.asked.length = 0
    expect(await done()).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('interrupted') as string,
    })
    expect(pve.asked.filter((one) => one.startsWith('POST'))).toEqual([])
  })
})

describe('limits of a tenant', () => {
  test('of a machine are named in the refusal', async () => {
    await limit({ cores: 1 })
    expect(JSON.stringify(await make('Ada'))).toContain('at most 1 cores')
    await limit({ memory: GIB / 2 })
    expect(JSON.stringify(await make('Ada'))).toContain('at most 512 MiB of memory')
    await limit({ disk: 4 * GIB })
    expect(JSON.stringify(await make('Ada'))).toContain('disks of at most 4 GiB')
    expect(await machines()).toEqual([])
  })

  test('of their number hold exactly, however many are asked for at once', async () => {
    const { rows } = await world.admin.query<{ n: number }>(
      `select count(*)::int as n from resource where kind = 'virtual_machine' and assigned_id = $1`,
      [tenantId('A')],
    )
    await limit({ machines: (rows[0]?.n ?? 0) + 2 })
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((i) => make('Ada', { name: `db-${i}` })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 409, 409, 409, 409])
    expect(await machines()).toHaveLength(2)
  })
})
