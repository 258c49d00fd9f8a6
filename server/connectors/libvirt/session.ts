import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { ConnectorError, type ConnectorContext } from '../contract'
import { AUTH_LIST, AUTH_POLKIT, CONNECT_OPEN, type Procedure } from './procedures'
import { readRefusal } from './refusal'
import { encodeMessage, type Message, Splitter, STATUS, TYPE } from './wire'
import { XdrReader, XdrWriter } from './xdr'

/** How long an answer may take, in ms, unless the caller says otherwise. */
const ANSWER_MS = 30_000

const lost = () => new ConnectorError('unreachable', 'The server closed the connection')
const late = () => new ConnectorError('timeout', 'The server did not answer in time')
const nonsense = () => new ConnectorError('bad_answer', 'The server answers what was not asked')

interface Waiting {
  procedure: number
  settle: (answer: Message | Error) => void
}

/** A connection on which procedures of libvirt are called. One thing that is wrong with it ends it, and all that waits on it. */
export class Session {
  private readonly splitter = new Splitter()
  private readonly waiting = new Map<number, Waiting>()
  private serial = 0
  private sent: Promise<void> = Promise.resolve()
  private failed: Error | null = null
  private end: (error: Error) => void = () => undefined
  private greet: () => void = () => undefined
  private readonly greeted = new Promise<null>((resolve) => (this.greet = () => resolve(null)))
  private awaitsGreeting: boolean
  /** Why it ended. */
  readonly ended = new Promise<Error>((resolve) => (this.end = resolve))
  /** Called for each event that was asked for. */
  onEvent: (procedure: number, xdr: XdrReader) => void = () => undefined

  constructor(
    private readonly connection: Duplex,
    private readonly signal: AbortSignal,
  ) {
    this.awaitsGreeting = connection instanceof TLSSocket
    for (const event of ['error', 'close', 'end']) connection.on(event, () => this.fail(lost()))
    connection.on('data', (chunk: Buffer) => this.receive(chunk))
    signal.addEventListener('abort', this.onAbort, { once: true })
    if (signal.aborted) this.onAbort()
  }

  private readonly onAbort = () => this.fail(late())

  /** Over TLS the server first says with one byte whether it accepts the client's certificate. @throws ConnectorError unauthenticated */
  async accepted(): Promise<void> {
    if (!this.awaitsGreeting) return
    const end = setTimeout(() => this.fail(late()), ANSWER_MS)
    const error = await Promise.race([this.greeted, this.ended])
    clearTimeout(end)
    if (!error) return
    const isLost = error instanceof ConnectorError && error.code === 'unreachable'
    throw isLost
      ? new ConnectorError('unauthenticated', 'The server does not accept this client certificate')
      : error
  }

  /** Ends it; what still waits is told so. @returns the first reason there was */
  fail(error: Error): Error {
    if (this.failed) return this.failed
    this.failed = error
    this.signal.removeEventListener('abort', this.onAbort)
    this.connection.destroy()
    for (const { settle } of this.waiting.values()) settle(error)
    this.waiting.clear()
    this.end(error)
    return error
  }

  close(): void {
    this.fail(lost())
  }

  /** Calls a procedure. @throws ConnectorError; a Refusal where the server answered with an error */
  async call<Args extends unknown[], Result>(
    { number, write, read }: Procedure<Args, Result>,
    ...args: Args
  ): Promise<Result> {
    return this.callFor(ANSWER_MS, { number, write, read }, ...args)
  }

  /** As `call`, for what takes longer. @param answerMs how long the answer may take */
  async callFor<Args extends unknown[], Result>(
    answerMs: number,
    { number, write, read }: Procedure<Args, Result>,
    ...args: Args
  ): Promise<Result> {
    if (this.failed) throw this.failed
    const xdr = new XdrWriter()
    write(xdr, ...args)
    const serial = ++this.serial
    const { status, body } = await this.exchange(serial, number, xdr.done(), answerMs)
    if (status !== STATUS.ok) throw readRefusal(body)
    const reader = new XdrReader(body)
    const result = read(reader)
    reader.end()
    return result
  }

  private exchange(serial: number, procedure: number, body: Buffer, answerMs: number): Promise<Message> {
    return new Promise((resolve, reject) => {
      const end = setTimeout(() => this.fail(late()), answerMs)
      const settle = (answer: Message | Error) => {
        clearTimeout(end)
        if (answer instanceof Error) reject(answer)
        else resolve(answer)
      }
      this.waiting.set(serial, { procedure, settle })
      this.send(encodeMessage({ procedure, type: TYPE.call, serial, status: STATUS.ok, body }))
    })
  }

  /**
   * One message after the other: Node would put those that wait into one TLS record, and libvirtd, having read the first of a record,
   * waits for more to arrive before it looks at the next.
   */
  private send(bytes: Buffer): void {
    this.sent = this.sent.then(() => new Promise((resolve) => this.connection.write(bytes, () => resolve())))
  }

  private receive(chunk: Buffer): void {
    try {
      const rest = this.awaitsGreeting ? this.afterGreeting(chunk) : chunk
      for (const message of this.splitter.push(rest)) this.take(message)
    } catch (error) {
      this.fail(error as Error)
    }
  }

  private afterGreeting(chunk: Buffer): Buffer {
    if (chunk[0] !== 1) throw new ConnectorError('wrong_server', 'The server does not speak as libvirt does')
    this.awaitsGreeting = false
    this.greet()
    return chunk.subarray(1)
  }

  private take(message: Message): void {
    if (message.type === TYPE.event) return this.onEvent(message.procedure, new XdrReader(message.body))
    const asked = this.waiting.get(message.serial)
    if (message.type !== TYPE.reply || asked?.procedure !== message.procedure) throw nonsense()
    this.waiting.delete(message.serial)
    asked.settle(message)
  }
}

const AUTH = { none: 0, sasl: 1, polkit: 2 } as const

async function authenticate(session: Session): Promise<void> {
  const ways = await session.call(AUTH_LIST)
  if (ways.includes(AUTH.none)) return
  if (ways.includes(AUTH.polkit)) return void (await session.call(AUTH_POLKIT))
  throw new ConnectorError(
    'unauthenticated',
    'The server asks for a user and a password (SASL), which is not supported: let it take client certificates alone (auth_tls = "none")',
  )
}

/** Opens a session for one piece of work, and closes it in the end. @throws ConnectorError */
export async function withSession<T>(
  { transport, settings, signal }: ConnectorContext<{ uri: string }>,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = new Session(await transport.connect(), signal)
  try {
    await session.accepted()
    await authenticate(session)
    await session.call(CONNECT_OPEN, settings.uri)
    return await work(session)
  } finally {
    session.close()
  }
}
