import { z } from 'zod'
import { ConnectorError, type ConnectorContext, type HttpRequest } from '../contract'

/** Lists of guests with their states, of thousands of them. */
const LIST_BYTES = 64_000_000
const LIST_MS = 60_000

const envelope = z.looseObject({
  type: z.string(),
  operation: z.string().max(500).optional(),
  error: z.string().optional(),
  error_code: z.number().optional(),
  metadata: z.unknown(),
})

/** What the server said: of a refusal its own words too, which only an outcome may show. */
export interface Reply {
  status: number
  metadata: unknown
  operation: string
  words: string
}

/** One request, any answer that is of Incus or LXD. @throws ConnectorError also of the transport */
export async function ask(
  context: Pick<ConnectorContext, 'transport' | 'signal'>,
  request: HttpRequest,
): Promise<Reply> {
  context.signal.throwIfAborted()
  const headers: Record<string, string> =
    request.body === undefined ? {} : { 'content-type': 'application/json' }
  const answer = await context.transport.request({ ...request, headers: { ...headers, ...request.headers } })
  const parsed = envelope.safeParse(jsonOf(answer.body))
  if (!parsed.success)
    throw new ConnectorError('wrong_server', 'This is no server of Incus or LXD: it answers something else')
  const { metadata, operation = '', error = '', error_code } = parsed.data
  const status = parsed.data.type === 'error' && answer.status < 400 ? (error_code ?? 500) : answer.status
  return { status, metadata, operation, words: error.slice(0, 500) }
}

/** What is read there, checked. @throws ConnectorError, also for every refusal */
export async function read<T>(context: ConnectorContext, path: string, schema: z.ZodType<T>): Promise<T> {
  const reply = await ask(context, { method: 'GET', path, maxBytes: LIST_BYTES, timeoutMs: LIST_MS })
  if (reply.status >= 400) throw refusal(reply)
  const parsed = schema.safeParse(reply.metadata)
  if (!parsed.success)
    throw new ConnectorError('bad_answer', `The server's answer to ${path.split('?')[0]} is not understood`)
  return parsed.data
}

/** As `read`, but null where this certificate may not look: what it cannot see is not there for it. */
export async function readIfAllowed<T>(
  context: ConnectorContext,
  path: string,
  schema: z.ZodType<T>,
): Promise<T | null> {
  try {
    return await read(context, path, schema)
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'forbidden') return null
    throw error
  }
}

/** Incus 6.0 answers a restricted certificate with 500 where LXD says 403; only its words tell that from a real failure. */
const FORBIDDEN = /does not have permission|not authorized|restricted client|certificate is restricted/i

/** Both servers answer with 500 where a project's limits or restrictions are in the way; only the words tell that from a real failure. */
const BY_PROJECT = /Reached maximum|is forbidden|doesn't allow for/

/** Whether the server refused in words that are an outcome, and nothing was done. */
export const isRefused = ({ status, words }: Pick<Reply, 'status' | 'words'>): boolean =>
  status === 400 || status === 409 || (status === 500 && BY_PROJECT.test(words))

/** A refusal in terms that a remedy can be given for; nothing of the answer is in its words. */
export function refusal({ status, words }: Pick<Reply, 'status' | 'words'>): ConnectorError {
  if (status === 403 || FORBIDDEN.test(words))
    return new ConnectorError('forbidden', 'The certificate may not do this')
  if (status === 401)
    return new ConnectorError('unauthenticated', 'The server does not know this certificate')
  if (status === 404) return new ConnectorError('not_found', 'The server has no such thing')
  if (status === 429) return new ConnectorError('rate_limited', 'The server asks to wait')
  if (status >= 500) return new ConnectorError('server_error', `The server failed (status ${status})`)
  return new ConnectorError('bad_answer', `The server refused the request (status ${status})`)
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return null
  }
}

/** A path of the API with its project and what else is asked; every part is encoded. */
export function pathOf(parts: readonly string[], query: Record<string, string> = {}): string {
  const search = new URLSearchParams(query).toString()
  return ['/1.0', ...parts.map(encodeURIComponent)].join('/') + (search ? `?${search}` : '')
}
