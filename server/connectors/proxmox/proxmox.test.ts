import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Action, type ActionName, ConnectorError, type Found } from '@/server/connectors/contract'
import { PROXMOX } from '@/server/connectors/proxmox'
import { readTasks } from '@/server/connectors/proxmox/activity'
import { examine } from '@/server/connectors/proxmox/doctor'
import { readResources } from '@/server/connectors/proxmox/resources'
import { createTransport } from '@/server/connectors/transport/transport'
import { FULL, ProxmoxEmulator } from '@/test/proxmox/emulator'
import recorded from '@/test/proxmox/recorded.json'

type Row = Record<string, unknown>
const bodyOf = (as: string, path: string): unknown =>
  recorded.entries.find((one) => one.as === as && one.path === `/api2/json${path}`)?.body
const dataOf = (as: string, path: string): unknown => (bodyOf(as, path) as { data: unknown }).data
const byId = (found: readonly Found[], id: string) => found.find(({ externalId }) => externalId === id)

describe('what a real Proxmox VE answered', () => {
  it('is read: nodes, pools, stores, machines and containers, also one whose node is offline', () => {
    const found = [...readResources(dataOf('administrator', '/cluster/resources'))]
    expect(byId(found, 'qemu/100')).toMatchObject({
      kind: 'virtual_machine',
      name: 'web1',
      parent: 'pool/tenant-a',
      status: 'running',
      spec: { cores: 2, memory: 134_217_728, disk: 1_073_741_824 },
      facts: { Number: '100', Node: 'pve1', Tags: 'a, prod' },
    })
    expect(byId(found, 'qemu/101')).toMatchObject({
      name: 'VM 101',
      status: 'unknown',
      parent: undefined,
      spec: {},
    })
    expect(byId(found, 'lxc/200')).toMatchObject({ name: 'ct200', facts: { Type: 'Container' } })
    expect(byId(found, 'node/pve1')).toMatchObject({ kind: 'host', status: 'online' })
    expect(byId(found, 'storage/pve1/local')).toMatchObject({
      kind: 'datastore',
      parent: 'node/pve1',
      usage: { diskTotal: 270_553_174_016 },
    })
    expect(byId(found, 'pool/tenant-b')).toMatchObject({ kind: 'resource_pool' })
  })

  it('to a token of one pool is read as far as it goes', () => {
    const found = [...readResources(dataOf('pool auditor', '/cluster/resources'))]
    expect(found.map(({ externalId }) => externalId).sort()).toEqual(['node/pve1', 'qemu/100'])
  })

  it('of tasks says what was done to what, by whom, and how it ended', () => {
    expect(readTasks(dataOf('administrator', '/cluster/tasks'))[0]).toMatchObject({
      title: 'Start',
      target: 'qemu/100',
      actor: 'alice@pve!portal',
      status: 'ok',
    })
  })

  it('of privileges is examined: enough, too few, too many', () => {
    const auditor = examine(dataOf('pool auditor', '/access/permissions'), 'bob@pve!ro')
    expect(auditor[0]).toMatchObject({ level: 'warning' })
    expect(auditor[0]?.message).toContain('start, stop, suspend and resume')
    expect(auditor[0]?.commands?.[2]).toBe("pveum acl modify / --tokens 'bob@pve!ro' --roles Freehold")
    const all = examine(dataOf('administrator', '/access/permissions'), 'alice@pve!portal')
    expect(all.map(({ message }) => message).join()).toContain('more than is needed: Permissions.Modify')
    expect(examine({ '/': Object.fromEntries(FULL.map((one) => [one, 1])) }, 'a@pve!b')).toEqual([])
    expect(examine({}, 'a@pve!b')[0]).toMatchObject({ level: 'error' })
  })

  it('has the fields that the emulator’s answers have, so that it and the connector do not only agree with each other', async () => {
    const emulator = await new ProxmoxEmulator().start()
    try {
      emulator.add({ vmid: 100, pool: 'tenant-a' })
      const mine = await Promise.all(
        ['/cluster/resources', '/version'].map(async (path) => [path, await raw(emulator, path)] as const),
      )
      for (const [path, data] of mine) {
        const real = [dataOf('administrator', path)].flat() as Row[]
        for (const row of [data].flat() as Row[]) {
          if (row.type === 'network') continue // the recorded one had no software-defined network
          const alike = real.filter(({ type }) => type === row.type).flatMap((one) => Object.keys(one))
          expect(alike, `${path} ${String(row.type)}`).toEqual(expect.arrayContaining(Object.keys(row)))
        }
      }
    } finally {
      await emulator.stop()
    }
  })
})

