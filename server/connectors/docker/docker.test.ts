import { Readable } from 'node:stream'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answerOf, EngineEmulator } from '@/test/docker/emulator'
import { makeKeyPair } from '../incus/enrol'
import { createTransport } from '../transport/transport'
import { ConnectorError, type ActionName, type Found, type Outcome } from '../contract'
import { commonVersion } from './client'
import { linesOf } from './events'
import { DOCKER } from '.'

const contextTo = (socket: string, signal: AbortSignal) => ({
  transport: createTransport({
    endpoint: { scheme: 'unix', path: socket },
    egress: { networks: [], local: [socket] },
    trust: {},
    signal,
  }),
  settings: {},
  secret: {},
  signal,
})

/** The error of a piece of work; nothing of the engine's own words may be in it. */
async function errorOf(work: Promise<unknown>): Promise<ConnectorError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(ConnectorError)
  expect(String(error)).not.toMatch(/\/etc\/docker|hunter/)
  return error as ConnectorError
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    if (tries > 500) throw new Error('It never came to be')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

test('speaks the newest version that both know', () => {
  expect(commonVersion('1.41')).toBe('1.41')
  expect(commonVersion('1.99')).toBe('1.51')
  expect(commonVersion('1.24')).toBe('1.24')
  for (const newest of ['1.23', '2.0', '1.41/../x', ''])
    expect(() => commonVersion(newest), newest).toThrow(ConnectorError)
})

test('takes a certificate with its key, or neither', async () => {
  const [one, two] = [await makeKeyPair(), await makeKeyPair()]
  const takes = (secret: object) => DOCKER.secret.safeParse(secret).success
  expect(takes({})).toBe(true)
  expect(takes(one)).toBe(true)
  expect(DOCKER.clientCertificate!(one)).toEqual(one)
  expect(DOCKER.clientCertificate!({})).toBeUndefined()
  for (const wrong of [
    { certificate: one.certificate },
    { key: one.key },
    { certificate: one.certificate, key: two.key },
    { certificate: 'x', key: 'y' },
    { token: 'x' },
  ])
    expect(takes(wrong)).toBe(false)
})

describe('lines of a stream', () => {
  const read = async (chunks: string[], most = 1000) => {
    const lines: string[] = []
    const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)))
    for await (const line of linesOf(stream, most)) lines.push(line)
    return lines
  }
  test('are the same however it is cut', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.stringMatching(/^[aé€ ]{1,9}b$/)),
        fc.array(fc.nat(40)),
        async (lines, cuts) => {
          const whole = Buffer.from(lines.map((line) => `${line}\r\n`).join(''))
          const at = [0, ...cuts.map((cut) => Math.min(cut, whole.length)), whole.length].sort(
            (a, b) => a - b,
          )
          const chunks = at.slice(1).map((end, index) => whole.subarray(at[index], end))
          const found: string[] = []
          for await (const line of linesOf(Readable.from(chunks), 1000)) found.push(line)
          expect(found).toEqual(lines.map((line) => line.trim()))
        },
      ),
    ))
  test('have a limit, also where none ends', async () => {
    expect(await read(['1234\n12', '34\n'], 4)).toEqual(['1234', '1234'])
    for (const chunks of [['12345\n'], ['12', '345'], ['ok\n', '1', '2', '3', '4', '5']])
      await expect(read(chunks, 4)).rejects.toMatchObject({ code: 'too_large' })
  })
  test('that breaks off are none', async () => expect(await read(['a\n', 'b'])).toEqual(['a']))
})

