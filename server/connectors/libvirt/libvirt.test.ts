import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { kindOf } from '@/lib/resource-kinds/registry'
import { checkSpec } from '@/server/features/resources/resources.spec'
import { type Screen, serveVnc } from '@/test/vnc'
import { ensureLibvirt, type Libvirt, startLibvirt } from '@/test/libvirt'
import type { ActionName, ConnectorContext, Found, Outcome, Transport } from '../contract'
import { createTransport } from '../transport/transport'
import { LIBVIRT } from '.'

type Context = ConnectorContext<(typeof LIBVIRT.settings)['_output'], (typeof LIBVIRT.secret)['_output']>

const contextOf = (transport: Transport, secret: Context['secret'] = {}): Context => ({
  transport,
  settings: { uri: 'test:///default' },
  secret,
  signal: AbortSignal.timeout(60_000),
})

/** Of the machine's screen; not where QEMU begins, as another test may have one there. */
const VNC_PORT = 5987

const bySocket = (path: string, local = [`127.0.0.1:${VNC_PORT}`]): Transport =>
  createTransport({
    endpoint: { scheme: 'unix', path },
    egress: { networks: [], local: [path, ...local] },
    trust: {},
    signal: AbortSignal.timeout(60_000),
  })

const byTls = (port: number, fingerprint: string, secret: Context['secret']): Transport =>
  createTransport({
    endpoint: { scheme: 'tls', host: '127.0.0.1', port },
    egress: { networks: [], local: [`127.0.0.1:${port}`] },
    trust: { fingerprint },
    clientCertificate: LIBVIRT.clientCertificate!(secret),
    signal: AbortSignal.timeout(60_000),
  })

async function discovered(context: Context): Promise<Found[]> {
  const all: Found[] = []
  for await (const batch of LIBVIRT.discover(context)) all.push(...batch)
  return all
}

const WEB = `<domain type='test'>
  <name>web</name>
  <description>Shop &amp; blog</description>
  <metadata><os:libosinfo xmlns:os='http://libosinfo.org/xmlns/libvirt/domain/1.0'>
    <os:os id='http://debian.org/debian/12'/>
  </os:libosinfo></metadata>
  <memory unit='MiB'>512</memory><vcpu>2</vcpu>
  <os><type arch='x86_64'>hvm</type></os>
  <devices>
    <disk type='file' device='disk'><source file='/default-pool/web.qcow2'/><target dev='vda'/></disk>
    <disk type='volume' device='disk'><source pool='default-pool' volume='data.raw'/><target dev='vdb'/></disk>
    <disk type='file' device='cdrom'><source file='/default-pool/setup.iso'/><target dev='hdc'/></disk>
    <interface type='network'><source network='default'/></interface>
    <graphics type='vnc' port='${VNC_PORT}' autoport='no' listen='127.0.0.1' passwd='shop-vnc'/>
  </devices>
</domain>`

test('takes a certificate and its own key, or neither; and only drivers of the server itself', () => {
  expect(LIBVIRT.secret.safeParse({ certificate: 'x', key: 'y' }).success).toBe(false)
  expect(LIBVIRT.secret.safeParse({}).success).toBe(true)
  expect(LIBVIRT.settings.parse({})).toEqual({ uri: 'qemu:///system' })
  expect(LIBVIRT.settings.safeParse({ uri: 'qemu+ssh://elsewhere/system' }).success).toBe(false)
})

