import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemValue } from '@/server/db/system'
import { plantThing } from '@/server/features/clouds/clouds.fixture'
import { allowLocal, foundIn, look, plantConnection } from '@/server/features/connections/connections.fixture'
import { call } from '@/server/sweep/call'
import type { PersonName } from '@/test/actors'
import { tenantId } from '@/test/factories'
import { ProxmoxEmulator } from '@/test/proxmox/emulator'
import { createWorld, type World } from '@/test/world'
import { actionsEnded, actionsTick } from './machines.jobs'

let world: World
let pve: ProxmoxEmulator
let vm: string
let n = 0

beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world?.close())
beforeEach(async () => {
  pve = await new ProxmoxEmulator().start()
  pve.add({ vmid: 101, name: 'web', status: 'running' })
  const cloud = await plantThing(world, `Machines ${n++}`, { kind: 'cloud', assigned: 'A' })
  await plantConnection(world, cloud, pve)
  allowLocal(`127.0.0.1:${pve.port}`)
  await look(world, cloud)
  vm = (await foundIn(world, cloud)).get('qemu/101')?.id ?? ''
  return async () => {
    await pve.stop()
    await world.admin.query('delete from cloud_connection')
  }
})

const act = (who: PersonName, action: string, more: object = {}) =>
  call(world, who, { name: 'machines.act', type: 'mutation' }, { id: vm, action, ...more })

async function doing(): Promise<{ status: string; message: string; handle: string | null } | undefined> {
  const { rows } = await world.admin.query<{ status: string; message: string; handle: string | null }>(
    'select status, message, handle from cloud_action where resource_id = $1 order by created_at desc limit 1',
    [vm],
  )
  return rows[0]
}
async function done() {
  await actionsTick()
  await actionsEnded()
  return doing()
}

describe('what is done with a machine', () => {
  test('is asked of its cloud once, followed to its real end, and stands in the logs at both', async () => {
    expect((await act('Ada', 'stop')).status).toBe(200)
    expect(await doing()).toMatchObject({ status: 'queued' })
    expect(await done()).toEqual({
      status: 'ok',
      message: '',
      handle: expect.stringMatching(/^UPID:/) as string,
    })
    expect(pve.guests.get('qemu/101')?.status).toBe('stopped')
    const { rows } = await world.admin.query<{ tenant: string; event: string; result: string }>(
      `select t.slug as tenant, e.event, e.result from audit_event e join tenant t on t.id = e.tenant_id
       where e.target_id = $1 and e.event like 'machine.%' order by t.slug, e.event`,
      [vm],
    )
    expect(rows).toEqual([
      { tenant: 'acme', event: 'machine.act', result: 'ok' },
      { tenant: 'acme', event: 'machine.act_end', result: 'ok' },
      { tenant: 'default', event: 'machine.act_end', result: 'ok' },
    ])
  })

  test('that the cloud does not do ends as failed, in its words', async () => {
    await act('Ada', 'snapshot', { snapshot: 'before' })
    await done()
    await act('Ada', 'snapshot', { snapshot: 'before' })
    expect(await done()).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('already used') as string,
    })
  })

  test('one thing at a time', async () => {
    const answers = await Promise.all([act('Ada', 'stop'), act('Ada', 'reboot'), act('Ada', 'shutdown')])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409])
    await done()
  })

  test('only in the state where it makes sense, and a deletion with its name, by its owner', async () => {
    expect((await act('Ada', 'start')).status).toBe(403)
    expect((await act('Ada', 'snapshot')).status).toBe(400)
    await act('Ada', 'stop')
    await done()
    expect((await act('Ada', 'delete', { confirmName: 'web' })).status).toBe(403)
  })

  test('not by a viewer, not by the master that assigned it away, not by a sibling', async () => {
    expect((await act('Tom', 'stop')).status).toBe(403)
    expect((await act('Mara', 'stop')).status).toBe(403)
    expect((await act('Bo', 'stop')).status).toBe(404)
    expect(await doing()).toBeUndefined()
  })

  test('that was assigned elsewhere meanwhile is not done', async () => {
    await act('Ada', 'stop')
    await world.admin.query(
      'update resource set assigned_id = $2 where cloud_id = (select cloud_id from resource where id = $1)',
      [vm, tenantId('B')],
    )
    pve.asked.length = 0
    expect(await done()).toMatchObject({ status: 'failed', message: 'It is not yours to use any more' })
    expect(pve.asked).toEqual([])
  })
})

describe('a worker that died', () => {
  const claim = () => systemValue<{ id: string } | null, 'action_claim'>('action_claim', [])
  const later = () => world.admin.query(`update cloud_action set heartbeat_at = now() - interval '1 minute'`)

  test('before the cloud answered: it is not asked for a second time', async () => {
    await act('Ada', 'stop')
    await claim()
    await later()
    pve.asked.length = 0
    expect(await done()).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('interrupted') as string,
    })
    expect(pve.asked).toEqual([])
  })

  test('after it: another one follows it to its end', async () => {
    await act('Ada', 'stop')
    const mine = await claim()
    const upid = 'UPID:pve1:00007B05:00069B91:6B019165:qmstop:101:freehold@pve!portal:'
    pve.tasks.push({ upid, type: 'qmstop', id: '101', exitstatus: 'OK', left: 0 })
    await systemValue<null, 'action_beat'>('action_beat', [mine?.id ?? '', upid])
    await later()
    pve.asked.length = 0
    expect(await done()).toMatchObject({ status: 'ok' })
    expect(pve.asked.some((one) => one.startsWith('POST'))).toBe(false)
  })
})
