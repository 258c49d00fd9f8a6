import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { inTenant } from '@/server/db/scope'
import { plantThing } from '@/server/features/clouds/clouds.fixture'
import { allowLocal, look, plantConnection } from '@/server/features/connections/connections.fixture'
import { call } from '@/server/sweep/call'
import type { PersonName } from '@/test/actors'
import { tenantId, userId } from '@/test/factories'
import { ProxmoxEmulator } from '@/test/proxmox/emulator'
import { createWorld, type World } from '@/test/world'

let world: World
let pve: ProxmoxEmulator
let cloud: string
let n = 0
const now = Math.floor(Date.now() / 1000)

beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world?.close())

/** A cloud of the master's: 101 is Acme's, 102 Bolt's, 103 the master's own. */
beforeEach(async () => {
  pve = await new ProxmoxEmulator().start()
  for (const vmid of [101, 102, 103]) pve.add({ vmid, name: `vm-${vmid}` })
  cloud = await plantThing(world, `Streams ${n++}`, { kind: 'cloud' })
  await plantConnection(world, cloud, pve)
  allowLocal(`127.0.0.1:${pve.port}`)
  await look(world, cloud)
  for (const [vmid, key] of [
    [101, 'A'],
    [102, 'B'],
  ] as const)
    await world.admin.query(
      `update resource set assigned_id = $2 where id = (select resource_id from cloud_item where cloud_id = $3 and external_id = $1)`,
      [`qemu/${vmid}`, tenantId(key), cloud],
    )
  await world.admin.query('update cloud_sync set backups_at = null where cloud_id = $1', [cloud])
  await look(world, cloud)
  await world.admin.query(
    `update cloud_sync set backups_at = now() - interval '1 hour', moved_at = now() - interval '2 hours' where cloud_id = $1`,
    [cloud],
  )
  for (const vmid of [101, 102, 103, 999]) {
    pve.did('qmstart', String(vmid), { start: now - vmid })
    pve.backups.push({
      volid: `ceph:backup/vzdump-qemu-${vmid}-x.vma.zst`,
      storage: 'ceph',
      vmid,
      ctime: now - vmid,
      size: vmid,
    })
  }
  pve.did('aptupdate', '', { start: now - 5 })
  await look(world, cloud)
  return async () => {
    await pve.stop()
    await world.admin.query('delete from cloud_connection')
  }
})

interface Told {
  rows: {
    title?: string
    about: { name: string; kind: string }
    unknown: string | null
    cloud: { name: string } | null
    datastore?: unknown
  }[]
  nextCursor?: string
  prevCursor?: string
  total: number
}
const ask = async (who: PersonName, name: 'activity' | 'backups', input: object = {}): Promise<Told> => {
  const { status, text } = await call(world, who, { name: `streams.${name}`, type: 'query' }, input)
  expect(status, text).toBe(200)
  return (JSON.parse(text) as { result: { data: Told } }).result.data
}
const abouts = ({ rows }: Told) => rows.map(({ about, unknown }) => unknown ?? about.name).sort()

describe('tasks and backups of a cloud', () => {
  test('are told to who owns what they are about, and to who uses it; never to a sibling', async () => {
    for (const name of ['activity', 'backups'] as const) {
      expect(abouts(await ask('Ada', name)), name).toEqual(['vm-101'])
      expect(abouts(await ask('Bo', name)), name).toEqual(['vm-102'])
      const own = name === 'activity' ? [expect.stringContaining('Streams')] : []
      const all = abouts(await ask('Mara', name, { cloudId: cloud }))
      expect(all, name).toEqual([...(own as string[]), 'qemu/999', 'vm-101', 'vm-102', 'vm-103'])
    }
    const [row] = (await ask('Ada', 'backups')).rows
    expect(row).toMatchObject({ cloud: null, datastore: null })
  })

  test('are told to a person as far as their roles reach', async () => {
    await world.admin.query(
      `with r as (insert into user_role (tenant_id, name, levels) values ($1, 'Own machines', '{"virtualMachines": "user"}') returning id)
       insert into role_assignment (tenant_id, user_id, role_id) select $1, $2, id from r`,
      [tenantId('A'), userId('Nora')],
    )
    for (const name of ['activity', 'backups'] as const)
      expect(abouts(await ask('Nora', name)), name).toEqual([])
    await world.admin.query(
      `update resource set created_by = $1 where id = (select resource_id from cloud_item where cloud_id = $2 and external_id = 'qemu/101')`,
      [userId('Nora'), cloud],
    )
    for (const name of ['activity', 'backups'] as const)
      expect(abouts(await ask('Nora', name)), name).toEqual(['vm-101'])
  })

  test('also by the wall alone, for who asks with no filter', async () => {
    const asked = { where: { cloudId: cloud }, select: { resource: { select: { name: true } } } } as const
    const seen = async (who: string) =>
      inTenant(await world.asUser(who), async (tx) =>
        [await tx.cloudActivity.findMany(asked), await tx.cloudBackup.findMany(asked)].map((rows) =>
          rows.map(({ resource }) => resource.name),
        ),
      )
    expect(await seen('Ada')).toEqual([['vm-101'], ['vm-101']])
    expect(await seen('Bo')).toEqual([['vm-102'], ['vm-102']])
  })

  test('come a page at a time, the newest first, and are found by machine, state and words', async () => {
    const first = await ask('Mara', 'activity', { cloudId: cloud, limit: 2 })
    expect(first.rows.map(({ title, about }) => [title, about.name])).toEqual([
      ['aptupdate', expect.stringContaining('Streams')],
      ['Start', 'vm-101'],
    ])
    expect(first.total).toBe(5)
    const next = await ask('Mara', 'activity', { cloudId: cloud, limit: 2, cursor: first.nextCursor })
    expect(next.rows.map(({ about }) => about.name)).toEqual(['vm-102', 'vm-103'])
    const back = await ask('Mara', 'activity', { cloudId: cloud, limit: 2, cursor: next.prevCursor })
    expect(back.rows).toEqual(first.rows)
    expect(abouts(await ask('Mara', 'activity', { cloudId: cloud, search: 'VM-102' }))).toEqual(['vm-102'])
    expect((await ask('Mara', 'activity', { cloudId: cloud, status: ['failed'] })).rows).toEqual([])
    expect((await ask('Mara', 'activity', { cloudId: cloud, kind: 'event' })).rows).toEqual([])
    const { rows } = await world.admin.query<{ id: string }>(
      `select resource_id as id from cloud_item where cloud_id = $1 and external_id = 'qemu/102'`,
      [cloud],
    )
    expect(abouts(await ask('Mara', 'backups', { resourceId: rows[0]?.id }))).toEqual(['vm-102'])
    expect((await ask('Ada', 'backups', { resourceId: rows[0]?.id })).rows).toEqual([])
  })
})
