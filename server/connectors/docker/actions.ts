import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import {
  ConnectorError,
  type Action,
  type ActionName,
  type ConnectorContext,
  type HttpRequest,
  type Outcome,
} from '../contract'
import { ask, openEngine, read, refusal, type Engine } from './client'
import { exitCodeOf, statusOf } from './discover'
import * as schemas from './schemas'

/** Seconds that a clean stop may take before the engine kills. */
const CLEAN_STOP = 60
/** How long a container may take to be as it was asked to be, after the engine said that it did it; ms. */
const SETTLE_MS = 30_000
const POLL_MS = 500

export const DOES = ['start', 'stop', 'shutdown', 'reboot', 'suspend', 'resume', 'delete'] as const
type Does = (typeof DOES)[number]

/** What `follow` needs, also in another process. */
const handleSchema = z.strictObject({
  name: z.enum(DOES),
  id: z.string().regex(/^[0-9a-f]{64}$/),
  /** The engine's words where it refused. */
  refused: z.string().optional(),
})

const PATHS: Readonly<Record<Exclude<Does, 'delete'>, string>> = {
  start: '/start',
  stop: '/stop?t=0',
  shutdown: `/stop?t=${CLEAN_STOP}`,
  reboot: `/restart?t=${CLEAN_STOP}`,
  suspend: '/pause',
  resume: '/unpause',
}

function requestOf(name: Does, id: string): HttpRequest {
  // Never by force, and its volumes stay: the engine itself refuses what runs
  if (name === 'delete') return { method: 'DELETE', path: `/containers/${id}?force=0&v=0`, timeoutMs: 60_000 }
  return {
    method: 'POST',
    path: `/containers/${id}${PATHS[name]}`,
    timeoutMs: (CLEAN_STOP + 30) * 1000,
  }
}

const isKnown = (name: ActionName): name is Does => DOES.some((one) => one === name)

/** Asks once; the engine answers when it is done. What it refuses in its own words is an outcome, told by `follow`. @throws ConnectorError */
export async function act(context: ConnectorContext, { name, target }: Action): Promise<string> {
  const id = /^container\/([0-9a-f]{64})$/.exec(target.externalId)?.[1]
  if (!id || !isKnown(name)) throw new ConnectorError('unsupported', 'This cannot be done with it')
  const engine = await openEngine(context)
  const handle = (refused?: string) => JSON.stringify({ name, id, refused })
  const now = await find(context, engine, id)
  if (!now) throw new ConnectorError('not_found', 'The container is not there any more')
  if (name === 'delete' && statusOf(now) !== 'stopped')
    return handle('The container is not stopped. Stop it before deleting it.')
  const reply = await ask(context, engine, requestOf(name, id))
  if (reply.status === 304) return handle(`The container is ${statusOf(now)} already`)
  // Docker answers 500 to `unpause` of what is not paused, Podman to all that a state does not allow
  if ([400, 409, 500].includes(reply.status) && reply.words) return handle(reply.words)
  if (reply.status >= 300) throw refusal(reply.status, reply)
  return handle()
}

/** The container as lists tell it: its details would hold its environment. */
async function find(
  context: ConnectorContext,
  engine: Engine,
  id: string,
): Promise<schemas.Container | null> {
  const filters = encodeURIComponent(JSON.stringify({ id: [id] }))
  const path = `/containers/json?all=1&filters=${filters}`
  const all = await read(context, engine, path, z.array(schemas.container))
  return all.find(({ Id }) => Id === id) ?? null
}

/** Waits until the container is as it was asked to be. @throws ConnectorError */
export async function follow(context: ConnectorContext, text: string): Promise<Outcome> {
  const { name, id, refused } = handleSchema.parse(JSON.parse(text))
  if (refused !== undefined) return { ok: false, message: refused }
  const engine = await openEngine(context)
  const until = Date.now() + SETTLE_MS
  for (;;) {
    const now = await find(context, engine, id)
    const outcome = outcomeOf(name, now)
    if (outcome) return outcome
    if (Date.now() > until)
      return { ok: false, message: `The container is ${now?.State.slice(0, 50)} after half a minute.` }
    await pause(POLL_MS, undefined, { signal: context.signal })
  }
}

const WELL: Outcome = { ok: true, message: '' }

/** How it ended, as far as the container's state tells; null where one has to wait. */
function outcomeOf(name: Does, now: schemas.Container | null): Outcome | null {
  const stops = name === 'stop' || name === 'shutdown'
  // One that was started with --rm is gone when it stops
  if (!now)
    return name === 'delete' || stops ? WELL : { ok: false, message: 'The container is not there any more.' }
  const status = statusOf(now)
  if (name === 'delete') return null
  if (name === 'suspend') return status === 'paused' ? WELL : null
  if (stops) return status === 'stopped' ? WELL : null
  if (status === 'running') return WELL
  const code = exitCodeOf(now)
  // A job that has done its work has run
  if (code === '0') return WELL
  return code ? { ok: false, message: `It was started, and has ended since (exit code ${code}).` } : null
}
