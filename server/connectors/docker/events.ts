import http from 'node:http'
import { ConnectorError, type Activity, type ConnectorContext } from '../contract'
import { openEngine, refusal, type Engine } from './client'
import { containerId } from './discover'
import * as schemas from './schemas'

/** An event is some kB; one with many labels more. */
const LINE_BYTES = 1_000_000
const HEAD_MS = 10_000
const IDLE_MS = 60_000
const PAST_SECONDS = 3600
const PAST_BYTES = 10_000_000
const MOST_EVENTS = 500

/** What is done inside of containers changes nothing of what is kept, and its words are commands, with passwords at times. */
const INSIDE = /^(exec_|attach|detach|resize|top|copy|export|archive-path|extract-to-dir)/

/**
 * Lines of a stream of bytes, without their ends; one that the stream breaks off in the middle of is none.
 * @param most bytes of a line
 * @throws ConnectorError too_large
 */
export async function* linesOf(stream: AsyncIterable<Buffer>, most: number): AsyncGenerator<string> {
  let begun: Buffer[] = []
  let size = 0
  const keep = (part: Buffer) => {
    size += part.length
    if (size > most) throw new ConnectorError('too_large', 'The engine sent an event that is too large')
    begun.push(part)
  }
  for await (const chunk of stream) {
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      keep(chunk.subarray(from, end))
      const line = Buffer.concat(begun).toString('utf8').trim()
      begun = []
      size = 0
      from = end + 1
      if (line) yield line
    }
    keep(chunk.subarray(from))
  }
}

const lost = () => new ConnectorError('unreachable', 'The stream of events was lost')

/** Tells of every change of containers, images, networks and volumes. @throws ConnectorError when the stream is lost */
export async function watch(context: ConnectorContext, changed: () => void): Promise<void> {
  try {
    const engine = await openEngine(context)
    const stream = await openEvents(context, engine)
    for await (const line of linesOf(stream, LINE_BYTES)) if (isChange(line)) changed()
  } catch (error) {
    if (context.signal.aborted) return
    throw error instanceof ConnectorError ? error : lost()
  }
  if (!context.signal.aborted) throw lost()
}

/** The answer to /events, which has no end. @throws ConnectorError */
async function openEvents(
  { transport, signal }: ConnectorContext,
  { api }: Engine,
): Promise<http.IncomingMessage> {
  const connection = await transport.connect()
  return new Promise((resolve, reject) => {
    const request = http.get({
      path: `/v${api}/events`,
      headers: { host: 'localhost', 'accept-encoding': 'identity' },
      createConnection: () => connection,
      signal,
    })
    const tooLate = setTimeout(
      () => request.destroy(new ConnectorError('timeout', 'The engine did not answer in time')),
      HEAD_MS,
    )
    // a machine that is gone says nothing: only this finds out
    request.setSocketKeepAlive(true, IDLE_MS)
    request.on('close', () => connection.destroy())
    request.on('error', (error) => reject(error instanceof ConnectorError ? error : lost()))
    request.on('upgrade', () => reject(lost()))
    request.on('response', (answer) => {
      clearTimeout(tooLate)
      if (answer.statusCode === 200) return resolve(answer)
      answer.destroy()
      reject(refusal(answer.statusCode ?? 0, { headers: {} }))
    })
    request.on('close', () => clearTimeout(tooLate))
  })
}

/** @throws ConnectorError bad_answer */
function isChange(line: string): boolean {
  const event = schemas.event.safeParse(jsonOf(line))
  if (!event.success)
    throw new ConnectorError('bad_answer', 'The engine sent an event that is not understood')
  return !INSIDE.test(event.data.Action)
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

/** What happened in the last hour, as far as the engine still knows it, the newest first. @throws ConnectorError */
export async function activity(context: ConnectorContext): Promise<Activity[]> {
  const engine = await openEngine(context)
  const now = Math.floor(engine.now / 1000)
  // Podman 4 stops too early at an end that is now
  const end = engine.isPodman ? 'stream=false' : `until=${now}`
  const path = `/v${engine.api}/events?since=${now - PAST_SECONDS}&${end}`
  const answer = await context.transport.request({
    method: 'GET',
    path,
    maxBytes: PAST_BYTES,
    timeoutMs: 30_000,
  })
  if (answer.status !== 200) throw refusal(answer.status, answer)
  const found = new Map<string, Activity>()
  for (const line of answer.body.toString('utf8').split('\n')) {
    const event = schemas.event.safeParse(jsonOf(line))
    const one = event.success && !INSIDE.test(event.data.Action) ? activityOf(event.data) : null
    if (one) found.set(one.externalId, one)
  }
  return [...found.values()].sort((a, b) => b.startedAt.localeCompare(a.startedAt)).slice(0, MOST_EVENTS)
}

/** Only words of the engine itself are shown: attributes are whatever a label says. */
function activityOf({ Type, Action, Actor, timeNano }: (typeof schemas.event)['_output']): Activity | null {
  const [, type] = /^([a-z]{1,20})$/.exec(Type) ?? []
  const [, action] = /^([a-z_-]{1,40})(?::|$)/.exec(Action) ?? []
  if (!type || !action) return null
  const code = action === 'die' ? /^\d{1,10}$/.exec(Actor.Attributes?.exitCode ?? '')?.[0] : undefined
  const isContainer = type === 'container' && /^[0-9a-f]{64}$/.test(Actor.ID)
  const title = `${type[0]?.toUpperCase()}${type.slice(1)} ${action.replaceAll('_', ' ')}`
  return {
    kind: 'event',
    externalId: `${timeNano}/${type}/${action}/${Actor.ID}`.slice(0, 300),
    title,
    ...(isContainer && { target: containerId(Actor.ID) }),
    status: 'info',
    ...(code && { message: `Exit code ${code}` }),
    startedAt: new Date(timeNano / 1e6).toISOString(),
  }
}
