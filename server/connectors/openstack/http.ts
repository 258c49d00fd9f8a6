import { z } from 'zod'
import { ConnectorError, type ConnectorContext, type HttpAnswer, type HttpRequest } from '../contract'

/** A page of 1000 servers is some 5 MB. */
const PAGE_BYTES = 32_000_000
const PAGE_MS = 60_000

export interface Reply {
  status: number
  headers: HttpAnswer['headers']
  value: unknown
  /** Whether the body is a web page. */
  isPage: boolean
}

/** One request, any status. @throws ConnectorError only of the transport */
export async function exchange(
  { transport, signal }: Pick<ConnectorContext, 'transport' | 'signal'>,
  request: HttpRequest,
): Promise<Reply> {
  signal.throwIfAborted()
  const headers: Record<string, string> = {
    accept: 'application/json',
    ...(request.body !== undefined && { 'content-type': 'application/json' }),
    ...request.headers,
  }
  const answer = await transport.request({ maxBytes: PAGE_BYTES, timeoutMs: PAGE_MS, ...request, headers })
  const text = answer.body.toString('utf8')
  return { status: answer.status, headers: answer.headers, value: jsonOf(text), isPage: /^\s*</.test(text) }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const fault = z.record(z.string(), z.looseObject({ message: z.string() }))

/** The service's own words in `{"conflictingRequest": {"message": …}}` and the like; only an outcome may show them. */
export function wordsOf({ value }: Reply): string {
  const read = fault.safeParse(value)
  return (read.success && Object.values(read.data)[0]?.message.slice(0, 500)) || ''
}

/** A refusal in terms that a remedy can be given for; nothing of the answer is in its words. */
export function refusal({ status, headers }: Pick<Reply, 'status' | 'headers'>): ConnectorError {
  const wait = Number(headers['retry-after']) || undefined
  if (status === 401) return new ConnectorError('unauthenticated', 'The token is not taken')
  if (status === 403)
    return new ConnectorError('forbidden', 'The roles of the application credential do not allow this')
  if (status === 404) return new ConnectorError('not_found', 'The cloud has no such thing')
  if (status === 406)
    return new ConnectorError('unsupported', 'The compute service is older than OpenStack Pike (API 2.47)')
  if (status === 429 || (status === 413 && wait))
    return new ConnectorError('rate_limited', 'The cloud asks to wait', wait)
  if (status >= 500) return new ConnectorError('server_error', `The cloud failed (status ${status})`)
  if (status >= 300 && status < 400)
    return new ConnectorError(
      'wrong_server',
      'The server leads elsewhere; enter the address of the cloud itself',
    )
  return new ConnectorError('bad_answer', `The cloud refused the request (status ${status})`)
}