describe('rows of a hostile or broken server (I10, I11)', () => {
  const guest = (more: Row): Row => ({
    type: 'qemu',
    id: 'qemu/7',
    vmid: 7,
    node: 'pve1',
    name: 'x',
    status: 'running',
    ...more,
  })
  it('are left out where they have no id, and read as far as they can be', () => {
    const found = [
      ...readResources([
        guest({ id: 'qemu/7', vmid: -7 }),
        guest({ id: 'qemu/8', vmid: 7 }),
        guest({ id: 5 }),
        guest({
          id: 'qemu/9',
          vmid: 9,
          name: 'x'.repeat(1_000_000),
          maxmem: 'much',
          status: 'constructor',
          pool: {},
        }),
        guest({ name: 'first' }),
        guest({ name: 'second' }),
        { type: '__proto__', id: 'x' },
        { type: 'constructor', id: 'y' },
        null,
        7,
        'row',
      ]),
    ]
    expect(found.map(({ externalId, name, status }) => [externalId, name, status])).toEqual([
      ['qemu/9', 'VM 9', 'unknown'],
      ['qemu/7', 'first', 'running'],
    ])
  })

  it('with times beyond the year 9999 are no tasks, and snapshots without a time', async () => {
    const task = { upid: 'UPID:pve1:1:1:1:qmstart:7:a@pve:', type: 'qmstart', status: 'OK' }
    expect([
      ...readTasks([
        { ...task, starttime: 7e12 },
        { ...task, starttime: 1, endtime: 7e12 },
      ]),
    ]).toEqual([expect.objectContaining({ startedAt: '1970-01-01T00:00:01.000Z' })])
    const pve = await new ProxmoxEmulator().start()
    pve.add({ vmid: 7, snapshots: [{ name: 'late', snaptime: 1e300 }] })
    const context = {
      transport: transportTo(pve, new AbortController().signal),
      ...{ settings: {}, secret: { tokenId: pve.tokenId, token: pve.token } },
      signal: new AbortController().signal,
    }
    expect(await PROXMOX.snapshots!(context, { kind: 'virtual_machine', externalId: 'qemu/7' })).toEqual([
      { name: 'late' },
    ])
    await pve.stop()
  })

  it('of any JSON end in a list or in an error of the connector', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.array(
            fc.dictionary(
              fc.constantFrom('type', 'id', 'vmid', 'node', 'upid', 'starttime'),
              fc.oneof(fc.constantFrom('qemu', 'node', 'qemu/1'), fc.jsonValue()),
            ),
          ),
        ),
        (data) => {
          for (const read of [readResources, readTasks])
            try {
              for (const one of read(data)) expect(typeof one.externalId).toBe('string')
            } catch (error) {
              expect(error).toBeInstanceOf(ConnectorError)
            }
          examine(data, 'a@pve!b')
        },
      ),
    )
  })
})

const transportTo = (emulator: ProxmoxEmulator, signal: AbortSignal) =>
  createTransport({
    endpoint: { scheme: 'https', host: '127.0.0.1', port: emulator.port },
    egress: { networks: [], local: [`127.0.0.1:${emulator.port}`] },
    trust: { fingerprint: emulator.fingerprint },
    signal,
  })
