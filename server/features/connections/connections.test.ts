import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemValue } from '@/server/db/system'
import { assign } from '@/server/features/resources/resources.assign.service'
import { call } from '@/server/sweep/call'
import type { ActorName } from '@/test/actors'
import { tenantId } from '@/test/factories'
import { ProxmoxEmulator } from '@/test/proxmox/emulator'
import { createWorld, type World } from '@/test/world'
import { allowLocal, claimLook, due, foundIn, look, syncOf } from './connections.fixture'
import { type Claim, lookInto } from './sync'

let world: World
let pve: ProxmoxEmulator

beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world?.close())
beforeEach(async () => {
  await world.restore()
  pve = await new ProxmoxEmulator().start()
  pve.add({ vmid: 101, name: 'web', status: 'running' })
  allowLocal(`127.0.0.1:${pve.port}`)
  return () => pve.stop()
})

const READS = new Set(['get', 'connectors'])
const ask = (who: ActorName, name: string, input: object) =>
  call(
    world,
    who,
    { name: `connections.${name}`, type: READS.has(name) ? 'query' : 'mutation' } as never,
    input,
  )
const WRONG = '11111111-2222-3333-4444-555555555555'
const how = (more: object = {}) => ({
  connector: 'proxmox',
  endpoint: `https://127.0.0.1:${pve.port}`,
  secret: { tokenId: pve.tokenId, token: pve.token },
  fingerprint: pve.fingerprint,
  ...more,
})
async function connected(): Promise<string> {
  const { status, text } = await ask('Mara', 'create', { name: 'PVE', ...how() })
  expect(status).toBe(200)
  return (JSON.parse(text) as { result: { data: { id: string } } }).result.data.id
}
const auditText = async (): Promise<string> => {
  const { rows } = await world.admin.query<{ text: string }>(
    `select string_agg(a::text, '') as text from audit_event a`,
  )
  return rows[0]?.text ?? ''
}

describe('connecting a cloud', () => {
  test('shows its certificate first, makes nothing of a wrong secret, and then connects', async () => {
    const seen = await ask('Mara', 'look', { connector: 'proxmox', endpoint: `127.0.0.1:${pve.port}` })
    expect(seen.text.replaceAll(':', '').toLowerCase()).toContain(
      pve.fingerprint.replaceAll(':', '').toLowerCase(),
    )
    expect(pve.asked).toEqual([])
    const wrong = await ask('Mara', 'create', {
      name: 'PVE',
      ...how({ secret: { tokenId: pve.tokenId, token: WRONG } }),
    })
    expect(wrong.status).toBe(400)
    expect(wrong.text).toContain('does not accept this token')
    expect((await world.admin.query(`select 1 from resource where name = 'PVE'`)).rowCount).toBe(0)
    const id = await connected()
    expect(await look(world, id)).toMatchObject({ status: 'ok' })
  })

  test('I16 its secret stands in no answer, no error, no row of the log, and in the table only sealed', async () => {
    const refused = await ask('Mara', 'create', { name: 'PVE', ...how({ fingerprint: '0'.repeat(64) }) })
    const id = await connected()
    const answers = [refused, await ask('Mara', 'get', { id }), await ask('Mara', 'check', { id })]
    const { rows } = await world.admin.query('select c::text from cloud_connection c')
    const said = [...answers.map(({ text }) => text), await auditText(), JSON.stringify(rows)].join()
    expect(said).toContain('cloud.connect')
    expect(said).not.toContain(pve.token)
    expect(said).not.toContain(Buffer.from(pve.token).toString('hex'))
  })

  test('I07 another server needs its secret; a check goes to the stored address only', async () => {
    const id = await connected()
    const elsewhere = 'https://127.0.0.1:1'
    const { secret: _, ...open } = how({ endpoint: elsewhere })
    expect((await ask('Mara', 'connect', { id, ...open, untested: true })).status).toBe(400)
    expect((await ask('Mara', 'check', { id, endpoint: elsewhere })).status).toBe(400)
    for (const change of [
      `endpoint = '${elsewhere}'`,
      `settings = '{"node":"x"}'`,
      `fingerprint = repeat('0', 64)`,
      `fingerprint = null, ca = 'x'`,
    ])
      await expect(world.admin.query(`update cloud_connection set ${change}`)).rejects.toMatchObject({
        constraint: 'cloud_connection_rebind',
      })
    expect((await ask('Mara', 'get', { id })).text).toContain(`127.0.0.1:${pve.port}`)
  })

  test('I18 a token that may more than is needed is told', async () => {
    pve.privileges['/'] = { ...pve.privileges['/'], 'Permissions.Modify': 1 }
    const id = await connected()
    const { text } = await ask('Mara', 'check', { id })
    expect(text).toContain('more than is needed: Permissions.Modify')
  })
})

