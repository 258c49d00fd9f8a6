import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  startDocker,
  startPodman,
  whyNoDocker,
  whyNoPodman,
  type RealDocker,
  type RealEngine,
} from '@/test/engines'
import { makeKeyPair } from '../incus/enrol'
import { createTransport, type Way } from '../transport/transport'
import type { ActionName, Found, Outcome } from '../contract'
import { DOCKER } from '.'

const FAR = AbortSignal.timeout(300_000)
const bySocket = (socket: string, signal = FAR) =>
  contextOf({
    endpoint: { scheme: 'unix', path: socket },
    egress: { networks: [], local: [socket] },
    trust: {},
    signal,
  })
const contextOf = (way: Way) => ({
  transport: createTransport(way),
  settings: {},
  secret: {},
  signal: way.signal,
})
type Context = ReturnType<typeof contextOf>

async function discovered(context: Context): Promise<Found[]> {
  const all: Found[] = []
  for await (const batch of DOCKER.discover(context)) all.push(...batch)
  return all
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries++) {
    if (tries > 200) throw new Error('It never came to be')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Ignores SIGTERM unless it is told to end by it. */
const SLEEP = 'trap "exit 0" TERM; while :; do sleep 1 & wait; done'
const SECRETS = {
  Env: ['SECRET=hunter2'],
  Labels: { 'com.docker.compose.project': 'shop', 'api.token': 'hunter3' },
}
const well = { ok: true, message: '' }

/** What both engines do alike. @param network of a container */
function suite(engineOf: () => RealEngine, label: RegExp): void {
  const open = (signal = FAR) => bySocket(engineOf().socket, signal)
  const find = async (name: string) => (await discovered(open())).find((found) => found.name === name)
  const does = async (name: ActionName, target: Found): Promise<Outcome> =>
    DOCKER.follow!(open(), await DOCKER.act!(open(), { name, target }))

  test('finds all that stands there, and no secret of it', async () => {
    const all = await discovered(open())
    expect(new Set(all.map(({ externalId }) => externalId)).size).toBe(all.length)
    expect(all.find(({ kind }) => kind === 'host')?.facts?.Engine).toMatch(label)
    const image = all.find(({ kind }) => kind === 'virtual_image')
    expect(image).toMatchObject({ name: expect.stringContaining('fh/busybox:latest') as string })
    expect(image?.spec.size).toBeGreaterThan(100_000)
    expect(all.find(({ name }) => name === 'web')).toMatchObject({
      kind: 'virtual_machine',
      status: 'stopped',
      parent: 'host/engine',
      facts: { Project: 'shop' },
      links: { image: [image?.externalId] },
    })
    expect(JSON.stringify(all)).not.toMatch(/hunter|SECRET/)
    expect(await DOCKER.test(open())).toMatchObject({
      server: expect.stringMatching(label) as string,
      findings: [],
    })
  })

  test('tells of changes until it is stopped', async () => {
    const stop = new AbortController()
    let changes = 0
    const watching = DOCKER.watch!(open(stop.signal), () => changes++)
    await until(async () => {
      await engineOf().create(`short${changes}-${Date.now()}`, 'exit 0')
      return changes > 0
    })
    stop.abort()
    await watching
  })

  test('each action has its real end, a failing one too', async () => {
    const web = (await find('web'))!
    expect(await does('start', web)).toEqual(well)
    expect(await find('web')).toMatchObject({ status: 'running', externalId: web.externalId })
    expect(await does('start', web)).toMatchObject({ ok: false })
    expect(await does('delete', web)).toMatchObject({ ok: false })
    expect(await does('suspend', web)).toEqual(well)
    expect(await find('web')).toMatchObject({ status: 'paused' })
    expect(await does('suspend', web)).toMatchObject({
      ok: false,
      message: expect.stringContaining('paused') as string,
    })
    expect(await does('delete', web)).toMatchObject({ ok: false })
    expect(await does('resume', web)).toEqual(well)
    expect(await does('resume', web)).toMatchObject({
      ok: false,
      message: expect.stringContaining('not paused') as string,
    })
    expect(await does('reboot', web)).toEqual(well)
    expect(await find('web')).toMatchObject({ status: 'running' })
    expect(await does('shutdown', web)).toEqual(well)
    // ended by itself, not killed
    expect(await find('web')).toMatchObject({ status: 'stopped', facts: { 'Exit code': '0' } })
    expect(await does('stop', web)).toMatchObject({ ok: false })
    expect(await does('start', web)).toEqual(well)
    expect(await does('stop', web)).toEqual(well)
    expect(await does('delete', web)).toEqual(well)
    expect(await find('web')).toBeUndefined()
    await expect(DOCKER.act!(open(), { name: 'start', target: web })).rejects.toMatchObject({
      code: 'not_found',
    })
    const events = await DOCKER.activity!(open())
    expect(events.filter(({ target }) => target === web.externalId).length).toBeGreaterThan(5)
    expect(JSON.stringify(events)).not.toMatch(/hunter/)
  })

  test('what ends at once has failed, and a job that did its work has not', async () => {
    await engineOf().create('bad', 'exit 3')
    await engineOf().create('job', 'exit 0')
    expect(await does('start', (await find('job'))!)).toEqual(well)
    const bad = (await find('bad'))!
    const handle = await DOCKER.act!(open(), { name: 'start', target: bad })
    await until(async () => (await find('bad'))?.facts?.['Exit code'] === '3')
    expect(await DOCKER.follow!(open(), handle)).toMatchObject({
      ok: false,
      message: expect.stringContaining('exit code 3') as string,
    })
    expect(await does('delete', bad)).toEqual(well)
  })
}

const noPodman = whyNoPodman()
describe.skipIf(noPodman)(`Podman${noPodman && ` (skipped: ${noPodman})`}`, () => {
  let engine: RealEngine
  beforeAll(async () => {
    engine = await startPodman()
    await engine.create('web', SLEEP, { ...SECRETS, HostConfig: { NetworkMode: 'none' } })
  })
  afterAll(() => engine?.stop())
  suite(() => engine, /^Podman \d/)
})

const noDocker = whyNoDocker()
describe.skipIf(noDocker)(`Docker Engine${noDocker && ` (skipped: ${noDocker})`}`, () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-docker-tls-'))
  const files = { ca: `${dir}/ca.pem`, certificate: `${dir}/server.pem`, key: `${dir}/server.key` }
  let engine: RealDocker
  let client: Awaited<ReturnType<typeof makeKeyPair>>
  beforeAll(async () => {
    client = certify(dir, files)
    engine = await startDocker(files)
    await engine.ask('POST', '/networks/create', {
      Name: 'front',
      IPAM: { Config: [{ Subnet: '10.5.0.0/24', Gateway: '10.5.0.1' }] },
    })
    await engine.create('web', SLEEP, {
      ...SECRETS,
      HostConfig: { NetworkMode: 'front', Binds: ['data:/data'] },
    })
  })
  afterAll(async () => {
    await engine?.stop()
    fs.rmSync(dir, { recursive: true, force: true })
  })

  test('a container has its address in its network', async () => {
    const id = await engine.create('net', SLEEP, {
      HostConfig: { NetworkMode: 'front', Binds: ['data:/data'] },
    })
    await engine.ask('POST', `/containers/${id}/start`)
    const all = await discovered(bySocket(engine.socket))
    const front = all.find(({ name }) => name === 'front')
    expect(front).toMatchObject({ kind: 'network', spec: { cidr: '10.5.0.0/24', gateway: '10.5.0.1' } })
    expect(all.find(({ name }) => name === 'net')).toMatchObject({
      status: 'running',
      spec: { addresses: [expect.stringMatching(/^10\.5\.0\.\d+$/) as string] },
      facts: { Volumes: 'data' },
      links: { networks: [front?.externalId] },
    })
    await engine.ask('DELETE', `/containers/${id}?force=1`)
  })

  test('by TLS with the right certificate of a client, and by no other way', async () => {
    const certificate = new X509Certificate(fs.readFileSync(files.certificate))
    const over = (fingerprint: string, pair?: typeof client) =>
      contextOf({
        endpoint: { scheme: 'https', host: '127.0.0.1', port: engine.port },
        egress: { networks: [], local: [`127.0.0.1:${engine.port}`] },
        trust: { fingerprint },
        clientCertificate: pair && DOCKER.clientCertificate!(pair),
        signal: FAR,
      })
    expect(DOCKER.secret.parse(client)).toEqual(client)
    const open = over(certificate.fingerprint256, client)
    expect((await DOCKER.test(open)).server).toMatch(/^Docker Engine \d/)
    expect((await discovered(open)).some(({ name }) => name === 'web')).toBe(true)
    const stop = new AbortController()
    const watching = DOCKER.watch!({ ...open, signal: stop.signal }, () => stop.abort())
    await until(async () => {
      await engine.create(`tls-${Date.now()}`, 'exit 0')
      return stop.signal.aborted
    })
    await watching
    await expect(DOCKER.test(over('0'.repeat(64), client))).rejects.toMatchObject({
      code: 'changed_certificate',
    })
    for (const pair of [undefined, await makeKeyPair()])
      await expect(DOCKER.test(over(certificate.fingerprint256, pair))).rejects.toMatchObject({
        name: 'ConnectorError',
      })
  })

  suite(() => engine, /^Docker Engine \d/)
})

/** An authority, and of it the certificates of the server and of a client. @returns the client's */
function certify(dir: string, files: { ca: string; certificate: string; key: string }) {
  const openssl = (line: string) => {
    const { status, stderr } = spawnSync('openssl', line.split(' '), { cwd: dir, encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
  }
  const key = (file: string) => `-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ${file}`
  openssl(`req -x509 -days 2 -subj /CN=authority ${key('ca.key')} -out ca.pem`)
  const signed = (name: string, file: string, usage: string) => {
    openssl(`req -subj /CN=${name} ${key(`${file}.key`)} -out ${file}.csr`)
    fs.writeFileSync(`${dir}/${file}.ext`, `subjectAltName=IP:127.0.0.1\nextendedKeyUsage=${usage}\n`)
    openssl(
      `x509 -req -days 2 -in ${file}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile ${file}.ext -out ${file}.pem`,
    )
  }
  signed('server', 'server', 'serverAuth')
  signed('freehold', 'client', 'clientAuth')
  const read = (file: string) => fs.readFileSync(path.join(path.dirname(files.ca), file), 'utf8').trim()
  return { certificate: read('client.pem'), key: read('client.key') }
}
