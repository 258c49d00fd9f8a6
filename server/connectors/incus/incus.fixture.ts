import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Incus } from '@/test/incus'
import type { ActionName, ConnectorContext, ConnectorErrorCode, Found, Outcome, Transport } from '../contract'
import { createTransport } from '../transport/transport'
import { INCUS } from '.'

type Context = ConnectorContext<Record<string, never>, (typeof INCUS.secret)['_output']>

export const contextOf = (transport: Transport, secret: Context['secret'] = {}): Context => ({
  transport,
  settings: {},
  secret,
  signal: AbortSignal.timeout(60_000),
})

/** To the daemon's unix socket. */
export const bySocket = (path: string): Transport =>
  createTransport({
    endpoint: { scheme: 'unix', path },
    egress: { networks: [], local: [path] },
    trust: {},
    signal: AbortSignal.timeout(60_000),
  })

/** To its port on this machine, with the certificate that the secret has for it. */
const byTls = (port: number, fingerprint: string, secret: Context['secret']): Transport =>
  createTransport({
    endpoint: { scheme: 'https', host: '127.0.0.1', port },
    egress: { networks: [], local: [`127.0.0.1:${port}`] },
    trust: { fingerprint },
    clientCertificate: INCUS.clientCertificate!(secret),
    signal: AbortSignal.timeout(60_000),
  })

export const overTls = ({ port, fingerprint }: Incus, secret: Context['secret']): Context =>
  contextOf(byTls(port, fingerprint, secret), secret)

/** As who has a new token: for these projects only, or for all. */
export async function enrolled(daemon: Incus, projects?: string[]): Promise<Context> {
  const entered = await INCUS.prepare!({ token: await daemon.token(projects) })
  return overTls(daemon, await INCUS.enrol!(overTls(daemon, entered)))
}

export async function discovered(context: Context): Promise<Found[]> {
  const all: Found[] = []
  for await (const batch of INCUS.discover(context)) all.push(...batch)
  return all
}

/** An operation that no server has. */
const UNKNOWN = '00000000-0000-4000-8000-000000000000'

/** How the daemons differ. */
interface Daemon {
  name: 'Incus' | 'LXD'
  /** Its client. */
  command: 'incus' | 'lxc'
  /** What it says where a name is taken. */
  taken: RegExp
  /** How it refuses to make an instance where a certificate may not: LXD as if the image were not there. */
  elsewhere: ConnectorErrorCode
  /** Whether a restricted certificate sees the storage pools. */
  showsPools: boolean
  start: () => Promise<Incus>
}

