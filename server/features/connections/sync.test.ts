import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { systemValue } from '@/server/db/system'
import { assign } from '@/server/features/resources/resources.assign.service'
import { plantThing } from '@/server/features/clouds/clouds.fixture'
import { call } from '@/server/sweep/call'
import { tenantId } from '@/test/factories'
import { ProxmoxEmulator } from '@/test/proxmox/emulator'
import { createWorld, type World } from '@/test/world'
import { allowLocal, claimLook, due, foundIn, look, plantConnection, syncOf } from './connections.fixture'
import { lookInto, looksEnded, stopLooks, syncTick } from './sync'

let world: World
let pve: ProxmoxEmulator
let cloud: string
let n = 0

beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world?.close())
beforeEach(async () => {
  pve = await new ProxmoxEmulator().start()
  for (let i = 1; i <= 10; i++) pve.add({ vmid: 100 + i, name: `vm-${i}`, status: 'running', pool: 'shop' })
  cloud = await plantThing(world, `PVE ${n++}`, { kind: 'cloud' })
  await plantConnection(world, cloud, pve)
  allowLocal(`127.0.0.1:${pve.port}`)
  return async () => {
    await pve.stop()
    await world.admin.query('delete from cloud_connection')
  }
})

/** Nodes, storages, the network and the pool of the emulator. */
const REST = 2 + 3 + 1 + 1

describe('a look', () => {
  test('finds what stands in the cloud, where it stands, and how it does', async () => {
    pve.add({ type: 'lxc', vmid: 300, name: 'dns', status: 'stopped' })
    expect(await look(world, cloud)).toMatchObject({
      status: 'ok',
      seen: 11 + REST,
      added: 11 + REST,
      changed: 0,
      failures: 0,
    })
    const found = await foundIn(world, cloud)
    expect(found.get('qemu/101')).toMatchObject({
      kind: 'virtual_machine',
      name: 'vm-1',
      owner_id: MASTER_TENANT_ID,
      assigned_id: MASTER_TENANT_ID,
      parent: 'shop',
      status: 'running',
      spec: { cores: 2, memory: 134_217_728, disk: 1_073_741_824 },
    })
    expect(found.get('lxc/300')).toMatchObject({ parent: 'pve1', status: 'stopped' })
    expect(found.get('node/pve2')).toMatchObject({ kind: 'host', name: 'pve2', status: 'online' })
  })

  test('of what did not change writes nothing; of what did, that', async () => {
    await look(world, cloud)
    const before = await foundIn(world, cloud)
    expect(await look(world, cloud)).toMatchObject({ added: 0, changed: 0, missing: 0 })
    expect((await foundIn(world, cloud)).get('qemu/101')).toEqual(before.get('qemu/101'))
    pve.add({ vmid: 101, name: 'renamed', status: 'stopped', node: 'pve2', pool: 'shop' })
    expect(await look(world, cloud)).toMatchObject({ added: 0, changed: 1 })
    const after = (await foundIn(world, cloud)).get('qemu/101')
    expect(after).toMatchObject({ id: before.get('qemu/101')?.id, name: 'renamed', status: 'stopped' })
  })

  test('a thing that moves within its cloud keeps its id, its tags and its grants', async () => {
    await look(world, cloud)
    const { id } = (await foundIn(world, cloud)).get('qemu/105') ?? { id: '' }
    await world.admin.query(
      `insert into resource_tag (tenant_id, resource_id, tag) values ($1, $2, 'shop')`,
      [MASTER_TENANT_ID, id],
    )
    pve.add({ vmid: 105, name: 'vm-5', node: 'pve2', status: 'running' })
    await look(world, cloud)
    expect((await foundIn(world, cloud)).get('qemu/105')).toMatchObject({ id, parent: 'pve2' })
    const { rowCount } = await world.admin.query('select 1 from resource_tag where resource_id = $1', [id])
    expect(rowCount).toBe(1)
  })

  test('what a person entered of a found thing stays; what the cloud tells wins', async () => {
    await look(world, cloud)
    const { id } = (await foundIn(world, cloud)).get('qemu/102') ?? { id: '' }
    await world.admin.query(
      `update resource set spec = spec || '{"description":"the shop","cores":64}' where id = $1`,
      [id],
    )
    pve.add({ vmid: 102, name: 'other', status: 'running', pool: 'shop' })
    await look(world, cloud)
    expect((await foundIn(world, cloud)).get('qemu/102')?.spec).toMatchObject({
      description: 'the shop',
      cores: 2,
    })
  })
})

