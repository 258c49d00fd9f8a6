import { z } from 'zod'
import {
  ACTIONS,
  ConnectorError,
  type Action,
  type ActionName,
  type ConnectorContext,
  type Outcome,
  type Snapshot,
} from '../contract'
import { ask, isRefused, pathOf, read, refusal } from './client'
import { findInstance, instanceId, statusOf } from './instance'
import * as schemas from './schemas'

/** Seconds that the server holds a question for an operation's end, and that a clean stop may take. */
const WAIT = 20
const CLEAN_STOP = 120

/** What `follow` needs, also in another process: which operation, and what to look at once the server has forgotten it. */
const handleSchema = z.strictObject({
  name: z.enum(ACTIONS),
  target: z.string(),
  project: z.string(),
  snapshot: z.string().optional(),
  operation: z
    .string()
    .regex(/^[0-9a-f-]{36}$/)
    .optional(),
  /** The server's words where it refused at once. */
  refused: z.string().optional(),
})
type Handle = z.infer<typeof handleSchema>

const STATE: Partial<Record<ActionName, object>> = {
  start: { action: 'start', timeout: 30 },
  stop: { action: 'stop', force: true, timeout: 30 },
  shutdown: { action: 'stop', force: false, timeout: CLEAN_STOP },
  reboot: { action: 'restart', force: false, timeout: CLEAN_STOP },
  suspend: { action: 'freeze', timeout: 30 },
  resume: { action: 'unfreeze', timeout: 30 },
}

function requestOf({ name, snapshot = '' }: Action, instance: string, project: string) {
  const at = (...rest: string[]) => pathOf(['instances', instance, ...rest], { project })
  const body = JSON.stringify
  if (name !== 'delete' && !STATE[name] && !/^[^/\s]{1,100}$/.test(snapshot))
    throw new ConnectorError(
      'unsupported',
      'The name of a snapshot has no spaces and no slashes, and is not empty',
    )
  if (name === 'snapshot')
    return { method: 'POST', path: at('snapshots'), body: body({ name: snapshot, stateful: false }) } as const
  if (name === 'rollback') return { method: 'PUT', path: at(), body: body({ restore: snapshot }) } as const
  if (name === 'delete_snapshot') return { method: 'DELETE', path: at('snapshots', snapshot) } as const
  if (name === 'delete') return { method: 'DELETE', path: at() } as const
  return { method: 'PUT', path: at('state'), body: body(STATE[name]) } as const
}

/** Asks once. What the server refuses in its own words is an outcome, told by `follow`. @throws ConnectorError */
export async function act(context: ConnectorContext, action: Action): Promise<string> {
  const { project, instance } = await findInstance(context, action.target.externalId)
  const reply = await ask(context, requestOf(action, instance.name, project))
  const handle: Handle = {
    name: action.name,
    target: action.target.externalId,
    project,
    snapshot: action.snapshot,
  }
  if (isRefused(reply)) return JSON.stringify({ ...handle, refused: reply.words || 'Refused' })
  if (reply.status >= 400) throw refusal(reply)
  // LXD adds the project to the operation's address
  const operation = /\/operations\/([0-9a-f-]{36})/.exec(reply.operation)?.[1]
  if (!operation) throw new ConnectorError('bad_answer', 'The server took the request but named no operation')
  return JSON.stringify({ ...handle, operation })
}

/** Waits for the operation; where the server has forgotten it, says what the instance's state tells. @throws ConnectorError */
export async function follow(context: ConnectorContext, text: string): Promise<Outcome> {
  const handle = handleSchema.parse(JSON.parse(text))
  if (handle.operation === undefined) return { ok: false, message: handle.refused ?? 'Refused' }
  const path = pathOf(['operations', handle.operation, 'wait'], {
    timeout: String(WAIT),
    project: handle.project,
  })
  for (;;) {
    const reply = await ask(context, { method: 'GET', path, timeoutMs: (WAIT + 10) * 1000 })
    if (reply.status === 404) return forgotten(context, handle)
    const operation = schemas.operation.safeParse(
      reply.status < 400 ? reply.metadata : await lookAt(context, handle),
    )
    if (!operation.success) return forgotten(context, handle)
    const { status_code: code, err } = operation.data
    if (code >= 200)
      return {
        ok: code === 200,
        message: code === 200 ? '' : err.slice(0, 500) || 'It failed without a word',
      }
  }
}

/** Waiting answers with an error when the time is over and when the operation failed; only the operation itself tells which. */
async function lookAt(context: ConnectorContext, { operation = '', project }: Handle): Promise<unknown> {
  const reply = await ask(context, { method: 'GET', path: pathOf(['operations', operation], { project }) })
  if (reply.status >= 400 && reply.status !== 404) throw refusal(reply)
  return reply.metadata
}

const ENDS: Partial<Record<ActionName, string>> = {
  start: 'running',
  stop: 'stopped',
  shutdown: 'stopped',
  suspend: 'paused',
  resume: 'running',
}

async function forgotten(context: ConnectorContext, { name, target, snapshot }: Handle): Promise<Outcome> {
  const unknown = (known: string) => ({
    ok: false,
    message: `The server no longer knows how this ended. ${known}`,
  })
  const now = await stateOf(context, target)
  if (name === 'delete') return now ? unknown('The instance is still there.') : { ok: true, message: '' }
  if (!now) return unknown('The instance is not there any more.')
  const wanted = ENDS[name]
  if (wanted) return now === wanted ? { ok: true, message: '' } : unknown(`The instance is ${now}.`)
  if (name === 'reboot' || name === 'rollback') return unknown(`The instance is ${now}.`)
  const isThere = (await snapshots(context, { externalId: target })).some((each) => each.name === snapshot)
  if (isThere === (name === 'snapshot')) return { ok: true, message: '' }
  return unknown(isThere ? 'The snapshot is there.' : 'The snapshot is not there.')
}

async function stateOf(context: ConnectorContext, target: string) {
  try {
    return statusOf((await findInstance(context, target)).instance)
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'not_found') return null
    throw error
  }
}

/** The newest first. @throws ConnectorError */
export async function snapshots(
  context: ConnectorContext,
  target: { externalId: string },
): Promise<Snapshot[]> {
  const { project, instance } = await findInstance(context, target.externalId)
  const path = pathOf(['instances', instance.name, 'snapshots'], { recursion: '1', project })
  const all = await read(context, path, z.array(schemas.snapshot))
  return all
    .map(({ name, created_at, description }) => ({
      // some versions say `web/s1`
      name: name.split('/').at(-1) ?? name,
      ...(Date.parse(created_at) > 0 && { takenAt: new Date(created_at).toISOString() }),
      ...(description && { description }),
    }))
    .sort((a, b) => (b.takenAt ?? '').localeCompare(a.takenAt ?? ''))
}

/** By project and name, the id of each instance: operations name instances by name. */
export async function idsByName(context: ConnectorContext, project: string): Promise<Map<string, string>> {
  const path = pathOf(['instances'], { recursion: '1', project })
  const all = await read(context, path, z.array(schemas.instance))
  return new Map(all.map((instance) => [instance.name, instanceId(project, instance)]))
}
