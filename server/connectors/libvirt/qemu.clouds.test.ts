import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kindOf } from '@/lib/resource-kinds/registry'
import { checkSpec } from '@/server/features/resources/resources.spec'
import { type LibvirtQemu, startQemu, whyNoQemu } from '@/test/libvirt-qemu'
import type { ActionName, ConnectorContext, Found, Outcome } from '../contract'
import { createTransport } from '../transport/transport'
import { LIBVIRT } from '.'

type Context = ConnectorContext<(typeof LIBVIRT.settings)['_output'], (typeof LIBVIRT.secret)['_output']>

const contextOf = (path: string, signal = AbortSignal.timeout(300_000)): Context => ({
  transport: createTransport({
    endpoint: { scheme: 'unix', path },
    egress: { networks: [], local: [path] },
    trust: {},
    signal,
  }),
  settings: LIBVIRT.settings.parse({}),
  secret: {},
  signal,
})

const machine = (name: string, disk: string, more = '') => `<domain type='qemu'>
  <name>${name}</name><memory unit='MiB'>32</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type></os><features><acpi/></features>
  <devices>${disk}${more}</devices>
</domain>`
const disk = (file: string) =>
  `<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${file}'/><target dev='vda' bus='virtio'/></disk>`
const MAC = '52:54:00:12:34:56'
const CARD = `<interface type='network'><mac address='${MAC}'/><source network='lab'/></interface>`