describe('what is not told any more', () => {
  test('is missing after two whole looks, back when it is told again, and gone after a day', async () => {
    await look(world, cloud)
    const { id } = (await foundIn(world, cloud)).get('qemu/103') ?? { id: '' }
    pve.guests.delete('qemu/103')
    expect(await look(world, cloud)).toMatchObject({ status: 'ok', missing: 0 })
    expect((await foundIn(world, cloud)).get('qemu/103')?.status).toBe('running')
    expect(await look(world, cloud)).toMatchObject({ missing: 1, gone: 0 })
    expect((await foundIn(world, cloud)).get('qemu/103')?.status).toBe('missing')
    pve.add({ vmid: 103, name: 'vm-3', status: 'running', pool: 'shop' })
    await look(world, cloud)
    expect((await foundIn(world, cloud)).get('qemu/103')).toMatchObject({ id, status: 'running' })
    pve.guests.delete('qemu/103')
    await look(world, cloud)
    await look(world, cloud)
    await world.admin.query(
      `update cloud_item set missing_since = now() - interval '25 hours' where resource_id = $1`,
      [id],
    )
    expect(await look(world, cloud)).toMatchObject({ gone: 1 })
    expect((await foundIn(world, cloud)).has('qemu/103')).toBe(false)
    const { rows } = await world.admin.query<{ after: { gone: string[] } }>(
      `select after from audit_event where event = 'cloud.sync' and target_id = $1 order by at desc limit 1`,
      [cloud],
    )
    expect(rows[0]?.after.gone).toEqual(['vm-3'])
  })

  test('what stood in it stands in nothing', async () => {
    await look(world, cloud)
    await world.admin.query(
      `update cloud_item set missing_since = now() - interval '25 hours', missed = 5 where cloud_id = $1 and external_id = 'pool/shop'`,
      [cloud],
    )
    for (const guest of pve.guests.values()) delete guest.pool
    await look(world, cloud)
    expect((await foundIn(world, cloud)).get('qemu/101')).toMatchObject({ parent: 'pve1' })
  })

  test('R08 a short answer takes nothing away, nor does an empty one, until the owner says that it is right', async () => {
    await look(world, cloud)
    for (let i = 1; i <= 5; i++) pve.guests.delete(`qemu/${100 + i}`)
    for (let i = 0; i < 4; i++)
      expect(await look(world, cloud)).toMatchObject({ status: 'shrunk', missing: 0 })
    expect((await foundIn(world, cloud)).get('qemu/101')?.status).toBe('running')
    await world.admin.query('update cloud_sync set accept_shrink = true where cloud_id = $1', [cloud])
    expect(await look(world, cloud)).toMatchObject({ status: 'ok', accept_shrink: false })
  })
})

describe('R08 a cloud that fails', () => {
  const CASES = [
    ['html', 'wrong_server'],
    ['truncated', 'bad_answer'],
    [500, 'server_error'],
    [401, 'unauthenticated'],
    [429, 'rate_limited'],
    ['no list', 'bad_answer'],
  ] as const
  test.for(CASES)('with %s keeps its inventory and says %s', async ([fault, code]) => {
    await look(world, cloud)
    const before = await foundIn(world, cloud)
    pve.fault = fault
    const first = await look(world, cloud)
    expect(first).toMatchObject({ status: 'failed', code, failures: 1 })
    expect(first.error).not.toMatch(/secret|pve/)
    expect(await foundIn(world, cloud)).toEqual(before)
    pve.fault = null
    expect(await look(world, cloud)).toMatchObject({ status: 'ok', failures: 0, code: '', error: '' })
  })

  test('waits twice as long each time, at most an hour, not as long as the others, and longer where it asks for it', async () => {
    pve.fault = 500
    const waits: number[] = []
    for (let i = 0; i < 6; i++) {
      const { finished_at, next_at } = await look(world, cloud)
      waits.push(((next_at as Date).getTime() - (finished_at as Date).getTime()) / 1000)
    }
    const wanted = [300, 600, 1200, 2400, 3600, 3600]
    wanted.forEach((seconds, i) => {
      expect(waits[i]).toBeGreaterThan(seconds * 0.89)
      expect(waits[i]).toBeLessThan(seconds * 1.11)
    })
    expect(new Set(waits.map((one, i) => one / (wanted[i] ?? 1))).size).toBe(6)
  })

  test('tells the log once in a row, and again when it goes well', async () => {
    const results = async () =>
      (
        await world.admin.query<{ result: string }>(
          `select result from audit_event where event = 'cloud.sync' and target_id = $1 order by at`,
          [cloud],
        )
      ).rows.map(({ result }) => result)
    pve.fault = 500
    await look(world, cloud)
    await look(world, cloud)
    expect(await results()).toEqual(['failed'])
    pve.fault = null
    await look(world, cloud)
    await look(world, cloud)
    expect(await results()).toEqual(['failed', 'ok'])
  })

  test('I06 what may not be reached and what is not there are told alike', async () => {
    const said = async () => {
      const { code, error } = await look(world, cloud)
      return { code, error }
    }
    allowLocal()
    const blocked = await said()
    allowLocal(`127.0.0.1:${pve.port}`)
    await pve.stop()
    expect(await said()).toEqual(blocked)
    expect(blocked.code).toBe('unreachable')
  })

  test('I08 shows another certificate: the secret is not sent', async () => {
    await world.admin.query('delete from cloud_connection')
    await plantConnection(world, cloud, pve, { fingerprint: 'ab'.repeat(32) })
    pve.asked.length = 0
    expect(await look(world, cloud)).toMatchObject({ status: 'failed', code: 'changed_certificate' })
    expect(pve.asked).toEqual([])
  })

  test('holds up no other', async () => {
    const other = await new ProxmoxEmulator().start()
    const second = await plantThing(world, `Other ${n++}`, { kind: 'cloud' })
    await plantConnection(world, second, other)
    allowLocal(`127.0.0.1:${other.port}`) // the first one may not be reached
    await due(world, cloud)
    await due(world, second)
    expect(await syncTick()).toBe(2)
    await looksEnded()
    expect(await syncOf(world, second)).toMatchObject({ status: 'ok' })
    expect(await syncOf(world, cloud)).toMatchObject({ status: 'failed' })
    await other.stop()
  })
})

