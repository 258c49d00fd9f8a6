import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { ConnectorError, type ConnectorContext, type Created, type Creation } from '../contract'
import { act, follow } from './actions'
import { ask, isRefused, pathOf, read, refusal } from './client'
import { instanceId } from './instance'
import * as schemas from './schemas'

const MIB = 2 ** 20
const handleSchema = z.strictObject({
  operation: z
    .string()
    .regex(/^[0-9a-f-]{36}$/)
    .optional(),
  /** The server's words where it refused at once. */
  refused: z.string().optional(),
})
const profile = z.looseObject({
  devices: z.record(z.string(), z.record(z.string(), z.string())).nullish(),
})
const WAIT = 20

/** What an instance is known by where its uuid cannot be chosen. */
const MARK = 'user.freehold'
const NO_UUID = /"volatile\.uuid".* is forbidden/

/** The last part of an id that begins so, and the one before it. */
function partsOf(id: string, kind: string): [string, string] {
  const [found, first = '', second = ''] = id.split('/')
  if (found === kind && first !== '') return [first, second]
  throw new ConnectorError('unsupported', 'It cannot be made of this, or not there')
}

/** A uuid that is chosen here stays the instance's; `finish` names the one of a server that has chosen its own. */
export const newId = (_: ConnectorContext, { place }: Creation): Promise<string> =>
  Promise.resolve(`instance/${partsOf(place ?? '', 'project')[0]}/${randomUUID()}`)

/** The instance's own disk and, where one was chosen, its network. */
async function devicesOf(context: ConnectorContext, creation: Creation, project: string) {
  const path = pathOf(['profiles', 'default'], { project })
  const devices = (await read(context, path, profile)).devices ?? {}
  const usual = Object.entries(devices)
  const [rootName, root] = usual.find(([, { type, path }]) => type === 'disk' && path === '/') ?? []
  const pool = creation.datastore === null ? root?.pool : partsOf(creation.datastore, 'pool')[0]
  if (!pool) throw new ConnectorError('unsupported', 'The project has no usual data store: choose one')
  const nic = usual.find(([, { type }]) => type === 'nic')?.[0] ?? 'eth0'
  return {
    [rootName ?? 'root']: { type: 'disk', path: '/', pool, size: `${Math.floor(creation.disk / MIB)}MiB` },
    ...(creation.network !== null && {
      [nic]: { type: 'nic', name: 'eth0', network: partsOf(creation.network, 'network')[1] },
    }),
  }
}

/** Asks once. What the server refuses in its own words is an outcome, told by `finish`. @throws ConnectorError */
export async function create(
  context: ConnectorContext,
  creation: Creation,
  externalId: string,
): Promise<string> {
  const [project, uuid] = partsOf(externalId, 'instance')
  const [, fingerprint] = partsOf(creation.source, 'image')
  // Asked of the project that it is made in, which may use the images of `default`: a restricted certificate may not look there itself
  const image = await read(context, pathOf(['images', fingerprint], { project }), schemas.image)
  const devices = await devicesOf(context, creation, project)
  const askFor = (mark: string) =>
    ask(context, {
      method: 'POST',
      path: pathOf(['instances'], { project }),
      body: JSON.stringify({
        name: creation.name,
        type: image.type === 'virtual-machine' ? 'virtual-machine' : 'container',
        source: { type: 'image', fingerprint },
        config: {
          'limits.cpu': String(creation.cores),
          'limits.memory': `${Math.floor(creation.memory / MIB)}MiB`,
          [mark]: uuid,
        },
        devices,
      }),
    })
  let reply = await askFor('volatile.uuid')
  // A restricted project lets nobody choose it, and nothing was made
  if (reply.status >= 400 && NO_UUID.test(reply.words)) reply = await askFor(MARK)
  if (isRefused(reply)) return JSON.stringify({ refused: reply.words || 'Refused' })
  if (reply.status >= 400) throw refusal(reply)
  const operation = /\/operations\/([0-9a-f-]{36})/.exec(reply.operation)?.[1]
  if (!operation) throw new ConnectorError('bad_answer', 'The server took the request but named no operation')
  return JSON.stringify({ operation })
}

type End = 'well' | 'forgotten' | { failed: string }

async function endOf(context: ConnectorContext, operation: string, project: string): Promise<End> {
  const waiting = pathOf(['operations', operation, 'wait'], { timeout: String(WAIT), project })
  for (;;) {
    const reply = await ask(context, { method: 'GET', path: waiting, timeoutMs: (WAIT + 10) * 1000 })
    const again =
      reply.status < 400
        ? reply
        : await ask(context, { method: 'GET', path: pathOf(['operations', operation], { project }) })
    if (again.status === 404) return 'forgotten'
    if (again.status >= 400) throw refusal(again)
    const { status_code: code, err } = schemas.operation.parse(again.metadata)
    if (code === 200) return 'well'
    if (code > 200) return { failed: err.slice(0, 500) || 'It failed without a word' }
    await pause(200, undefined, { signal: context.signal })
  }
}

/** Waits for the instance and starts it. One that does not start is there all the same. @throws ConnectorError */
export async function finish(
  context: ConnectorContext,
  creation: Creation,
  externalId: string,
  text: string,
): Promise<Created> {
  const { operation, refused } = handleSchema.parse(JSON.parse(text))
  if (operation === undefined) return { ok: false, message: refused ?? 'Refused', status: 'unknown' }
  const [project, uuid] = partsOf(externalId, 'instance')
  const end = await endOf(context, operation, project)
  if (typeof end === 'object') return { ok: false, message: end.failed, status: 'unknown' }
  const all = await read(
    context,
    pathOf(['instances'], { recursion: '1', project }),
    z.array(schemas.instance),
  )
  const made = all.find(({ name }) => name === creation.name)
  if (!made) return { ok: false, message: 'The instance is not there any more', status: 'unknown' }
  const id = instanceId(project, made)
  // LXD says only in the operation that a name is taken: what has it may have been there before
  if (end === 'forgotten' && id !== externalId && made.config[MARK] !== uuid)
    return { ok: false, message: 'The server no longer knows how this ended', status: 'unknown' }
  if (!creation.start) return { ok: true, message: '', status: 'stopped', externalId: id }
  const target = { kind: 'virtual_machine', externalId: id } as const
  const started = await startIt(context, target)
  return { ok: true, externalId: id, ...started }
}

async function startIt(
  context: ConnectorContext,
  target: { kind: 'virtual_machine'; externalId: string },
): Promise<Pick<Created, 'message' | 'status'>> {
  try {
    const { ok, message } = await follow(context, await act(context, { name: 'start', target }))
    if (ok) return { message: '', status: 'running' }
    return { message: `It was made, but does not start: ${message}`, status: 'stopped' }
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    return { message: `It was made, but does not start: ${error.message}`, status: 'stopped' }
  }
}