const why = whyNoQemu()
describe.skipIf(why)(`libvirt with QEMU${why && ` (skipped: ${why})`}`, () => {
  let libvirt: LibvirtQemu
  let admin: Context
  beforeAll(async () => {
    libvirt = await startQemu()
    admin = contextOf(libvirt.socket)
    libvirt.define(machine('web', disk(`${libvirt.pool}/web.qcow2`), CARD))
    // nothing to boot from: the firmware waits, and does not listen to ACPI
    libvirt.define(machine('deaf', ''))
  })
  afterAll(() => libvirt?.stop())

  const all = async () => {
    const found: Found[] = []
    for await (const batch of LIBVIRT.discover(admin)) found.push(...batch)
    return found
  }
  const named = async (name: string) => (await all()).find((each) => each.name === name)!
  const act = (target: Found, name: ActionName, snapshot?: string) =>
    LIBVIRT.act!(admin, { name, target, snapshot })
  const doTo = async (target: Found, name: ActionName, snapshot?: string): Promise<Outcome> =>
    LIBVIRT.follow!(admin, await act(target, name, snapshot))
  const well = { ok: true, message: '' }
  const saying = (text: string) => ({ ok: false, message: expect.stringContaining(text) as string })
  /** Its first sector was read so often since it was started: the guest is past its firmware, and waits for the power button. */
  const booted = async (times: number) => {
    const reads = () =>
      Number(/block\.0\.rd\.reqs=(\d+)/.exec(libvirt.virsh('domstats web --block'))?.[1] ?? 0)
    for (let tries = 0; reads() < times; tries++, await sleep(100))
      if (tries > 300) throw new Error('The guest does not boot')
    await sleep(500)
  }

  test('finds machines, their disks and what these were made from', async () => {
    expect(await LIBVIRT.test(admin)).toMatchObject({
      server: expect.stringMatching(/^libvirt \d+\.\d+\.\d+ \(QEMU \d+\.\d+\.\d+\), ./) as string,
      findings: [],
    })
    const found = await all()
    for (const { kind, spec } of found) expect(checkSpec(kindOf(kind)!, spec).fields).toEqual({})
    const id = (name: string) => found.find((each) => each.name === name)?.externalId
    expect(await named('web')).toMatchObject({
      status: 'stopped',
      spec: { cores: 1, memory: 2 ** 25, disk: 2 ** 23 },
      links: { networks: [id('lab')], datastores: [id('disks')], image: [id('base.qcow2')] },
    })
    expect(await named('lab')).toMatchObject({
      spec: { cidr: '10.77.0.0/24', gateway: '10.77.0.1', dhcp: true },
      status: 'online',
      facts: { Mode: 'isolated', Bridge: 'fhlab0' },
    })
    const images = found
      .filter(({ kind }) => kind === 'virtual_image')
      .map(({ name, spec }) => [name, spec.format])
    expect(images.sort()).toEqual([
      ['base.qcow2', 'qcow2'],
      ['setup.iso', 'iso'],
    ])
    const host = found.find(({ kind }) => kind === 'host')
    expect(host?.usage?.memoryUsed).toBeGreaterThan(0)
    expect(host?.usage?.memoryUsed).toBeLessThan(host?.usage?.memoryTotal ?? 0)
  })

  test('starts, shuts down and reboots a guest that listens, to its real end', async () => {
    const web = await named('web')
    expect(await doTo(web, 'start')).toEqual(well)
    await booted(1)
    expect(await named('web')).toMatchObject({ status: 'running', usage: { memoryTotal: 2 ** 25 } })
    expect(await doTo(web, 'delete')).toMatchObject(saying('running'))
    expect(await doTo(web, 'reboot')).toEqual(well)
    expect(await doTo(web, 'suspend')).toEqual(well)
    expect(libvirt.virsh('domstate web')).toContain('paused')
    expect(await doTo(web, 'resume')).toEqual(well)
    await booted(2)
    expect(await doTo(web, 'shutdown')).toEqual(well)
    expect(libvirt.virsh('domstate web')).toContain('shut off')
  })

  test('a guest that does not listen is not said to have shut down', async () => {
    const deaf = await named('deaf')
    expect(await doTo(deaf, 'start')).toEqual(well)
    const handle = JSON.parse(await act(deaf, 'shutdown')) as { until: number }
    expect(handle.until).toBeGreaterThan(Date.now() + 100_000)
    const soon = JSON.stringify({ ...handle, until: Date.now() + 2000 })
    expect(await LIBVIRT.follow!(admin, soon)).toMatchObject(saying('ACPI'))
    expect(await doTo(deaf, 'snapshot', 's1')).toMatchObject({ ok: false })
    expect(await doTo(deaf, 'stop')).toEqual(well)
  })

  test('snapshots hold the memory of a running machine, and come back', async () => {
    const web = await named('web')
    await doTo(web, 'start')
    expect(await doTo(web, 'snapshot', 'before')).toEqual(well)
    expect(await LIBVIRT.snapshots!(admin, web)).toMatchObject([{ name: 'before' }])
    expect(await doTo(web, 'snapshot', 'before')).toMatchObject(saying('exists'))
    expect(await doTo(web, 'stop')).toEqual(well)
    expect(await doTo(web, 'rollback', 'before')).toEqual(well)
    expect(await named('web')).toMatchObject({ status: 'running' })
    expect(await doTo(web, 'delete_snapshot', 'before')).toEqual(well)
    expect(await doTo(web, 'rollback', 'before')).toMatchObject(saying('snapshot'))
    expect(await doTo(web, 'stop')).toEqual(well)
  })

  test('addresses are those that its network has leased, as long as they are', async () => {
    const now = Math.floor(Date.now() / 1000)
    const lease = (address: string, mac: string, ends: number) => ({
      'ip-address': address,
      'mac-address': mac,
      'client-id': `01:${mac}`,
      'expiry-time': ends,
      hostname: 'web',
    })
    // as libvirt's helper for dnsmasq writes it
    const leases = [
      lease('10.77.0.10', MAC, now + 3600),
      lease('10.77.0.11', MAC, now - 3600),
      lease('10.77.0.12', '52:54:00:00:00:01', now + 3600),
    ]
    const file = '/var/lib/libvirt/dnsmasq/fhlab0.status'
    libvirt.inside('sh', '-c', `printf %s "$0" > ${file}`, JSON.stringify(leases))
    expect(await named('web')).toMatchObject({ spec: { addresses: ['10.77.0.10'] } })
  })

  test('deletes the definition with its snapshots, and leaves the disk', async () => {
    const web = await named('web')
    expect(await doTo(web, 'snapshot', 's1')).toEqual(well)
    expect(await doTo(web, 'delete')).toEqual(well)
    expect(await named('web')).toBeUndefined()
    expect(libvirt.virsh('vol-list disks')).toContain('web.qcow2')
  })
})
