import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { OpenStackEmulator } from '@/test/openstack/emulator'
import recorded from '@/test/openstack/recorded.json'
import { listsOf, PROJECT, serverOf, tokenOf, VOLUME } from '@/test/openstack/shapes'
import { createTransport } from '../transport/transport'
import { ConnectorError, type ActionName, type Found, type HttpRequest, type Outcome } from '../contract'
import { chooseServices } from './services'
import { OPENSTACK } from '.'

const endpoint = (type: string, url: string, region = 'one', face = 'public') => ({
  type,
  endpoints: [{ url, interface: face, region }],
})

describe('the services of a catalogue', () => {
  const HERE = 'https://cloud.example'
  const identity = endpoint('identity', `${HERE}/identity`)

  test('are reached by their paths, however these are written', () => {
    expect(
      chooseServices([
        identity,
        endpoint('compute', `${HERE}/compute/v2/8e1b0c5a`),
        endpoint('network', `${HERE}:443/network/`),
        endpoint('image', `${HERE}/image/v2`),
        endpoint('volumev3', `${HERE}/volume/v3/8e1b0c5a`),
      ]),
    ).toEqual({
      compute: { path: '/compute/v2.1' },
      network: { path: '/network/v2.0' },
      image: { path: '/image/v2' },
      volume: { path: '/volume/v3/8e1b0c5a' },
    })
  })

  test('are not where another port, host or scheme is, nor where a path is more than that', () => {
    expect(
      chooseServices([
        identity,
        endpoint('compute', 'https://cloud.example:8774/v2.1'),
        endpoint('network', 'http://cloud.example/network'),
        endpoint('image', `${HERE}/image%0d%0aX: y`),
        endpoint('volume', 'https://169.254.169.254/volume'),
      ]),
    ).toEqual({ compute: 'elsewhere', network: 'elsewhere', image: 'elsewhere', volume: 'elsewhere' })
    expect(chooseServices([identity, endpoint('compute', `${HERE}/compute`, 'one', 'internal')])).toEqual({
      ...{ compute: 'absent', network: 'absent', image: 'absent', volume: 'absent' },
    })
    expect(chooseServices([null, 7, {}, { type: 'compute', endpoints: [null, {}] }]).compute).toBe('absent')
  })

  test('are those of one region', () => {
    const two = [
      identity,
      endpoint('compute', `${HERE}/one/compute`),
      endpoint('compute', `${HERE}/two/compute`, 'two'),
    ]
    expect(() => chooseServices(two)).toThrow(ConnectorError)
    expect(chooseServices(two, 'two').compute).toEqual({ path: '/two/compute/v2.1' })
    expect(() => chooseServices(two, 'three')).toThrow(ConnectorError)
  })
})