describe.skipIf(!ensureLibvirt())('libvirt', () => {
  let libvirt: Libvirt
  let admin: Context
  /** The mock hypervisor forgets all when nobody is connected. */
  const stay = new AbortController()
  let staying: Promise<void>
  beforeAll(async () => {
    libvirt = await startLibvirt()
    admin = contextOf(bySocket(libvirt.socket))
    staying = LIBVIRT.watch!({ ...admin, signal: stay.signal }, () => undefined)
    await LIBVIRT.test(admin)
    libvirt.define(WEB)
    libvirt.virsh(
      'vol-create-as default-pool base.qcow2 10M --format qcow2',
      'vol-create-as default-pool web.qcow2 20M --format qcow2 --backing-vol base.qcow2 --backing-vol-format qcow2',
      'vol-create-as default-pool data.raw 30M --format raw',
      'vol-create-as default-pool setup.iso 5M --format iso',
    )
  })
  afterAll(async () => {
    stay.abort()
    await staying
    await libvirt?.stop()
  })

  const web = async () => (await discovered(admin)).find(({ name }) => name === 'web')
  const doTo = async (target: Found, name: ActionName, snapshot?: string): Promise<Outcome> =>
    LIBVIRT.follow!(admin, await LIBVIRT.act!(admin, { name, target, snapshot }))
  const well = { ok: true, message: '' }
  const saying = (text: string) => ({ ok: false, message: expect.stringContaining(text) as string })

  test('opens the screen of a machine, with the password that libvirt keeps, where the address may be reached', async () => {
    const target = (await web())!
    const screen: Screen = { keys: [] }
    const server = net.createServer((socket) => serveVnc(socket, screen, 'shop-vnc'))
    await new Promise<void>((resolve) => server.listen(VNC_PORT, '127.0.0.1', resolve))
    await expect(LIBVIRT.console!(admin, target)).rejects.toMatchObject({ code: 'unsupported' })
    expect(await doTo(target, 'start')).toEqual(well)
    const { kind, stream } = await LIBVIRT.console!(admin, target)
    expect(kind).toBe('screen')
    stream.write(Buffer.from([1, 4, 1, 0, 0, 0, 0, 0xff, 0x0d]))
    await vi.waitFor(() => expect(screen.keys).toEqual([0xff0d]))
    stream.destroy()
    const elsewhere = { ...admin, transport: bySocket(libvirt.socket, []) }
    await expect(LIBVIRT.console!(elsewhere, target)).rejects.toMatchObject({ code: 'blocked_address' })
    await new Promise((resolve) => server.close(resolve))
    await expect(LIBVIRT.console!(admin, target)).rejects.toMatchObject({ code: 'unreachable' })
    // Somebody else's by the time it was reached
    const beside = async (port: number) => {
      const found = await admin.transport.beside(port)
      libvirt.virsh('destroy web')
      return found
    }
    const moving = net.createServer((socket) => serveVnc(socket, screen, 'shop-vnc'))
    await new Promise<void>((resolve) => moving.listen(VNC_PORT, '127.0.0.1', resolve))
    const late = { ...admin, transport: { ...admin.transport, beside } }
    await expect(LIBVIRT.console!(late, target)).rejects.toMatchObject({ code: 'unsupported' })
    await new Promise((resolve) => moving.close(resolve))
    const without = (await discovered(admin)).find(({ name }) => name === 'test')!
    await expect(LIBVIRT.console!(admin, without)).rejects.toMatchObject({ code: 'unsupported' })
  })

  test('finds all that stands there, and what it is', async () => {
    expect(await LIBVIRT.test(admin)).toEqual({
      server: expect.stringMatching(/^libvirt \d+\.\d+\.\d+ \(TEST \d+\.\d+\.\d+\), ./) as string,
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
      findings: [],
    })
    const all = await discovered(admin)
    expect(new Set(all.map(({ externalId }) => externalId)).size).toBe(all.length)
    expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(LIBVIRT.capabilities.finds))
    for (const { kind, spec } of all) expect(checkSpec(kindOf(kind)!, spec).fields).toEqual({})
    const byKind = (kind: Found['kind']) =>
      all.filter((each) => each.kind === kind).sort((a, b) => a.name.localeCompare(b.name))
    const [network] = byKind('network')
    expect(network).toMatchObject({
      name: 'default',
      spec: { cidr: '192.168.122.0/24', gateway: '192.168.122.1', dhcp: true },
      status: 'online',
    })
    const [pool] = byKind('datastore')
    const size = { type: 'directory', capacity: 100 * 2 ** 30, used: 65 * 2 ** 20 }
    expect(pool).toMatchObject({ name: 'default-pool', spec: size, status: 'online' })
    // a disk of a machine is no image, what it was made from is
    expect(byKind('virtual_image').map(({ name, spec }) => [name, spec.format])).toEqual([
      ['base.qcow2', 'qcow2'],
      ['setup.iso', 'iso'],
    ])
    expect(byKind('host')).toMatchObject([{ externalId: 'host', usage: { memoryTotal: 3 * 2 ** 30 } }])
    expect(all.find(({ name }) => name === 'web')).toMatchObject({
      kind: 'virtual_machine',
      externalId: expect.stringMatching(/^domain\/[0-9a-f-]{36}$/) as string,
      parent: 'host',
      spec: { description: 'Shop & blog', os: 'debian 12', cores: 2, memory: 2 ** 29, disk: 50 * 2 ** 20 },
      status: 'stopped',
      facts: { Architecture: 'x86_64', Autostart: 'No' },
      links: {
        networks: [network?.externalId],
        datastores: [pool?.externalId],
        image: [byKind('virtual_image')[0]?.externalId],
      },
    })
  })

  test('each action has its real end, a refused one too', async () => {
    const target = (await web())!
    expect(await doTo(target, 'start')).toEqual(well)
    expect(await web()).toMatchObject({ status: 'running', externalId: target.externalId })
    expect(await doTo(target, 'start')).toMatchObject(saying('running'))
    expect(await doTo(target, 'delete')).toMatchObject(saying('running'))
    expect(libvirt.virsh('domstate web')).toContain('running')
    expect(await doTo(target, 'suspend')).toEqual(well)
    expect(await web()).toMatchObject({ status: 'paused' })
    expect(await doTo(target, 'resume')).toEqual(well)
    expect(await doTo(target, 'reboot')).toEqual(well)
    expect(await doTo(target, 'snapshot', 's1')).toEqual(well)
    expect(libvirt.virsh('snapshot-list web --name').trim()).toBe('s1')
    expect(await LIBVIRT.snapshots!(admin, target)).toEqual([
      { name: 's1', takenAt: expect.stringMatching(/^\d{4}-.*Z$/) as string },
    ])
    expect(await doTo(target, 'snapshot', 's1')).toMatchObject({ ok: false })
    expect(await doTo(target, 'shutdown')).toEqual(well)
    expect(libvirt.virsh('domstate web')).toContain('shut off')
    expect(await doTo(target, 'rollback', 's1')).toEqual(well)
    expect(await web()).toMatchObject({ status: 'running' })
    expect(await doTo(target, 'rollback', 's2')).toMatchObject(saying('snapshot'))
    expect(await doTo(target, 'delete_snapshot', 's1')).toEqual(well)
    expect(await LIBVIRT.snapshots!(admin, target)).toEqual([])
    expect(await doTo(target, 'stop')).toEqual(well)
    expect(await doTo(target, 'stop')).toMatchObject(saying('not running'))
  })

  test('a name of a snapshot is a name, and says nothing more to libvirt', async () => {
    const target = (await web())!
    for (const snapshot of ['', 'a b', '<x/>', 's</name><x/>', '../s', undefined])
      await expect(LIBVIRT.act!(admin, { name: 'snapshot', target, snapshot })).rejects.toMatchObject({
        code: 'unsupported',
      })
    for (const externalId of ['host', 'domain/x', `network/${target.externalId.split('/')[1]}`])
      await expect(
        LIBVIRT.act!(admin, { name: 'stop', target: { kind: 'virtual_machine', externalId } }),
      ).rejects.toMatchObject({ code: 'unsupported' })
  })

  test('what its owner wrote into a machine hides neither it nor others', async () => {
    const before = await discovered(admin)
    const names = Array.from({ length: 250 }, (_, at) => `<y xmlns="urn:${at}"/>`).join('')
    libvirt.virsh(`desc web --config "${'long '.repeat(2000)}"`)
    const long = (await web())!
    expect(checkSpec(kindOf('virtual_machine')!, long.spec).fields).toEqual({})
    expect(long.spec).toMatchObject({ cores: 2, disk: 50 * 2 ** 20 })
    // more namespaces than are read here
    libvirt.virsh(`metadata web --uri urn:x --key x --set '<x>${names}</x>'`)
    const after = await discovered(admin)
    expect(after.map(({ externalId }) => externalId).sort()).toEqual(
      before.map(({ externalId }) => externalId).sort(),
    )
    expect(after.find(({ name }) => name === 'web')).toMatchObject({
      spec: { cores: 2, memory: 2 ** 29 },
      status: 'stopped',
      facts: { Description: 'It cannot be read' },
    })
    libvirt.virsh('metadata web --uri urn:x --remove')
  })

  test('tells of changes until it is stopped', async () => {
    const stop = new AbortController()
    let changes = 0
    const watching = LIBVIRT.watch!({ ...admin, signal: stop.signal }, () => changes++)
    const change = async (...commands: string[]) => {
      const before = changes
      for (let tries = 0; changes === before && tries < 50; tries++, await sleep(20))
        libvirt.virsh(commands[tries % commands.length] ?? '')
      expect(changes).toBeGreaterThan(before)
    }
    await change('start web', 'destroy web')
    if (libvirt.virsh('domstate web').includes('running')) libvirt.virsh('destroy web')
    await change('net-destroy default', 'net-start default')
    await change('pool-destroy default-pool', 'pool-start default-pool')
    stop.abort()
    await watching
  })

  test('TLS: the certificate of the client counts, and that of the server', async () => {
    const over = (secret: Context['secret'], fingerprint = libvirt.fingerprint) =>
      contextOf(byTls(libvirt.port, fingerprint, secret), secret)
    const { client, stranger } = libvirt
    expect(LIBVIRT.secret.parse(client)).toEqual({
      certificate: client.certificate.trim(),
      key: client.key.trim(),
    })
    expect((await LIBVIRT.test(over(client))).findings).toEqual([])
    expect((await discovered(over(client))).map(({ name }) => name)).toContain('web')
    await expect(LIBVIRT.test(over(stranger))).rejects.toMatchObject({ code: 'unauthenticated' })
    await expect(LIBVIRT.test(over({}))).rejects.toMatchObject({ code: 'unauthenticated' })
    await expect(LIBVIRT.test(over(client, '0'.repeat(64)))).rejects.toMatchObject({
      code: 'changed_certificate',
    })
  })

  test('who may only read is told so, and changes nothing', async () => {
    const reader = contextOf(bySocket(libvirt.readOnlySocket))
    expect((await LIBVIRT.test(reader)).findings).toMatchObject([
      { level: 'warning', message: expect.stringContaining('only read') as string },
    ])
    const target = (await discovered(reader)).find(({ name }) => name === 'web')!
    const before = libvirt.virsh('domstate web')
    for (const name of ['start', 'suspend', 'stop', 'shutdown', 'snapshot'] as const)
      await expect(LIBVIRT.act!(reader, { name, target, snapshot: 's1' })).rejects.toMatchObject({
        code: 'forbidden',
      })
    expect(libvirt.virsh('domstate web')).toBe(before)
  })

  test('a hypervisor that the server does not drive is said', async () => {
    await expect(LIBVIRT.test({ ...admin, settings: { uri: 'qemu:///system' } })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('driver') as string,
    })
  })

  test('deletes with its snapshots, and only what is off', async () => {
    const target = (await web())!
    expect(await doTo(target, 'snapshot', 's1')).toEqual(well)
    expect(await doTo(target, 'delete')).toEqual(well)
    expect(await web()).toBeUndefined()
    await expect(LIBVIRT.act!(admin, { name: 'start', target })).rejects.toMatchObject({ code: 'not_found' })
  })

  test('a server that goes away ends the stream', async () => {
    const other = await startLibvirt()
    const watching = LIBVIRT.watch!(contextOf(bySocket(other.socket)), () => undefined)
    const lost = expect(watching).rejects.toMatchObject({ code: 'unreachable' })
    await sleep(200)
    await other.stop()
    await lost
  })
})