async function raw(emulator: ProxmoxEmulator, path: string): Promise<unknown> {
  const headers = { authorization: `PVEAPIToken=${emulator.tokenId}=${emulator.token}` }
  const transport = transportTo(emulator, new AbortController().signal)
  const { body } = await transport.request({ method: 'GET', path: `/api2/json${path}`, headers })
  return (JSON.parse(body.toString()) as { data: unknown }).data
}

describe('the connector', () => {
  let pve: ProxmoxEmulator
  beforeAll(async () => {
    pve = await new ProxmoxEmulator().start()
  })
  afterAll(() => pve.stop())
  beforeEach(() => {
    pve.guests.clear()
    pve.tasks.length = pve.asked.length = 0
    Object.assign(pve, { fault: null, pools: null, extra: [] })
  })

  const open = (more: { token?: string; signal?: AbortSignal } = {}) => {
    const signal = more.signal ?? new AbortController().signal
    const secret = { tokenId: pve.tokenId, token: more.token ?? pve.token }
    return { transport: transportTo(pve, signal), settings: {}, secret, signal }
  }
  const discovered = async (context = open()) => {
    const all: Found[] = []
    for await (const batch of PROXMOX.discover(context)) all.push(...batch)
    return all
  }
  const errorOf = async (work: Promise<unknown>) => {
    const error: unknown = await work.then(
      () => null,
      (e: unknown) => e,
    )
    expect(error).toBeInstanceOf(ConnectorError)
    // Neither the token nor what the server says of its own insides.
    expect(String(error)).not.toMatch(new RegExp(`${pve.token}|/etc/pve`))
    return error as ConnectorError
  }
  const does = async (name: ActionName, snapshot?: string, externalId = 'qemu/100') => {
    const action: Action = { name, target: { kind: 'virtual_machine', externalId }, snapshot }
    return PROXMOX.follow?.(open(), (await PROXMOX.act?.(open(), action)) ?? '')
  }

  it('says to which cluster it came, and what the token lacks', async () => {
    expect(await PROXMOX.test(open())).toEqual({
      server: 'Proxmox VE 9.2.11, cluster prod (2 nodes)',
      version: '9.2.11',
      findings: [],
    })
    pve.pools = ['tenant-a']
    pve.privileges = { '/pool/tenant-a': { 'VM.Audit': 1 } }
    expect(await PROXMOX.test(open())).toMatchObject({
      server: 'Proxmox VE 9.2.11',
      findings: [{ level: 'warning' }],
    })
  })

  it('finds everything by one request, a shared store once, each id once', async () => {
    for (let vmid = 100; vmid < 2600; vmid++) pve.add({ vmid, pool: vmid % 2 ? 'tenant-a' : undefined })
    const found = await discovered()
    expect(pve.asked).toEqual(['GET /cluster/resources'])
    expect(found.filter(({ kind }) => kind === 'virtual_machine')).toHaveLength(2500)
    expect(
      found
        .filter(({ kind }) => kind === 'datastore')
        .map(({ externalId }) => externalId)
        .sort(),
    ).toEqual(['storage/ceph', 'storage/pve1/local', 'storage/pve2/local'])
    expect(found.filter(({ kind }) => kind === 'network')).toMatchObject([
      { externalId: 'network/localnetwork' },
    ])
    expect(new Set(found.map(({ externalId }) => externalId)).size).toBe(found.length)
    const at = (id: string) => found.findIndex(({ externalId }) => externalId === id)
    expect(at('pool/tenant-a')).toBeLessThan(at('qemu/101'))
  })

  it.each([
    ['html', 'wrong_server'],
    ['truncated', 'bad_answer'],
    ['redirect', 'wrong_server'],
    ['no envelope', 'wrong_server'],
    ['no list', 'bad_answer'],
    [401, 'unauthenticated'],
    [403, 'forbidden'],
    [429, 'rate_limited'],
    [500, 'server_error'],
    [595, 'unreachable'],
  ] as const)('ends in an error rather than in an empty list: %s', async (fault, code) => {
    pve.add({ vmid: 100 })
    pve.fault = fault
    const error = await errorOf(discovered())
    expect(error.code).toBe(code)
    expect(error.retryAfter).toBe(fault === 429 ? 7 : undefined)
  })

  it('with a wrong token is told so, and a token is checked before it is sent anywhere', async () => {
    expect((await errorOf(discovered(open({ token: '00000000-0000-4000-8000-000000000000' })))).code).toBe(
      'unauthenticated',
    )
    for (const tokenId of ['root@pam', "a@pve!x'; rm -rf /", 'a b@pve!x', 'ä@pve!x', 'a@pve!x\r\nX: y'])
      expect(PROXMOX.secret.safeParse({ tokenId, token: pve.token }).success, tokenId).toBe(false)
    expect(PROXMOX.secret.safeParse({ tokenId: pve.tokenId, token: pve.token }).success).toBe(true)
    expect(PROXMOX.secret.safeParse({ tokenId: pve.tokenId, token: 'secret' }).success).toBe(false)
  })

  it('acts where the guest is now, once, and is followed to its real end', async () => {
    const guest = pve.add({ vmid: 100, node: 'pve2' })
    expect(await does('start')).toEqual({ ok: true, message: '' })
    expect(guest.status).toBe('running')
    // Answered with 200 and a task; only its exit status tells.
    expect(await does('start')).toEqual({ ok: false, message: 'VM 100 already running' })
    guest.node = 'pve1'
    for (const name of ['suspend', 'resume', 'reboot', 'shutdown'] as const)
      expect(await does(name)).toMatchObject({ ok: true })
    expect(await does('stop')).toEqual({ ok: false, message: 'VM not running' })
    expect(await does('snapshot', 'before')).toMatchObject({ ok: true })
    expect(await PROXMOX.snapshots?.(open(), { kind: 'virtual_machine', externalId: 'qemu/100' })).toEqual([
      { name: 'before', takenAt: '2026-11-21T12:26:40.000Z' },
    ])
    expect(await does('rollback', 'before')).toMatchObject({ ok: true })
    expect(await does('rollback', 'never')).toMatchObject({ ok: false })
    expect(await does('delete_snapshot', 'before')).toEqual({ ok: true, message: 'WARNINGS: 1' })
    expect(await does('delete')).toMatchObject({ ok: true })
    expect((await errorOf(does('delete'))).code).toBe('not_found')
    expect(pve.asked.filter((one) => one.startsWith('POST') && one.endsWith('/status/start'))).toHaveLength(2)
    expect((await PROXMOX.activity?.(open()))?.[0]).toMatchObject({ kind: 'task', target: 'qemu/100' })
  })

  it('does not act on what is no guest, nor with a name that would be another path', async () => {
    pve.add({ vmid: 100 })
    for (const id of ['node/pve1', 'qemu/100/../../access/users', 'qemu/0', 'storage/local'])
      expect((await errorOf(does('start', undefined, id))).code, id).toBe('unsupported')
    for (const name of ['../x', 'a&force=1', 'current', '', undefined])
      expect((await errorOf(does('snapshot', name))).code, name).toBe('unsupported')
    for (const handle of ['UPID:a/../b:x', 'UPID:pve1:a/b', 'x']) {
      const followed = PROXMOX.follow?.(open(), handle) ?? Promise.resolve()
      expect((await errorOf(followed)).code, handle).toBe('bad_answer')
    }
    expect(pve.asked.every((one) => one === 'GET /cluster/resources?type=vm')).toBe(true)
  })

  it('stops when it is told to', async () => {
    const gone = new AbortController()
    pve.add({ vmid: 100 })
    const upid =
      (await PROXMOX.act?.(open(), {
        name: 'start',
        target: { kind: 'virtual_machine', externalId: 'qemu/100' },
      })) ?? ''
    const [task] = pve.tasks
    if (task) task.left = 1000
    const followed = PROXMOX.follow?.(open({ signal: gone.signal }), upid)
    gone.abort()
    await expect(followed).rejects.toThrow()
  })
})