describe('what a real OpenStack answered', () => {
  const bodyOf = (path: string) => recorded.entries.find((entry) => entry.path === path)
  /** Each request by the recorded answer to it; a page of one row is the first, and the only one. */
  const request = async ({ method, path }: HttpRequest) => {
    const plain = path.replace(/limit=1000/, 'limit=1').replace(/&marker=.*/, '&marker=')
    const entry = recorded.entries.find((one) => one.method === method && one.path === plain)
    const next =
      plain.endsWith('marker=') && !entry
        ? { status: 200, body: { [plain.split(/[/?]/)[3] ?? '']: [] } }
        : entry
    if (!next) throw new Error(`Not recorded: ${method} ${plain}`)
    const body = Buffer.from(JSON.stringify(next.body))
    return { status: next.status, statusText: '', headers: { 'x-subject-token': 'gAAAAAB' }, body }
  }
  const noStream = () => Promise.reject(new Error('No stream'))
  const context = {
    transport: { request, connect: noStream, beside: noStream },
    settings: {},
    secret: { id: '0'.repeat(32), secret: 'recorded' },
    signal: new AbortController().signal,
  }

  test('is read', async () => {
    const report = { server: 'OpenStack (compute API 2.93), project shop', version: '2.93', findings: [] }
    expect(await OPENSTACK.test(context)).toEqual(report)
    const all: Found[] = []
    for await (const batch of OPENSTACK.discover(context)) {
      all.push(...batch)
      // of the recorded two pages the second one says, as real ones do, that there is more
      if (all.filter(({ kind }) => kind === 'virtual_machine').length === 2) break
    }
    const named = (name: string) => all.find((found) => found.name === name)
    expect(named('front')).toMatchObject({
      kind: 'network',
      spec: { cidr: '10.20.0.0/24', dns: ['10.20.0.2'] },
    })
    expect(named('small')).toMatchObject({ kind: 'virtual_image', spec: { os: 'debian', format: 'qcow2' } })
    expect(named('web')).toMatchObject({
      status: 'running',
      spec: { cores: 1, memory: 64 * 2 ** 20 },
      links: { networks: [named('front')?.externalId], image: [named('small')?.externalId] },
    })
    expect(named('db')).toMatchObject({ status: 'running', links: { networks: [] } })
    expect(JSON.stringify(all)).not.toMatch(/hunter/)
  })

  test('has the fields that the emulator’s answers have, so that it and the connector do not only agree with each other', () => {
    /** Told by others, or by administrators, as the API reference says. */
    const elsewhere = /^(provider:|fault$|port_security_enabled$|os_version$)/
    const keys = (value: unknown) => Object.keys(value as object).filter((name) => !elsewhere.test(name))
    const first = (path: string, field: string) =>
      (bodyOf(path)?.body as unknown as Record<string, unknown[]>)[field]?.[0]
    const lists = listsOf(PROJECT.id)
    const options = { port: 1, roles: [], life: 1, isRestricted: true, elsewhere: {}, absent: [], id: 'x' }
    const { token } = tokenOf(options)
    const real = (bodyOf('/identity/v3/auth/tokens')?.body as unknown as { token: typeof token }).token
    const servers = '/compute/v2.1/servers/detail?limit=1&marker='
    const pairs: [unknown, unknown][] = [
      [serverOf('web', 'ACTIVE'), first(servers, 'servers')],
      [lists['/networking/v2.0/networks'].rows[0], first('/network/v2.0/networks?limit=1', 'networks')],
      [lists['/networking/v2.0/subnets'].rows[0], first('/network/v2.0/subnets?limit=1', 'subnets')],
      [lists['/image/v2/images'].rows[0], first('/image/v2/images?limit=1', 'images')],
      [token, real],
      [token.catalog[0], real.catalog[0]],
      [token.catalog[0]?.endpoints[0], real.catalog[0]?.endpoints[0]],
    ]
    for (const [mine, theirs] of pairs) expect(keys(theirs)).toEqual(expect.arrayContaining(keys(mine)))
  })
})

