import { z } from 'zod'
import { ConnectorError, type ConnectorContext, type HttpAnswer, type HttpRequest } from '../contract'

/** Versions of the API, 1.x, whose lists and actions are as they are read here. */
const OLDEST = 24
const NEWEST = 51
/** A list of 20,000 containers is some 30 MB. */
const LIST_BYTES = 64_000_000
const LIST_MS = 60_000

/** An engine that has said what it is. */
export interface Engine {
  isPodman: boolean
  version: string
  /** `Docker Engine 20.10.24` */
  label: string
  /** The version of the API that both sides know: `1.41`. */
  api: string
  /** The engine's clock, in ms: events are asked for by it. */
  now: number
}

/**
 * Asks by `/_ping`: Podman takes a second for `/version`, as it asks the package manager about its parts.
 * @throws ConnectorError wrong_server, where the server is none of Docker or Podman; unsupported
 */
export async function openEngine(context: ConnectorContext): Promise<Engine> {
  context.signal.throwIfAborted()
  const answer = await context.transport.request({ method: 'GET', path: '/_ping' })
  const { status, headers } = answer
  if (status === 403 || status === 401 || status >= 500) throw refusal(status, answer)
  const newest = headers['api-version']
  if (status !== 200 || newest === undefined)
    throw new ConnectorError(
      'wrong_server',
      'This is no Docker Engine and no Podman: it answers something else',
    )
  const isPodman = headers['libpod-api-version'] !== undefined
  const [, version = ''] = /^(?:Docker|Libpod)\/([\w.+~-]{1,50})/.exec(headers.server ?? '') ?? []
  return {
    isPodman,
    version,
    label: `${isPodman ? 'Podman' : 'Docker Engine'} ${version}`.trim(),
    api: commonVersion(newest),
    now: Date.parse(headers.date ?? '') || Date.now(),
  }
}

const unsupported = () =>
  new ConnectorError(
    'unsupported',
    `The engine knows no version of the API from 1.${OLDEST} to 1.${NEWEST}, which are known here`,
  )

/** The newest version of the API that both sides know. @throws ConnectorError unsupported */
export function commonVersion(newest: string): string {
  const common = Math.min(Number(/^1\.(\d{1,3})$/.exec(newest)?.[1] ?? Number.NaN), NEWEST)
  if (common >= OLDEST) return `1.${common}`
  throw unsupported()
}

export interface Reply {
  status: number
  value: unknown
  /** The engine's own words, of a refusal; only an outcome may show them. */
  words: string
  headers: HttpAnswer['headers']
}

/** One request, any status. @throws ConnectorError only of the transport */
export async function ask(context: ConnectorContext, { api }: Engine, request: HttpRequest): Promise<Reply> {
  context.signal.throwIfAborted()
  const answer = await context.transport.request({ ...request, path: `/v${api}${request.path}` })
  const value = jsonOf(answer.body)
  const said = z.looseObject({ message: z.string() }).safeParse(value)
  const words = said.success ? said.data.message.slice(0, 500) : ''
  return { status: answer.status, value, words, headers: answer.headers }
}

/** What is read there, checked. @throws ConnectorError, also for every refusal */
export async function read<T>(
  context: ConnectorContext,
  engine: Engine,
  path: string,
  schema: z.ZodType<T>,
): Promise<T> {
  const reply = await ask(context, engine, { method: 'GET', path, maxBytes: LIST_BYTES, timeoutMs: LIST_MS })
  // a newer engine may know none that is known here
  if (reply.status === 400 && /\bversion\b.*\btoo old\b/.test(reply.words)) throw unsupported()
  if (reply.status !== 200) throw refusal(reply.status, reply)
  const parsed = schema.safeParse(reply.value)
  if (!parsed.success)
    throw new ConnectorError('bad_answer', `The engine's answer to ${path.split('?')[0]} is not understood`)
  return parsed.data
}

/** As `read`, but null where a proxy in front of the socket lets nobody look. @throws ConnectorError */
export async function readIfAllowed<T>(
  context: ConnectorContext,
  engine: Engine,
  path: string,
  schema: z.ZodType<T>,
): Promise<T | null> {
  try {
    return await read(context, engine, path, schema)
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'forbidden') return null
    throw error
  }
}

/** A refusal in terms that a remedy can be given for; nothing of the answer is in its words. */
export function refusal(status: number, { headers }: Pick<HttpAnswer, 'headers'>): ConnectorError {
  if (status === 401)
    return new ConnectorError('unauthenticated', 'The engine does not know this certificate')
  if (status === 403) return new ConnectorError('forbidden', 'A proxy in front of the engine forbids this')
  if (status === 404) return new ConnectorError('not_found', 'The engine has no such thing')
  if (status === 429)
    return new ConnectorError(
      'rate_limited',
      'The engine asks to wait',
      Number(headers['retry-after']) || undefined,
    )
  if (status >= 500) return new ConnectorError('server_error', `The engine failed (status ${status})`)
  if (status >= 300 && status < 400)
    return new ConnectorError(
      'wrong_server',
      'The server leads elsewhere; enter the address of the engine itself',
    )
  return new ConnectorError('bad_answer', `The engine refused the request (status ${status})`)
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return null
  }
}
