import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { ConnectorError, type Action, type ActionName, type Outcome } from '../contract'
import { ask, read } from './client'
import { statusOf } from './discover'
import { refusal, wordsOf } from './http'
import * as schemas from './schemas'
import type { Context } from './session'

/** Between two looks, in ms: the first come sooner. */
const POLL_MS = [100, 200, 400]
const LATER_MS = 1000

export const DOES = ['start', 'stop', 'reboot', 'suspend', 'resume', 'delete'] as const
type Does = (typeof DOES)[number]

/** What `follow` needs, also in another process. */
const handleSchema = z.strictObject({
  name: z.enum(DOES),
  id: z.string().regex(/^[0-9a-f-]{36}$/),
  /** The cloud's words where it refused. */
  refused: z.string().optional(),
})

const isKnown = (name: ActionName): name is Does => DOES.some((one) => one === name)
const one = z.looseObject({ server: schemas.server })

/** @returns null where it is not there (any more) @throws ConnectorError */
async function find(context: Context, id: string): Promise<schemas.Server | null> {
  try {
    const { server } = await read(context, 'compute', `/servers/${id}`, one)
    return server.status === 'DELETED' || server.status === 'SOFT_DELETED' ? null : server
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'not_found') return null
    throw error
  }
}

function bodyOf(name: Exclude<Does, 'delete'>, { status }: schemas.Server): object {
  switch (name) {
    case 'start':
      return { 'os-start': null }
    case 'stop':
      return { 'os-stop': null }
    case 'reboot':
      return { reboot: { type: 'SOFT' } }
    case 'suspend':
      return { suspend: null }
    case 'resume':
      // paused by somebody else; both are `paused` here
      return status === 'PAUSED' ? { unpause: null } : { resume: null }
  }
}

/** Asks once. What the cloud refuses in its own words is an outcome, told by `follow`. @throws ConnectorError */
export async function act(context: Context, { name, target }: Action): Promise<string> {
  const id = /^server\/([0-9a-f-]{36})$/.exec(target.externalId)?.[1]
  if (!id || !isKnown(name)) throw new ConnectorError('unsupported', 'This cannot be done with it')
  const handle = (refused?: string) => JSON.stringify({ name, id, refused })
  const server = await find(context, id)
  if (!server) throw new ConnectorError('not_found', 'The server is not there any more')
  const status = statusOf(server)
  if (name === 'delete' && (status === 'running' || status === 'paused'))
    return handle('The server is not stopped. Stop it before deleting it.')
  const reply = await ask(
    context,
    'compute',
    name === 'delete'
      ? { method: 'DELETE', path: `/servers/${id}` }
      : { method: 'POST', path: `/servers/${id}/action`, body: JSON.stringify(bodyOf(name, server)) },
  )
  if (reply.status === 400 || reply.status === 409) return handle(wordsOf(reply) || 'Refused')
  if (reply.status >= 300) throw refusal(reply)
  return handle()
}

const WELL: Outcome = { ok: true, message: '' }
const ENDS: Readonly<Record<Exclude<Does, 'delete'>, string>> = {
  start: 'running',
  stop: 'stopped',
  reboot: 'running',
  suspend: 'paused',
  resume: 'running',
}

/** Waits until nothing is under way with the server, and looks how it is then. @throws ConnectorError */
export async function follow(context: Context, text: string): Promise<Outcome> {
  const { name, id, refused } = handleSchema.parse(JSON.parse(text))
  if (refused !== undefined) return { ok: false, message: refused }
  for (let looks = 0; ; looks++) {
    const server = await find(context, id)
    if (!server) return name === 'delete' ? WELL : { ok: false, message: 'The server is not there any more.' }
    // Nova says what is under way before it answers the request
    if (!server['OS-EXT-STS:task_state']) {
      // one that was taken for deletion may not say so at once
      if (name !== 'delete') return outcomeOf(name, server)
      if (server.status === 'ERROR') return failed(server)
    }
    await pause(POLL_MS[looks] ?? LATER_MS, undefined, { signal: context.signal })
  }
}

const failed = ({ status, fault }: schemas.Server): Outcome => ({
  ok: false,
  message: fault?.message.slice(0, 500) || `The server is ${status.slice(0, 50)}.`,
})

const outcomeOf = (name: Exclude<Does, 'delete'>, server: schemas.Server): Outcome =>
  statusOf(server) === ENDS[name] ? WELL : failed(server)