describe('the connector', () => {
  let cloud: OpenStackEmulator
  beforeAll(async () => {
    cloud = await new OpenStackEmulator().start()
  })
  afterAll(() => cloud.stop())
  beforeEach(() => cloud.reset())

  interface More {
    secret?: string
    region?: string
    path?: string
    signal?: AbortSignal
  }
  const open = ({
    secret = cloud.credential.secret,
    region,
    path,
    signal = AbortSignal.timeout(20_000),
  }: More = {}) => ({
    transport: createTransport({
      endpoint: { scheme: 'https', host: '127.0.0.1', port: cloud.port },
      egress: { networks: [], local: [`127.0.0.1:${cloud.port}`] },
      trust: { fingerprint: cloud.fingerprint },
      signal,
    }),
    settings: OPENSTACK.settings.parse({ region, path }),
    secret: { id: cloud.credential.id, secret },
    signal,
  })
  const discovered = async (context = open()) => {
    const all: Found[] = []
    for await (const batch of OPENSTACK.discover(context)) all.push(...batch)
    return all
  }
  const errorOf = async (work: Promise<unknown>) => {
    const error: unknown = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(ConnectorError)
    expect(String(error)).not.toMatch(/hunter|Fr33|gAAAAA|\/etc\/nova/)
    return error as ConnectorError
  }
  const idOf = (name: string) => `server/${cloud.byName(name).id}`
  const does = async (name: ActionName, externalId: string): Promise<Outcome> => {
    const target = { kind: 'virtual_machine', externalId } as const
    return OPENSTACK.follow!(open(), await OPENSTACK.act!(open(), { name, target }))
  }
  const signIns = () => cloud.asked.filter((one) => one.endsWith('/auth/tokens')).length
  const well = { ok: true, message: '' }

  test('says to which cloud it came', async () => {
    expect(await OPENSTACK.test(open())).toEqual({
      server: 'OpenStack (compute API 2.93), project shop',
      version: '2.93',
      findings: [],
    })
  })

  test('finds the project, networks, images, volumes and servers, and no secret of them', async () => {
    const all = await discovered()
    const folder = `project/${PROJECT.id}`
    const named = (name: string) => all.find((found) => found.name === name)
    expect(new Set(all.map(({ externalId }) => externalId)).size).toBe(all.length)
    expect(all[0]).toMatchObject({ kind: 'folder', externalId: folder, name: 'shop' })
    expect(named('front')).toMatchObject({
      kind: 'network',
      parent: folder,
      status: 'online',
      spec: { cidr: '10.20.0.0/24', gateway: '10.20.0.1', dhcp: true, dns: ['10.20.0.2'], vlan: 120 },
      facts: { Subnets: 'fd00:20::/64, 10.20.0.0/24' },
    })
    expect(named('outside')).toMatchObject({ status: 'offline', facts: { External: 'Yes' } })
    expect(named('outside')?.parent).toBeUndefined()
    expect(named('debian-12')).toMatchObject({
      kind: 'virtual_image',
      status: 'online',
      spec: { os: 'debian 12', format: 'qcow2', size: 350_000_000, minDisk: 3 * 2 ** 30 },
    })
    expect(named('mine')).toMatchObject({ parent: folder, status: 'offline', spec: { os: 'Unknown' } })
    expect(named('data')).toMatchObject({
      kind: 'datastore',
      spec: { type: 'other', capacity: 50 * 2 ** 30 },
    })
    expect(named('web')).toMatchObject({
      kind: 'virtual_machine',
      parent: folder,
      status: 'running',
      spec: { cores: 2, memory: 2 ** 32, disk: 20 * 2 ** 30, addresses: ['10.20.0.7', '203.0.113.9'] },
      facts: { Flavor: 'm1.medium', 'Availability zone': 'nova', Tags: 'prod' },
      links: {
        networks: [named('front')?.externalId],
        datastores: [`volume/${VOLUME}`],
        image: [named('debian-12')?.externalId],
      },
    })
    expect(named('db')).toMatchObject({ status: 'stopped', links: { networks: [] } })
    expect(JSON.stringify(all)).not.toMatch(/hunter/)
  })

  test('reads on page by page, by the last id and never by the address that the cloud gives', async () => {
    cloud.servers = Array.from({ length: 25 }, (_, at) => serverOf(`s${at}`, 'ACTIVE'))
    cloud.pageSize = 10
    const found = (await discovered()).filter(({ kind }) => kind === 'virtual_machine')
    expect(found).toHaveLength(25)
    cloud.pageSize = 1
    expect((await discovered()).filter(({ kind }) => kind === 'virtual_image')).toHaveLength(2)
    expect(cloud.asked.every((one) => !one.includes('internal.example'))).toBe(true)
    cloud.fault = 'endless'
    expect((await errorOf(discovered())).code).toBe('bad_answer')
  })

  test('keeps a token until near its end, and gets another where it is no longer taken', async () => {
    await discovered()
    await discovered()
    expect(signIns()).toBe(1)
    // Keystone is looked for once, too
    expect(cloud.asked.filter((one) => one === 'GET /identity/v3')).toHaveLength(1)
    cloud.endTokens()
    expect(await does('start', idOf('db'))).toEqual(well)
    expect(signIns()).toBe(2)
    cloud.endTokens()
    cloud.life = 299
    await discovered()
    expect(signIns()).toBeGreaterThan(3)
  })

  test('with a wrong secret is told so, and checks what is entered before it is sent', async () => {
    expect((await errorOf(discovered(open({ secret: 'wrong' })))).code).toBe('unauthenticated')
    const takes = (secret: object) => OPENSTACK.secret.safeParse(secret).success
    expect(takes(cloud.credential)).toBe(true)
    expect(takes({ id: 'freehold', secret: 'x' })).toBe(false)
    for (const path of ['identity', '/identity/v3/', '/a b', '/x?y', 'https://x/v3', '/a\r\nX: y'])
      expect(OPENSTACK.settings.safeParse({ path }).success, path).toBe(false)
  })

  test('finds Keystone, or is told its path', async () => {
    cloud.keystone = '/v3'
    expect((await OPENSTACK.test(open())).findings).toEqual([])
    cloud.reset()
    cloud.keystone = '/keystone/v3'

    expect((await errorOf(OPENSTACK.test(open()))).code).toBe('wrong_server')
    expect((await OPENSTACK.test(open({ path: '/keystone/v3' }))).findings).toEqual([])
    expect((await errorOf(OPENSTACK.test(open({ path: '/nowhere' })))).code).toBe('wrong_server')
    cloud.reset()
    expect((await OPENSTACK.test(open({ region: 'RegionOne' }))).findings).toEqual([])
    expect((await errorOf(OPENSTACK.test(open({ region: 'RegionTwo' })))).code).toBe('unsupported')
  })

  test('says what is not reached, and what the credential may too much or too little', async () => {
    cloud.elsewhere = { network: 'https://127.0.0.1:9696/', image: 'https://images.example/' }
    cloud.absent = ['block-storage']
    cloud.roles = ['admin']
    cloud.isRestricted = false
    const { findings } = await OPENSTACK.test(open())
    expect(findings.map(({ message }) => message)).toEqual([
      expect.stringContaining('networks'),
      expect.stringContaining('images'),
      expect.stringContaining('unrestricted'),
      expect.stringContaining('admin'),
    ])
    expect((await discovered()).map(({ kind }) => kind)).toEqual([
      'folder',
      'virtual_machine',
      'virtual_machine',
    ])
    cloud.reset()
    cloud.roles = ['reader']
    cloud.elsewhere = { compute: 'https://127.0.0.1:8774/v2.1' }
    // a test signs in anew: what was said before may have changed
    expect((await OPENSTACK.test(open())).findings).toMatchObject([
      { level: 'error', message: expect.stringContaining('servers') as string },
      { level: 'warning', message: expect.stringContaining('only looks') as string },
    ])
    expect((await errorOf(discovered(open()))).code).toBe('unsupported')
  })

  test.each([
    ['html', 'wrong_server'],
    ['truncated', 'bad_answer'],
    ['no list', 'bad_answer'],
    ['redirect', 'wrong_server'],
    [400, 'bad_answer'],
    [401, 'unauthenticated'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [406, 'unsupported'],
    [429, 'rate_limited'],
    [503, 'server_error'],
  ] as const)('ends in an error rather than in an empty list: %s', async (fault, code) => {
    cloud.fault = fault
    const error = await errorOf(discovered())
    expect(error.code).toBe(code)
    expect(error.retryAfter).toBe(fault === 429 ? 7 : undefined)
  })

  test('leaves out what the roles do not show, and no more', async () => {
    Object.assign(cloud, { fault: 403, faultAt: '/networks' })
    const all = await discovered()
    expect(all.some(({ kind }) => kind === 'network')).toBe(false)
    expect(all.filter(({ kind }) => kind === 'virtual_machine')).toHaveLength(2)
    Object.assign(cloud, { fault: 503, faultAt: '/networks' })
    expect((await errorOf(discovered())).code).toBe('server_error')
  })

  test('one that never answers is left', async () => {
    await discovered()
    cloud.fault = 'silent'
    expect((await errorOf(discovered(open({ signal: AbortSignal.timeout(200) })))).code).toBe('timeout')
  })

  test('an action is asked for once, and followed until nothing is under way', async () => {
    const web = idOf('web')
    cloud.slowness = 1
    expect(await does('start', web)).toEqual({
      ok: false,
      message: expect.stringContaining('vm_state active') as string,
    })
    expect(await does('delete', web)).toMatchObject({
      ok: false,
      message: expect.stringContaining('Stop it') as string,
    })
    expect(await does('suspend', web)).toEqual(well)
    expect(cloud.byName('web').status).toBe('SUSPENDED')
    expect(await does('resume', web)).toEqual(well)
    cloud.byName('web').status = 'PAUSED'
    expect(await does('resume', web)).toEqual(well)
    expect(await does('reboot', web)).toEqual(well)
    expect(await does('stop', web)).toEqual(well)
    cloud.outcome = 'ERROR'
    expect(await does('start', web)).toEqual({ ok: false, message: 'No valid host was found.' })
    cloud.outcome = null
    expect(await does('delete', web)).toEqual(well)
    expect((await errorOf(does('start', web))).code).toBe('not_found')
    const asked = cloud.asked.filter((one) => /^(POST|DELETE) \/compute/.test(one))
    expect(asked.map((one) => one.replace(web.slice(7), 'web'))).toEqual([
      ...Array.from({ length: 7 }, () => 'POST /compute/v2.1/servers/web/action'),
      'DELETE /compute/v2.1/servers/web',
    ])
  })

  test('does not act on what is no server', async () => {
    for (const id of [
      'image/x',
      'server/..',
      `server/${PROJECT.id}`,
      `server/${cloud.byName('web').id}/action`,
    ])
      expect((await errorOf(does('start', id))).code, id).toBe('unsupported')
    expect((await errorOf(does('snapshot', idOf('web')))).code).toBe('unsupported')
    expect(cloud.asked).toEqual([])
    await expect(OPENSTACK.follow!(open(), '{"name":"start","id":"../x"}')).rejects.toThrow()
  })

  test('stops when it is told to', async () => {
    cloud.slowness = 1000
    const target = { kind: 'virtual_machine', externalId: idOf('db') } as const
    const handle = await OPENSTACK.act!(open(), { name: 'start', target })
    await expect(OPENSTACK.follow!(open({ signal: AbortSignal.timeout(300) }), handle)).rejects.toThrow()
  })
})