/** What Incus and LXD do alike, on the real one. */
export function daemonSuite({ name, command, taken, elsewhere, showsPools, start }: Daemon): void {
  let incus: Incus
  let admin: Context
  beforeAll(async () => {
    incus = await start()
    admin = contextOf(bySocket(incus.socket))
    await incus.launch('web')
    await incus.launch('shop', 'acme')
  })
  afterAll(() => incus?.stop())

  const web = async () => (await discovered(admin)).find(({ name }) => name === 'web')
  const doTo = async (target: Found, name: ActionName, snapshot?: string): Promise<Outcome> =>
    INCUS.follow!(admin, await INCUS.act!(admin, { name, target, snapshot }))
  const over = (secret: Context['secret']) => overTls(incus, secret)

  test('finds all that stands there, and what it is', async () => {
    const all = await discovered(admin)
    expect(new Set(all.map(({ externalId }) => externalId)).size).toBe(all.length)
    expect(all.filter(({ kind }) => kind === 'folder').map(({ name }) => name)).toEqual(['acme', 'default'])
    expect(all.find(({ kind }) => kind === 'host')).toMatchObject({ status: 'online' })
    expect(all.find(({ kind }) => kind === 'datastore')).toMatchObject({
      externalId: 'pool/local',
      spec: { type: 'directory' },
    })
    const image = all.find(({ kind }) => kind === 'virtual_image')
    expect(image).toMatchObject({ name: 'busybox', spec: { os: 'Busybox', format: 'container' } })
    expect(all.find(({ name }) => name === 'shop')).toMatchObject({
      parent: 'project/acme',
      status: 'stopped',
      spec: { os: 'Busybox', cores: 1, memory: 2 ** 26 },
      facts: { Type: 'Container', Project: 'acme' },
      links: { datastores: ['pool/local'], image: [image?.externalId] },
    })
    expect(await INCUS.test(admin)).toMatchObject({
      server: expect.stringMatching(new RegExp(`^${name} \\d`)) as string,
      findings: [],
    })
  })

  test('makes an instance of an image, with the id that was chosen before, and says why it made none', async () => {
    const image = (await discovered(admin)).find(({ kind }) => kind === 'virtual_image')!.externalId
    const creation = {
      ...{ name: 'made', source: image, place: 'project/acme', datastore: 'pool/local', network: null },
      ...{ cores: 2, memory: 2 ** 27, disk: 2 ** 30, start: true },
    }
    const id = await INCUS.newId!(admin, creation)
    const make = async (one: typeof creation) =>
      INCUS.finish!(admin, one, id, await INCUS.create!(admin, one, id))
    expect(await make(creation)).toEqual({ ok: true, message: '', status: 'running', externalId: id })
    const made = (await discovered(admin)).find(({ externalId }) => externalId === id)!
    expect(made).toMatchObject({
      ...{ name: 'made', parent: 'project/acme', status: 'running' },
      spec: { cores: 2, memory: 2 ** 27, disk: 2 ** 30 },
    })
    // its name is taken
    expect(await make(creation)).toMatchObject({
      ok: false,
      message: expect.stringMatching(taken) as string,
    })
    // a server that has forgotten how it ended: what has the name is this one only if it has its id
    const forgotten = JSON.stringify({ operation: UNKNOWN })
    expect(await INCUS.finish!(admin, { ...creation, start: false }, id, forgotten)).toMatchObject({
      ok: true,
      externalId: id,
    })
    const another = await INCUS.newId!(admin, creation)
    expect(await INCUS.finish!(admin, creation, another, forgotten)).toEqual({
      ok: false,
      message: 'The server no longer knows how this ended',
      status: 'unknown',
    })
    expect(await doTo(made, 'stop')).toMatchObject({ ok: true })
    expect(await doTo(made, 'delete')).toMatchObject({ ok: true })
  })

  test('each action has its real end, a failing one too', async () => {
    const target = (await web())!
    const well = { ok: true, message: '' }
    expect(await doTo(target, 'start')).toEqual(well)
    const running = await web()
    expect(running).toMatchObject({ status: 'running', externalId: target.externalId })
    expect(running?.usage?.memoryUsed).toBeGreaterThan(0)
    expect(await doTo(target, 'start')).toMatchObject({
      ok: false,
      message: expect.stringContaining('running') as string,
    })
    expect(await doTo(target, 'delete')).toMatchObject({
      ok: false,
      message: expect.stringContaining('running') as string,
    })
    expect(await doTo(target, 'suspend')).toEqual(well)
    expect(await web()).toMatchObject({ status: 'paused' })
    expect(await doTo(target, 'resume')).toEqual(well)
    expect(await doTo(target, 'reboot')).toEqual(well)
    expect(await web()).toMatchObject({ status: 'running' })
    expect(await doTo(target, 'snapshot', 's1')).toEqual(well)
    expect(await INCUS.snapshots!(admin, target)).toMatchObject([{ name: 's1' }])
    expect(await doTo(target, 'snapshot', 's1')).toMatchObject({ ok: false })
    expect(await doTo(target, 'shutdown')).toEqual(well)
    expect(await web()).toMatchObject({ status: 'stopped' })
    expect(await doTo(target, 'rollback', 's1')).toEqual(well)
    expect(await doTo(target, 'delete_snapshot', 's1')).toEqual(well)
    expect(await INCUS.snapshots!(admin, target)).toEqual([])
    expect(await doTo(target, 'start')).toEqual(well)
    expect(await doTo(target, 'stop')).toEqual(well)
    expect((await INCUS.activity!(admin))[0]).toMatchObject({
      kind: 'task',
      status: 'ok',
      target: target.externalId,
    })
  })

  test('opens a shell in a running instance, of the size of its window', async () => {
    const target = (await web())!
    await expect(INCUS.console!(admin, target)).rejects.toMatchObject({ code: 'bad_answer' })
    expect(await doTo(target, 'start')).toMatchObject({ ok: true })
    const { kind, stream, resize } = await INCUS.console!(admin, target)
    expect(kind).toBe('terminal')
    let text = ''
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
    const says = (what: RegExp) => vi.waitFor(() => expect(text).toMatch(what), 5000)
    resize?.(101, 31)
    stream.write('echo free""hold; stty size\n')
    await says(/freehold[^]*31 101/)
    const closed = once(stream, 'close')
    stream.write('exit\n')
    await closed
    expect(await doTo(target, 'stop')).toMatchObject({ ok: true })
  })

  test('a forgotten operation is told by the state, and not guessed', async () => {
    const target = (await web())!
    const handle = (name: ActionName) =>
      JSON.stringify({
        name,
        target: target.externalId,
        project: 'default',
        operation: UNKNOWN,
      })
    expect(await INCUS.follow!(admin, handle('stop'))).toEqual({ ok: true, message: '' })
    expect(await INCUS.follow!(admin, handle('start'))).toMatchObject({
      ok: false,
      message: expect.stringContaining('no longer') as string,
    })
    expect(await INCUS.follow!(admin, handle('reboot'))).toMatchObject({ ok: false })
  })

  test('renaming keeps its id, a foreign uuid in another project is another one, and one in its own is refused', async () => {
    const target = (await web())!
    await incus.admin('POST', '/1.0/instances/web', { name: 'web2' })
    expect((await discovered(admin)).find(({ name }) => name === 'web2')?.externalId).toBe(target.externalId)
    await incus.admin('POST', '/1.0/instances/web2', { name: 'web' })
    const uuid = target.externalId.split('/')[2]
    await incus.admin('PATCH', '/1.0/instances/shop?project=acme', { config: { 'volatile.uuid': uuid } })
    expect((await discovered(admin)).find(({ name }) => name === 'shop')?.externalId).toBe(
      `instance/acme/${uuid}`,
    )
    await incus.launch('twin')
    await incus.admin('PATCH', '/1.0/instances/twin', { config: { 'volatile.uuid': uuid } })
    await expect(INCUS.act!(admin, { name: 'start', target })).rejects.toMatchObject({ code: 'bad_answer' })
    await expect(discovered(admin)).rejects.toMatchObject({ code: 'bad_answer' })
    await incus.admin('DELETE', '/1.0/instances/twin')
  })

  test('tells of changes until it is stopped, and when the stream is lost', async () => {
    const stop = new AbortController()
    let changes = 0
    const watching = INCUS.watch!({ ...admin, signal: stop.signal }, () => changes++)
    for (let tries = 0; changes === 0 && tries < 50; tries++, await sleep(50))
      await incus.admin('PATCH', '/1.0/instances/web', { description: `Look ${tries}` })
    expect(changes).toBeGreaterThan(0)
    stop.abort()
    await watching
    const { transport } = admin
    const lost = { ...transport, connect: async () => (await transport.connect()).destroy() }
    await expect(INCUS.watch!({ ...admin, transport: lost }, () => undefined)).rejects.toMatchObject({
      code: 'unreachable',
    })
  })

  test('a token gets a key of its own, once', async () => {
    const entered = await INCUS.prepare!({ token: await incus.token() })
    await expect(INCUS.test(over(entered))).rejects.toMatchObject({ code: 'unauthenticated' })
    const secret = await INCUS.enrol!(over(entered))
    expect(INCUS.secret.parse(secret)).toEqual(secret)
    expect(secret.token).toBeUndefined()
    expect(await INCUS.test(over(secret))).toMatchObject({ findings: [] })
    const again = await INCUS.prepare!({ token: entered.token })
    await expect(INCUS.enrol!(over(again))).rejects.toMatchObject({ code: 'unauthenticated' })
    const other = contextOf(byTls(incus.port, '0'.repeat(64), secret))
    await expect(INCUS.test(other)).rejects.toMatchObject({ code: 'changed_certificate' })
  })

  test('a restricted certificate sees and touches its project only', async () => {
    const context = await enrolled(incus, ['acme'])
    expect((await INCUS.test(context)).findings).toMatchObject([
      {
        level: 'warning',
        message: expect.stringContaining('acme') as string,
        commands: [`${command} config trust list`, `${command} config trust edit <fingerprint>`],
      },
    ])
    const found = await discovered(context)
    expect(found.filter(({ kind }) => kind === 'virtual_machine').map(({ name }) => name)).toEqual(['shop'])
    expect(found.filter(({ kind }) => kind === 'folder').map(({ name }) => name)).toEqual(['acme'])
    expect(found.some(({ externalId }) => externalId === 'pool/local')).toBe(showsPools)
    expect(found.some(({ kind }) => kind === 'virtual_image')).toBe(true)
    expect(
      (await INCUS.activity!(context)).every(({ target }) => !target || target.startsWith('instance/acme/')),
    ).toBe(true)
    const soon = AbortSignal.timeout(300)
    await INCUS.watch!({ ...context, signal: soon }, () => undefined)
    const target = (await web())!
    await expect(INCUS.act!(context, { name: 'start', target })).rejects.toMatchObject({ code: 'forbidden' })
    expect(await web()).toMatchObject({ status: 'stopped' })
  })

  test('a restricted certificate does all in its project', async () => {
    const { secret } = await enrolled(incus, ['acme'])
    const context = () => over(secret)
    const end = async (target: Found, name: ActionName, snapshot?: string) =>
      INCUS.follow!(context(), await INCUS.act!(context(), { name, target, snapshot }))
    const all = await discovered(context())
    const shop = all.find((each) => each.name === 'shop')!
    const well = { ok: true, message: '' }
    const stop = new AbortController()
    let changes = 0
    const watching = INCUS.watch!({ ...context(), signal: stop.signal }, () => changes++)
    await sleep(300)
    expect(await end(shop, 'start')).toEqual(well)
    await vi.waitFor(() => expect(changes).toBeGreaterThan(0), 5000)
    stop.abort()
    await watching
    const { stream } = await INCUS.console!(context(), shop)
    let text = ''
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
    stream.write('echo free""hold; hostname\n')
    await vi.waitFor(() => expect(text).toMatch(/freehold\s+shop/), 5000)
    const closed = once(stream, 'close')
    stream.write('exit\n')
    await closed
    expect(await end(shop, 'start')).toMatchObject({
      ok: false,
      message: expect.stringContaining('running') as string,
    })
    expect(await end(shop, 'snapshot', 's1')).toEqual(well)
    expect(await INCUS.snapshots!(context(), shop)).toMatchObject([{ name: 's1' }])
    expect(await end(shop, 'rollback', 's1')).toEqual(well)
    expect(await end(shop, 'delete_snapshot', 's1')).toEqual(well)
    expect(await end(shop, 'stop')).toEqual(well)
    expect((await INCUS.activity!(context()))[0]).toMatchObject({
      status: 'ok',
      target: shop.externalId,
    })
    const creation = {
      ...{ name: 'own', source: all.find(({ kind }) => kind === 'virtual_image')!.externalId },
      ...{ place: 'project/acme', datastore: 'pool/local', network: null },
      ...{ cores: 1, memory: 2 ** 26, disk: 2 ** 30, start: false },
    }
    const id = await INCUS.newId!(context(), creation)
    const handle = await INCUS.create!(context(), creation, id)
    expect(await INCUS.finish!(context(), creation, id, handle)).toMatchObject({ ok: true, externalId: id })
    expect(
      await end(
        (await discovered(context())).find(({ externalId }) => externalId === id)!,
        'delete',
      ),
    ).toEqual(well)
    await expect(
      INCUS.create!(context(), { ...creation, place: 'project/default' }, id.replace('/acme/', '/default/')),
    ).rejects.toMatchObject({ code: elsewhere })
    expect((await discovered(admin)).some((each) => each.name === 'own')).toBe(false)
  })

  test('a restricted and limited project: makes as many instances as it may have, and says what it may not', async () => {
    await incus.admin('POST', '/1.0/projects', {
      name: 'walled',
      config: { restricted: 'true', 'features.images': 'false', 'limits.instances': '1' },
    })
    const context = await enrolled(incus, ['walled'])
    const creation = {
      ...{
        name: 'first',
        source: (await discovered(context)).find(({ kind }) => kind === 'virtual_image')!.externalId,
      },
      ...{ place: 'project/walled', datastore: 'pool/local', network: null },
      ...{ cores: 1, memory: 2 ** 26, disk: 2 ** 30, start: false },
    }
    const id = await INCUS.newId!(context, creation)
    const make = async (one: typeof creation) =>
      INCUS.finish!(context, one, id, await INCUS.create!(context, one, id))
    // its uuid is the server's choice there, and it is known again all the same
    const made = await make(creation)
    const own = expect.stringMatching(/^instance\/walled\/[0-9a-f-]{36}$/) as string
    expect(made).toEqual({ ok: true, message: '', status: 'stopped', externalId: own })
    expect(made.externalId).not.toBe(id)
    const forgotten = JSON.stringify({ operation: UNKNOWN })
    expect(await INCUS.finish!(context, creation, id, forgotten)).toEqual(made)
    const another = await INCUS.newId!(context, creation)
    expect(await INCUS.finish!(context, creation, another, forgotten)).toMatchObject({ ok: false })
    expect(await make({ ...creation, name: 'second' })).toMatchObject({
      ok: false,
      message: expect.stringContaining('maximum number of instances') as string,
    })
    const target = (await discovered(context)).find(({ externalId }) => externalId === made.externalId)!
    const act = await INCUS.act!(context, { name: 'snapshot', target, snapshot: 's1' })
    expect(await INCUS.follow!(context, act)).toMatchObject({
      ok: false,
      message: expect.stringContaining('snapshot') as string,
    })
  })

  test('deletes', async () => {
    const target = (await web())!
    expect(await doTo(target, 'delete')).toEqual({ ok: true, message: '' })
    expect(await web()).toBeUndefined()
    await expect(INCUS.act!(admin, { name: 'start', target })).rejects.toMatchObject({ code: 'not_found' })
  })
}
