import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RawData, WebSocket } from 'ws'
import { assertAllowed } from '@/server/authz/assert'
import type { Console } from '@/server/connectors/contract'
import { greetViewer } from '@/server/connectors/rfb'
import { bytesOf } from '@/server/connectors/transport/websocket'
import { buildContext, type RequestFacts } from '@/server/context/build'
import type { SignedInOp } from '@/server/context/op'
import { systemValue } from '@/server/db/system'
import { dial, type Live, liveConnection, tellable } from '@/server/features/connections/dial'
import { AppError } from '@/server/platform/errors'
import { type Notice, onChange } from '@/server/platform/listen'
import { log } from '@/server/platform/log'
import type { Declaration } from '@/server/rpc/declaration'
import { placeOf, type Taken, takeTicket } from './consoles.service'

const DECLARATION: Declaration = {
  scope: 'tenant',
  permission: ['virtualMachines', 'user'],
  audit: 'none',
  summary: 'The bytes of a console that a ticket opens',
}

const TICKET_MS = 10_000
/** How long a lost right may go unnoticed when no notice of it comes. */
const CHECK_MS = 4000
const BEAT_MS = 20_000
/** How long a stopping process waits for the ends to be written. */
const LAST_MS = 3000
const IDLE_MS = 30 * 60_000
/** Waiting for a slow browser beyond this, the cloud is not read any more. */
const QUEUE_BYTES = 1_000_000
/** Of the reason in a close frame. */
const REASON_BYTES = 123

/** Codes that RFC 6455 leaves to applications; the page shows the reason with either. */
const [REFUSED, ENDED] = [4403, 4000]

/** RFB's messages that a person causes: keys, pointer, clipboard, and QEMU's keys. */
const BY_HAND = new Set([4, 5, 6, 255])
/** First byte of what a browser sends to a terminal. */
const [TYPED, RESIZED] = [0, 1]

interface Session {
  socket: WebSocket
  facts: RequestFacts
  op: SignedInOp
  taken: Taken
  /** When the person did something last. */
  touchedAt: number
  end: (why: string, code?: number) => void
  /** Aborts with the session's end. */
  over: AbortController
  why: string
  /** Once its end stands in the log. */
  written: Promise<void>
  wrote: () => void
}

const open = new Set<Session>()

const CLOSED = 'It was closed'
const LOST = 'The connection to the machine was lost'
const STOPS = 'Freehold restarts: open it again'

/** Ends all consoles of this process, as when it stops, and waits until their ends are written. */
export async function endConsoles(): Promise<void> {
  const sessions = [...open]
  for (const session of sessions) session.end(STOPS)
  const written = Promise.all(sessions.map((session) => session.written))
  await Promise.race([written, sleep(LAST_MS, undefined, { ref: false })])
}

/** Who comes with these cookies now. @throws AppError 401, 403 */
async function signedIn(facts: RequestFacts): Promise<SignedInOp> {
  const op = await buildContext(facts)
  assertAllowed(op, DECLARATION)
  return { ...op, call: { name: 'consoles.bytes', declaration: DECLARATION, audited: true } }
}

/**
 * Serves one console over a websocket that is open: its first message is a ticket, the first answer says what is shown
 * (`{"kind":"screen","name":"web-01"}`); from then on bytes. A screen speaks RFB 3.8 without a password. To a terminal, each message
 * begins with 0 (typed) or 1 (resized: two 16-bit numbers, columns and rows). Ends within 5 s of the right to it being lost; the close
 * frame says why.
 */
export async function serveConsole(socket: WebSocket, facts: RequestFacts): Promise<void> {
  socket.on('error', () => undefined)
  let session: Session | undefined
  try {
    const ticket = await firstMessage(socket)
    const op = await signedIn(facts)
    const taken = await takeTicket(op, ticket)
    if (!taken || taken.tenantId !== op.tenant.id)
      return close(socket, REFUSED, 'This console cannot be opened any more: open it again')
    session = begin(socket, facts, op, taken)
    await run(session)
  } catch (error) {
    const told = tellable(error)
    const ours = error instanceof AppError ? error.message : 'Something went wrong on our side'
    if (!told && !(error instanceof AppError)) log().error({ err: error }, 'a console failed')
    const why = told?.message ?? ours
    if (session) session.end(why, REFUSED)
    else close(socket, REFUSED, why)
  } finally {
    if (session) await finish(session)
  }
}

function begin(socket: WebSocket, facts: RequestFacts, op: SignedInOp, taken: Taken): Session {
  let wrote: () => void = () => undefined
  const written = new Promise<void>((resolve) => (wrote = resolve))
  const session: Session = {
    written,
    wrote,
    ...{ socket, facts, op, taken, touchedAt: Date.now(), over: new AbortController(), why: '' },
    end: (why, code = ENDED) => {
      session.why ||= why
      close(socket, code, session.why)
      session.over.abort()
    },
  }
  socket.once('close', () => session.end(CLOSED))
  open.add(session)
  // It may have gone while the ticket was looked at
  if (socket.readyState !== socket.OPEN) session.end(CLOSED)
  return session
}

async function finish(session: Session): Promise<void> {
  session.over.abort()
  await systemValue('console_end', [session.taken.id, session.why]).catch((error: unknown) =>
    log().error({ err: error }, 'the end of a console was not written'),
  )
  open.delete(session)
  session.wrote()
}