describe('who may', () => {
  test('its owner alone manages it and knows where it is; who uses it reads it anew; others know nothing of it', async () => {
    const id = await connected()
    const mara = await world.asUser('Mara, MSP admin')
    const declaration = { scope: 'tenant', audit: 'resource.assign', summary: 'x' } as never
    await assign(
      { ...mara, call: { name: 'test', declaration, audited: false } },
      'cloud',
      [id],
      tenantId('A'),
    )
    const own = await ask('Ada', 'get', { id })
    expect(own.status).toBe(200)
    expect(own.text).not.toContain(String(pve.port))
    const acts: [string, object][] = [
      ['check', { id }],
      ['schedule', { id, everySeconds: 60, paused: true }],
      ['accept', { id }],
      ['remove', { id, confirmName: 'PVE' }],
      ['connect', { id, ...how() }],
    ]
    for (const [name, input] of acts) {
      expect([name, (await ask('Ada', name, input)).status]).toEqual([name, 403])
      expect([name, (await ask('Bo', name, input)).status]).toEqual([name, 404])
    }
    expect((await ask('Ada', 'refresh', { id })).status).toBe(200)
    expect((await ask('Tom', 'refresh', { id })).status).toBe(403)
    expect((await ask('Bo', 'refresh', { id })).status).toBe(404)
    expect((await ask('Bo', 'get', { id })).text).toBe(
      (await ask('Bo', 'get', { id: crypto.randomUUID() })).text,
    )
  })

  test('its end asks for its name, and leaves what was found', async () => {
    const id = await connected()
    await look(world, id)
    expect((await ask('Mara', 'remove', { id, confirmName: 'pve' })).status).toBe(400)
    expect((await ask('Mara', 'remove', { id, confirmName: 'PVE' })).status).toBe(200)
    const { rows } = await world.admin.query(
      `select (select count(*)::int from resource where cloud_id = $1) as things, (select count(*)::int from cloud_item) as items,
         (select count(*)::int from cloud_sync where cloud_id = $1) as looks`,
      [id],
    )
    expect(rows[0]).toMatchObject({ items: 0, looks: 0 })
    expect((rows[0] as { things: number }).things).toBeGreaterThan(3)
    expect((await ask('Mara', 'refresh', { id })).status).toBe(409)
  })
})

describe('a look that writes', () => {
  test('while its cloud goes to another tenant gives what it finds to that one', async () => {
    const id = await connected()
    await due(world, id)
    const claim = await claimLook()
    const mover = new pg.Client({ connectionString: world.database.adminUrl })
    await mover.connect()
    await mover.query('begin')
    await mover.query('update resource set assigned_id = $2 where id = $1', [id, tenantId('B')])
    const looking = lookInto(claim as Claim)
    await vi.waitFor(async () => {
      const { rowCount } = await world.admin.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%sync_%'`,
      )
      expect(rowCount).toBe(1)
    })
    await mover.query('commit')
    await mover.end()
    await looking
    const found = [...(await foundIn(world, id)).values()]
    expect(new Set(found.map((one) => one.assigned_id))).toEqual(new Set([tenantId('B')]))
  })

  test('is followed by the one that is asked for meanwhile', async () => {
    const id = await connected()
    await due(world, id)
    const claim = await claimLook()
    expect((await ask('Mara', 'refresh', { id })).status).toBe(200)
    await lookInto(claim as Claim)
    expect(await claimLook()).toMatchObject({ cloudId: id })
  })

  test('and fails is followed at once by the one that is asked for meanwhile, which waits its time when it fails, too', async () => {
    const id = await connected()
    pve.fault = 500
    await due(world, id)
    const claim = await claimLook()
    expect((await ask('Mara', 'refresh', { id })).status).toBe(200)
    await lookInto(claim as Claim)
    expect(await syncOf(world, id)).toMatchObject({ failures: 1 })
    const next = await claimLook()
    expect(next).toMatchObject({ cloudId: id })
    await lookInto(next as Claim)
    expect(await syncOf(world, id)).toMatchObject({ failures: 2 })
    expect(await claimLook()).toBeNull()
  })

  test('makes nothing else of an id than it was', async () => {
    const id = await connected()
    await look(world, id)
    await due(world, id)
    const claim = await claimLook()
    const row = {
      ...{ e: 'qemu/101', k: 'network', n: 'other', p: null, s: {}, t: 'online' },
      ...{ f: {}, l: null, h: 'x', g: 'x' },
    }
    expect(
      await systemValue<boolean, 'sync_batch'>('sync_batch', [claim?.run ?? '', JSON.stringify([row]), 0]),
    ).toBe(true)
    expect((await foundIn(world, id)).get('qemu/101')).toMatchObject({ kind: 'virtual_machine', name: 'web' })
    expect(await syncOf(world, id)).toMatchObject({ left_out: 1 })
  })
})