describe.each(['docker', 'podman'] as const)('answers of a real %s', (name) => {
  let engine: EngineEmulator
  const open = (signal = AbortSignal.timeout(20_000)) => contextTo(engine.socket, signal)
  beforeAll(async () => {
    engine = await new EngineEmulator(name).start()
  })
  afterAll(() => engine.stop())
  beforeEach(() => engine.reset())

  const discovered = async (context = open()) => {
    const all: Found[] = []
    for await (const batch of DOCKER.discover(context)) all.push(...batch)
    return all
  }
  const find = async (wanted: string) => (await discovered()).find((found) => found.name === wanted)
  const idOf = (wanted: string) => `container/${engine.get(wanted).Id}`
  const does = async (action: ActionName, externalId: string): Promise<Outcome> => {
    const target = { kind: 'virtual_machine', externalId } as const
    return DOCKER.follow!(open(), await DOCKER.act!(open(), { name: action, target }))
  }
  const well = { ok: true, message: '' }

  test('are read: host, networks, images, containers', async () => {
    const all = await discovered()
    expect(new Set(all.map(({ externalId }) => externalId)).size).toBe(all.length)
    expect(all.filter(({ kind }) => kind === 'host')).toMatchObject([
      {
        externalId: 'host/engine',
        name: 'vm',
        status: 'online',
        usage: { memoryTotal: 25_276_510_208 },
        facts: {
          Engine: name === 'docker' ? 'Docker Engine 20.10.24+dfsg1' : 'Podman 4.3.1',
          Cores: '2',
          'Storage driver': name === 'docker' ? 'overlay2' : 'vfs',
        },
      },
    ])
    const networks = all.filter(({ kind }) => kind === 'network')
    expect(networks.map((network) => network.name).sort()).toEqual(['bridge', 'front'])
    expect(networks.find((network) => network.name === 'front')?.spec).toEqual({
      cidr: '10.5.0.0/24',
      gateway: '10.5.0.1',
    })
    const image = all.find(({ kind }) => kind === 'virtual_image')
    expect(image).toMatchObject({
      name: name === 'docker' ? 'fh/busybox:1' : 'docker.io/fh/busybox:latest',
      spec: { os: 'Linux', format: 'container' },
    })
    const guests = all.filter(({ kind }) => kind === 'virtual_machine')
    expect(guests.map((guest) => `${guest.name} ${guest.status}`).sort()).toEqual([
      'cache paused',
      'job stopped',
      'web running',
    ])
    expect(await find('web')).toMatchObject({
      externalId: idOf('web'),
      parent: 'host/engine',
      facts: { Project: 'shop', Service: 'web', 'Label org.example.owner': 'Ada' },
      links: { image: [image?.externalId] },
    })
    expect((await find('job'))?.facts).toMatchObject({ 'Exit code': '3' })
    if (name === 'docker')
      expect(await find('web')).toMatchObject({
        spec: { addresses: ['10.5.0.2'] },
        facts: { Ports: '18080 to 80/tcp', Volumes: 'data' },
        links: { networks: [networks.find((network) => network.name === 'front')?.externalId] },
      })
  })

  test('by four lists, in one version, and never the details of a container, which hold its environment', async () => {
    const all = await discovered()
    expect(engine.asked).toEqual([
      'GET /_ping',
      ...['/info', '/networks', '/images/json', '/containers/json?all=1'].map((at) => `GET /v1.41${at}`),
    ])
    // of the environment, of a label for passwords, and the command
    expect(JSON.stringify([all, await DOCKER.activity!(open())])).not.toMatch(/hunter|sleep|SECRET/)
    expect(await DOCKER.test(open())).toEqual({
      server: name === 'docker' ? 'Docker Engine 20.10.24+dfsg1, vm' : 'Podman 4.3.1, vm',
      version: name === 'docker' ? '20.10.24+dfsg1' : '4.3.1',
      findings: [],
    })
  })

  test('are events of the last hour, the newest first', async () => {
    const events = await DOCKER.activity!(open())
    const times = events.map(({ startedAt }) => startedAt)
    expect(times).toEqual([...times].sort().reverse())
    expect(events.find(({ title }) => title === 'Container die')).toMatchObject({
      kind: 'event',
      target: idOf('job'),
      message: 'Exit code 3',
    })
  })

  test('an action is asked for once, and its end is the container’s', async () => {
    const web = idOf('web')
    expect(await does('start', web)).toEqual({ ok: false, message: 'The container is running already' })
    expect(await does('suspend', web)).toEqual(well)
    expect(engine.get('web').State).toBe('paused')
    expect(await does('delete', web)).toMatchObject({ ok: false })
    expect(await does('resume', web)).toEqual(well)
    expect(await does('resume', web)).toMatchObject({
      ok: false,
      message: expect.stringContaining('not paused') as string,
    })
    expect(await does('delete', web)).toMatchObject({ ok: false })
    expect(await does('reboot', web)).toEqual(well)
    expect(await does('shutdown', web)).toEqual(well)
    expect(await does('stop', web)).toMatchObject({ ok: false })
    expect(await does('suspend', web)).toMatchObject({
      ok: false,
      message: expect.stringContaining('not running') as string,
    })
    expect(await does('start', web)).toEqual(well)
    expect(await does('stop', web)).toEqual(well)
    expect(await does('delete', web)).toEqual(well)
    const asked = engine.asked
      .filter((one) => !one.startsWith('GET'))
      .map((one) => one.replace(web.slice(10), 'web'))
    expect(asked).toEqual([
      'POST /v1.41/containers/web/start',
      'POST /v1.41/containers/web/pause',
      'POST /v1.41/containers/web/unpause',
      'POST /v1.41/containers/web/unpause',
      'POST /v1.41/containers/web/restart?t=60',
      'POST /v1.41/containers/web/stop?t=60',
      'POST /v1.41/containers/web/stop?t=0',
      'POST /v1.41/containers/web/pause',
      'POST /v1.41/containers/web/start',
      'POST /v1.41/containers/web/stop?t=0',
      'DELETE /v1.41/containers/web?force=0&v=0',
    ])
    expect((await errorOf(does('start', web))).code).toBe('not_found')
  })

  test('one that ends at once has failed, but for a job that did its work; one that was gone when it stopped did stop', async () => {
    engine.afterStart = { State: 'exited', Status: 'Exited (127) 1 second ago' }
    expect(await does('start', idOf('job'))).toEqual({
      ok: false,
      message: 'It was started, and has ended since (exit code 127).',
    })
    engine.afterStart = { State: 'exited', Status: 'Exited (0) 1 second ago' }
    expect(await does('start', idOf('job'))).toEqual(well)
    const target = { kind: 'virtual_machine', externalId: idOf('web') } as const
    const stopped = await DOCKER.act!(open(), { name: 'stop', target })
    const started = await DOCKER.act!(open(), { name: 'start', target })
    engine.containers = []
    expect(await DOCKER.follow!(open(), stopped)).toEqual(well)
    expect(await DOCKER.follow!(open(), started)).toMatchObject({ ok: false })
  })

  test('an action on what is no container, or that no engine does, asks for nothing', async () => {
    for (const id of ['host/engine', 'container/web', `container/${'a'.repeat(64)}/../..`, 'container/'])
      expect((await errorOf(does('start', id))).code, id).toBe('unsupported')
    expect((await errorOf(does('snapshot', idOf('web')))).code).toBe('unsupported')
    expect(engine.asked).toEqual([])
    for (const handle of ['{}', '{"name":"start","id":"../x"}', 'x'])
      await expect(DOCKER.follow!(open(), handle)).rejects.toThrow()
    expect(engine.asked).toEqual([])
  })

  test.each([
    ['html', 'bad_answer'],
    ['truncated', 'bad_answer'],
    ['huge', 'too_large'],
    ['no list', 'bad_answer'],
    ['redirect', 'wrong_server'],
    [400, 'bad_answer'],
    [401, 'unauthenticated'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [429, 'rate_limited'],
    [500, 'server_error'],
  ] as const)('a list that is none ends in an error: %s', async (fault, code) => {
    Object.assign(engine, { fault, faultAt: '/containers/json' })
    const error = await errorOf(discovered())
    expect(error.code).toBe(code)
    expect(error.retryAfter).toBe(fault === 429 ? 7 : undefined)
  })

  test('one that never answers is left', async () => {
    Object.assign(engine, { fault: 'silent', faultAt: '/containers/json' })
    expect((await errorOf(discovered(open(AbortSignal.timeout(200))))).code).toBe('timeout')
  })

  test.each(['html', 'redirect', 'no list', 404] as const)(
    'another server is told from an engine: %s',
    async (fault) => {
      Object.assign(engine, { fault, faultAt: '/_ping' })
      expect((await errorOf(DOCKER.test(open()))).code).toBe('wrong_server')
    },
  )

  test('what a proxy keeps back is said, and is no error where it is not needed', async () => {
    engine.fault = 403
    const { findings } = await DOCKER.test(open())
    expect(findings.map(({ level }) => level)).toEqual(['warning', 'error', 'warning', 'warning'])
    expect(findings.map(({ remedy }) => /\((\w+)=1/.exec(remedy)?.[1])).toEqual([
      ...['INFO', 'CONTAINERS', 'NETWORKS', 'IMAGES'],
    ])
    engine.faultAt = '/info'
    expect((await discovered()).filter(({ kind }) => kind === 'host')).toMatchObject([
      { externalId: 'host/engine', name: expect.stringMatching(/Engine|Podman/) as string },
    ])
    engine.faultAt = '/images/json'
    expect((await discovered()).some(({ links }) => links?.image)).toBe(false)
  })

  test('an engine of another time is told', async () => {
    Object.assign(engine, { oldest: 52 })
    expect((await errorOf(DOCKER.test(open()))).code).toBe('unsupported')
    engine.reset()
    engine.ping['Api-Version'] = '1.20'
    expect((await errorOf(DOCKER.test(open()))).code).toBe('unsupported')
  })

  test('of events, tells of changes until it is stopped, and not of what is done inside of containers', async () => {
    const stop = new AbortController()
    let changes = 0
    const watching = DOCKER.watch!(open(stop.signal), () => changes++)
    await until(() => engine.listeners === 1)
    const lines = answerOf(name, 'GET', '/events').body as string[]
    const exec = (lines[0] ?? '').replace(/"Action":"[^"]*"/, '"Action":"exec_create: login -p hunter2"')
    const text = `${exec}\n${lines.join('\n')}\n`
    engine.tell(text.slice(0, 700))
    engine.tell(text.slice(700))
    await until(() => changes === lines.length)
    stop.abort()
    await watching
    expect(changes).toBe(lines.length)
    await until(() => engine.listeners === 0)
  })

  test('of events that break off, are too large or no events, is an error', async () => {
    const lost = async (after: () => void) => {
      const error = errorOf(DOCKER.watch!(open(), () => undefined))
      await until(() => engine.listeners === 1)
      after()
      const { code } = await error
      await until(() => engine.listeners === 0)
      return code
    }
    expect(await lost(() => engine.hangUp())).toBe('unreachable')
    expect(await lost(() => engine.tell('<html>\n'))).toBe('bad_answer')
    expect(await lost(() => engine.tell('x'.repeat(1_000_001)))).toBe('too_large')
    Object.assign(engine, { fault: 403, faultAt: '/events' })
    expect((await errorOf(DOCKER.watch!(open(), () => undefined))).code).toBe('forbidden')
    Object.assign(engine, { fault: 'silent' })
    const soon = AbortSignal.timeout(100)
    await DOCKER.watch!(open(soon), () => undefined)
  })
})