async function run(session: Session): Promise<void> {
  const { socket, op, taken, over } = session
  const { name, found } = await placeOf(op, taken.resourceId)
  const live = await liveConnection(found.cloudId)
  if (!live) return session.end('Its cloud is not connected', REFUSED)
  if (over.signal.aborted) return
  const { connector, context } = dial(live, over.signal)
  if (!connector.console) return session.end('Its cloud has no console to open', REFUSED)
  const stopWatching = watchOver(session, wayOf(found.externalId, live))
  try {
    const { externalId } = found
    const far = await connector.console(context, { kind: 'virtual_machine', externalId })
    over.signal.addEventListener('abort', () => far.stream.destroy())
    if (over.signal.aborted) return void far.stream.destroy()
    // Before what joins the two hears of it, and closes without a word
    far.stream.once('end', () => session.end('The machine closed it'))
    far.stream.once('close', () => session.end(LOST))
    socket.send(JSON.stringify({ kind: far.kind, name }))
    await (far.kind === 'screen' ? joinScreen(session, far.stream) : joinTerminal(session, far))
  } catch (error) {
    // What breaks off because it is over is no failure
    if (!over.signal.aborted) throw error
  } finally {
    stopWatching()
  }
}

/** All that says which machine is reached, where and as whom: another one, and what is open is not what was asked for. */
const wayOf = (externalId: string, { name: _name, ...live }: Live): string =>
  JSON.stringify([externalId, live])

/** Looks again and again whether the person may still have it. @returns what ends that */
function watchOver(session: Session, way: string): () => void {
  let busy = false
  const check = async () => {
    if (busy || session.over.signal.aborted) return
    busy = true
    try {
      if (Date.now() - session.touchedAt > IDLE_MS) return session.end('Nothing was typed for half an hour')
      // Who types is at work: the session does not run out meanwhile
      const background = Date.now() - session.touchedAt > CHECK_MS
      session.op = await signedIn({ ...session.facts, background })
      const { found } = await placeOf(session.op, session.taken.resourceId)
      const live = await liveConnection(found.cloudId)
      if (!live || wayOf(found.externalId, live) !== way)
        session.end('The connection to its cloud has changed: open it again', REFUSED)
    } catch (error) {
      session.end(
        error instanceof AppError ? error.message : 'Your right to it could not be checked',
        REFUSED,
      )
    } finally {
      busy = false
    }
  }
  const beat = () => systemValue('console_beat', [session.taken.id]).catch(() => undefined)
  const timers = [
    setInterval(() => void check(), CHECK_MS),
    setInterval(() => void beat(), BEAT_MS),
    setInterval(() => session.socket.ping(), BEAT_MS),
  ]
  const unhear = onChange((notice) => {
    if (concerns(session, notice)) void check()
  })
  return () => {
    unhear()
    for (const timer of timers) clearInterval(timer)
  }
}

function concerns({ op, taken }: Session, notice: Notice): boolean {
  switch (notice.kind) {
    case 'session':
      return notice.id === op.session.id
    case 'resources':
      return notice.ids.includes(taken.resourceId)
    case 'tenant':
      return notice.id === op.tenant.id
    case 'public':
    case 'missed':
      return true
  }
}

/** RFB in both directions. */
async function joinScreen(session: Session, far: Duplex): Promise<void> {
  session.socket.on('message', (data: RawData) => {
    if (BY_HAND.has((data as Buffer)[0] ?? 0)) session.touchedAt = Date.now()
  })
  const near = bytesOf(session.socket)
  await greetViewer(near, session.over.signal)
  await pipeline(near, far, near).catch(() => undefined)
}

async function joinTerminal(session: Session, { stream, resize }: Console): Promise<void> {
  const { socket } = session
  socket.on('message', (data: RawData) => {
    const [kind, rest] = [(data as Buffer)[0], (data as Buffer).subarray(1)]
    if (kind === RESIZED && rest.length === 4) return resize?.(rest.readUInt16BE(0), rest.readUInt16BE(2))
    if (kind !== TYPED) return
    session.touchedAt = Date.now()
    if (stream.write(rest)) return
    socket.pause()
    stream.once('drain', () => socket.resume())
  })
  stream.on('data', (chunk: Buffer) => {
    socket.send(chunk, { binary: true }, () => stream.resume())
    if (socket.bufferedAmount > QUEUE_BYTES) stream.pause()
  })
  await new Promise<void>((resolve) => stream.once('close', () => resolve()))
}

async function firstMessage(socket: WebSocket): Promise<string> {
  const signal = AbortSignal.timeout(TICKET_MS)
  const [data] = (await once(socket, 'message', { signal }).catch(() => {
    throw new AppError('invalid_input', 'No ticket came')
  })) as [Buffer]
  return data.toString('utf8', 0, 200)
}

function close(socket: WebSocket, code: number, why: string): void {
  let reason = why
  while (Buffer.byteLength(reason) > REASON_BYTES) reason = reason.slice(0, -1)
  socket.close(code, reason)
  // Who does not answer a close is cut off
  setTimeout(() => socket.terminate(), 2000).unref()
}
