import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { plantThing } from '@/server/features/clouds/clouds.fixture'
import { tenantId } from '@/test/factories'
import { ProxmoxEmulator } from '@/test/proxmox/emulator'
import { createWorld, type World } from '@/test/world'
import { allowLocal, look, plantConnection, syncOf } from './connections.fixture'

let world: World
let pve: ProxmoxEmulator
let cloud: string
let n = 0
const now = Math.floor(Date.now() / 1000)

beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world?.close())
beforeEach(async () => {
  pve = await new ProxmoxEmulator().start()
  for (const vmid of [101, 102]) pve.add({ vmid, name: `vm-${vmid}`, status: 'running' })
  pve.backups.push(
    {
      volid: 'ceph:backup/vzdump-qemu-101-2026_11_29-01_00_00.vma.zst',
      storage: 'ceph',
      vmid: 101,
      ctime: now - 3600,
      size: 5e9,
    },
    {
      ...{
        volid: 'local:backup/vzdump-qemu-102-2026_11_29-01_00_00.vma.zst',
        storage: 'local',
        node: 'pve1',
        vmid: 102,
      },
      ...{
        ctime: now - 7200,
        size: 7,
        notes: 'a\u202Eb',
        protected: 1 as const,
        verification: { state: 'ok' },
      },
    },
    {
      volid: 'ceph:backup/vzdump-qemu-999-2026_11_01-01_00_00.vma.zst',
      storage: 'ceph',
      vmid: 999,
      ctime: now - 9e5,
      size: 1,
    },
  )
  pve.did('qmstart', '101', { start: now - 60 })
  pve.did('qmstop', '102', { start: now - 50, exitstatus: 'command failed \u0007' })
  pve.did('qmstart', '999', { start: now - 40 })
  pve.did('aptupdate', '', { start: now - 30 })
  pve.did('qmstart', '101', { start: now - 40 * 86_400 })
  cloud = await plantThing(world, `Streams ${n++}`, { kind: 'cloud' })
  await plantConnection(world, cloud, pve)
  allowLocal(`127.0.0.1:${pve.port}`)
  return async () => {
    await pve.stop()
    await world.admin.query('delete from cloud_connection')
  }
})

const activity = async () =>
  (
    await world.admin.query<Record<string, unknown>>(
      `select a.title, a.target, a.status, a.message, a.actor, r.name as about, a.owner_id, a.assigned_id from cloud_activity a
       join resource r on r.id = a.resource_id where a.cloud_id = $1 order by a.started_at desc`,
      [cloud],
    )
  ).rows
const backups = async () =>
  (
    await world.admin.query<Record<string, unknown>>(
      `select b.guest, b.datastore, b.size::text, b.protected, b.verified, b.notes, r.name as about, b.gone_at, b.assigned_id
       from cloud_backup b join resource r on r.id = b.resource_id where b.cloud_id = $1 order by b.taken_at desc`,
      [cloud],
    )
  ).rows
const assignVm = (vmid: number, key: 'A' | 'B') =>
  world.admin.query(
    `update resource set assigned_id = $2 where id = (select resource_id from cloud_item where cloud_id = $3 and external_id = $1)`,
    [`qemu/${vmid}`, tenantId(key), cloud],
  )

test('a look keeps tasks and backups: about what they are, as inert text, none older than 30 days', async () => {
  expect(await look(world, cloud)).toMatchObject({ status: 'ok', activity_note: '' })
  expect(await activity()).toMatchObject([
    { title: 'aptupdate', target: '', about: expect.stringContaining('Streams') as string },
    { title: 'Start', target: 'qemu/999', about: expect.stringContaining('Streams') as string },
    { title: 'Stop', target: 'qemu/102', about: 'vm-102', status: 'failed', message: 'command failed' },
    { title: 'Start', target: 'qemu/101', about: 'vm-101', status: 'ok', actor: 'freehold@pve!portal' },
  ])
  expect(await backups()).toMatchObject([
    { guest: 'qemu/101', datastore: 'storage/ceph', about: 'vm-101', size: '5000000000', protected: false },
    { guest: 'qemu/102', datastore: 'storage/pve1/local', notes: 'a b', protected: true, verified: 'ok' },
    { guest: 'qemu/999', about: expect.stringContaining('Streams') as string },
  ])
})

test('what was done before a thing went to another tenant stays with the owner; what comes after is seen by its user', async () => {
  await look(world, cloud)
  await assignVm(101, 'A')
  await assignVm(102, 'A')
  pve.did('qmreboot', '101', { start: now - 10 })
  await look(world, cloud) // it may have been done before
  pve.did('qmshutdown', '101', { start: now - 5 })
  pve.did('aptupdate', '', { start: now - 4 })
  await look(world, cloud)
  await assignVm(102, 'B')
  const of = new Map(
    (await activity()).map((row) => [`${String(row.title)} ${String(row.target)}`, row.assigned_id]),
  )
  expect(Object.fromEntries(of)).toEqual({
    'aptupdate ': MASTER_TENANT_ID,
    'Shut down qemu/101': tenantId('A'),
    'Reboot qemu/101': MASTER_TENANT_ID,
    'Start qemu/999': MASTER_TENANT_ID,
    'Stop qemu/102': MASTER_TENANT_ID,
    'Start qemu/101': MASTER_TENANT_ID,
  })
})

test('tasks that cannot be read fail no look, and that is said; a backup that is not told of is kept for a week', async () => {
  await look(world, cloud)
  pve.failingPath = '/cluster/tasks'
  const failed = await look(world, cloud)
  expect(failed).toMatchObject({ status: 'ok', failures: 0 })
  expect(failed.activity_note).toBe('Its tasks and events could not be read: The server failed (500)')
  pve.failingPath = '/content'
  const later = () =>
    world.admin.query(`update cloud_sync set backups_at = now() - interval '1 hour' where cloud_id = $1`, [
      cloud,
    ])
  await later()
  expect((await look(world, cloud)).activity_note).toMatch(/^Its backups could not be read/)
  expect((await backups()).map(({ gone_at }) => gone_at)).toEqual([null, null, null])
  pve.failingPath = null
  pve.backups.length = 2
  await later()
  expect(await look(world, cloud)).toMatchObject({ activity_note: '' })
  expect((await backups()).map(({ gone_at }) => gone_at !== null)).toEqual([false, false, true])
  await world.admin.query(
    `update cloud_backup set gone_at = gone_at - interval '8 days' where gone_at is not null`,
  )
  await later()
  await look(world, cloud)
  expect(await backups()).toHaveLength(2)
})

test('a task that is told of no more runs no more; of another server nothing is kept', async () => {
  pve.did('qmclone', '101', { start: now - 3, left: 1 })
  await look(world, cloud)
  expect((await activity())[0]).toMatchObject({ title: 'Clone', status: 'running' })
  pve.tasks.pop()
  await look(world, cloud)
  expect((await activity())[0]).toMatchObject({ title: 'Clone', status: 'unknown' })
  await world.admin.query('delete from cloud_connection where cloud_id = $1', [cloud])
  expect([await activity(), await backups()]).toEqual([[], []])
  expect(await syncOf(world, cloud)).toEqual({})
})