describe('between tenants', () => {
  test('new finds go to whoever has the cloud; what is there stays with whom it is', async () => {
    await look(world, cloud)
    const mara = await world.asUser('Mara, MSP admin')
    const op = { ...mara, call: { name: 'test', declaration: DECLARATION, audited: false } }
    await assign(op, 'cloud', [cloud], tenantId('A'))
    pve.add({ vmid: 200, name: 'new', status: 'running' })
    await look(world, cloud)
    const found = await foundIn(world, cloud)
    expect(found.get('qemu/200')).toMatchObject({ owner_id: MASTER_TENANT_ID, assigned_id: tenantId('A') })
    expect(found.get('qemu/101')).toMatchObject({ owner_id: MASTER_TENANT_ID, assigned_id: tenantId('A') })
    // A list of all kinds knows no state but a host's.
    const asked = { tenantId: tenantId('A'), search: 'vm-', limit: 100 }
    const seen = await call(world, 'Mara', { name: 'tenantResources.list', type: 'query' }, asked)
    expect(seen.status).toBe(200)
    expect(seen.text).toContain('vm-1')
  })

  test('I11 equal ids and names in two clouds are two things', async () => {
    await look(world, cloud)
    const twin = await plantThing(world, `Twin ${n++}`, { kind: 'cloud', assigned: 'B' })
    await plantConnection(world, twin, pve)
    await due(world, twin)
    await look(world, twin)
    const [here, there] = [await foundIn(world, cloud), await foundIn(world, twin)]
    expect(there.get('qemu/101')).toMatchObject({ assigned_id: tenantId('B') })
    expect(there.get('qemu/101')?.id).not.toBe(here.get('qemu/101')?.id)
    pve.guests.delete('qemu/110')
    await look(world, twin)
    await look(world, twin)
    expect((await foundIn(world, cloud)).get('qemu/110')?.status).toBe('running')
  })

  test('a cloud of a disabled tenant is not looked into', async () => {
    await due(world, cloud)
    await world.admin.query('update resource set assigned_id = $2 where id = $1', [cloud, tenantId('A')])
    await world.admin.query(`update tenant set status = 'disabled' where id = $1`, [tenantId('A')])
    expect(await claimLook()).toBeNull()
    await world.admin.query(`update tenant set status = 'active' where id = $1`, [tenantId('A')])
    expect(await claimLook()).toMatchObject({ cloudId: cloud })
  })

  test('I17 a secret that was copied to another cloud opens nothing', async () => {
    const other = await plantThing(world, `Copy ${n++}`, { kind: 'cloud', owner: 'A' })
    await world.admin.query(
      `insert into cloud_connection (cloud_id, connector, endpoint, sealed_secret, fingerprint)
       select $1, connector, endpoint, sealed_secret, fingerprint from cloud_connection where cloud_id = $2`,
      [other, cloud],
    )
    pve.asked.length = 0
    expect(await look(world, other)).toMatchObject({ status: 'failed', code: 'unauthenticated' })
    expect(pve.asked).toEqual([])
  })
})

describe('one look at a time', () => {
  test('another takes over from one that is not heard of, whose writes are not taken', async () => {
    await due(world, cloud)
    const first = await claimLook()
    await due(world, cloud)
    expect(await claimLook()).toBeNull()
    await world.admin.query(
      `update cloud_sync set heartbeat_at = now() - interval '2 minutes' where cloud_id = $1`,
      [cloud],
    )
    const second = await claimLook()
    expect(second?.run).not.toBe(first?.run)
    expect(await systemValue('sync_batch', [first?.run ?? '', '[]', 0])).toBe(false)
    expect(await systemValue('sync_finish', [first?.run ?? '', []])).toBeNull()
    expect(await systemValue('sync_beat', [first?.run ?? ''])).toBe(false)
    await lookInto(second!)
    expect(await syncOf(world, cloud)).toMatchObject({ status: 'ok' })
  })

  test('a changed connection is looked at anew: what the old one tells is not taken', async () => {
    await due(world, cloud)
    const claim = await claimLook()
    await world.admin.query(
      `update cloud_connection set settings = '{"a":1}', sealed_secret = '\\x00' where cloud_id = $1`,
      [cloud],
    )
    await lookInto(claim!)
    expect((await foundIn(world, cloud)).size).toBe(0)
    expect(await syncOf(world, cloud)).toMatchObject({ status: 'waiting' })
  })

  test('an ended connection leaves what was found as if entered by hand', async () => {
    await look(world, cloud)
    await world.admin.query('delete from cloud_connection where cloud_id = $1', [cloud])
    expect(await syncOf(world, cloud)).toEqual({})
    const { rows } = await world.admin.query<{ n: number }>(
      `select count(*)::int as n from resource where cloud_id = $1 and kind = 'virtual_machine'`,
      [cloud],
    )
    expect(rows[0]?.n).toBe(10)
  })

  test('a process that stops gives its looks up, and another has them at once', async () => {
    pve.fault = 'silent'
    await due(world, cloud)
    await syncTick()
    await stopLooks()
    expect(await claimLook()).toMatchObject({ cloudId: cloud })
  })
})

describe('what a cloud claims', () => {
  test('I10 is kept inert or left out, and the rest goes on', async () => {
    const row = (vmid: number, more: object) => ({
      ...{ type: 'qemu', id: `qemu/${vmid}`, vmid, node: 'pve1', status: 'running' },
      ...more,
    })
    pve.extra = [
      row(501, { name: '<img src=x onerror=alert(1)>' }),
      row(502, { name: '=cmd|/c calc' }),
      row(503, { name: 'a\r\nb\u202Ec' }),
      row(504, { name: '__proto__', tags: '__proto__;constructor' }),
      row(505, { name: 'x'.repeat(900) }),
      row(101, { name: 'a second vm-1' }),
      row(-7, { name: 'negative' }),
      row(506, { name: '\u0000' }),
      row(507, { name: 'odd', maxcpu: -3, maxmem: 'many', maxdisk: 1e300 }),
      { type: 'qemu', id: 7 },
      null,
      'text',
    ]
    expect(await look(world, cloud)).toMatchObject({ status: 'ok', left_out: 1 })
    const found = await foundIn(world, cloud)
    expect(found.get('qemu/501')?.name).toBe('<img src=x onerror=alert(1)>')
    expect(found.get('qemu/503')?.name).toBe('a b c')
    expect(found.get('qemu/504')?.name).toBe('__proto__')
    expect(found.get('qemu/505')?.name).toHaveLength(255)
    expect(found.get('qemu/101')?.name).toBe('vm-1')
    expect(found.get('qemu/507')?.spec).toEqual({})
    expect([...found.keys()].filter((id) => id.includes('-'))).toEqual([])
  })

  test('hosts beyond the licence are left out and counted, and come when there is room', async () => {
    const { rows } = await world.admin.query<{ n: number }>(
      `select sum(p.hosts)::int as n from host_pool p join tenant t on t.id = p.tenant_id where t.status <> 'deleted'`,
    )
    const before = await world.admin.query<{ host_limit: number }>('select host_limit from licence')
    await world.admin.query('update licence set host_limit = $1', [(rows[0]?.n ?? 0) + 1])
    expect(await look(world, cloud)).toMatchObject({ status: 'ok', left_out: 1 })
    expect([...(await foundIn(world, cloud)).keys()].filter((id) => id.startsWith('node/'))).toEqual([
      'node/pve1',
    ])
    await world.admin.query('update licence set host_limit = $1', [before.rows[0]?.host_limit])
    expect(await look(world, cloud)).toMatchObject({ added: 1, left_out: 0 })
  })
})

const DECLARATION = {
  scope: 'master',
  permission: ['clouds', 'full'],
  licence: 'use',
  audit: 'resource.assign',
  summary: 'as resources.assign',
} as const
