import http from 'node:http'
import type { Duplex } from 'node:stream'
import {
  ConnectorError,
  type HttpAnswer,
  type HttpRequest,
  type Transport,
} from '@/server/connectors/contract'
import { type Endpoint, endpointText } from '@/server/connectors/transport/endpoint'
import {
  type Egress,
  openSocket,
  timedOut,
  unreachable,
  untilConnected,
} from '@/server/connectors/transport/reach'
import { type ClientCertificate, openSecure, type Trust } from '@/server/connectors/transport/secure'

const DEFAULT_MS = 10_000
const DEFAULT_BYTES = 10 * 1024 * 1024

/** To which server, by which way, and until when. */
export interface Way {
  endpoint: Endpoint
  egress: Egress
  trust: Trust
  clientCertificate?: ClientCertificate
  signal: AbortSignal
}

/** The way of a connector to its server; see Transport for what it promises. Every request has a connection of its own. */
export function createTransport(way: Way): Transport {
  const { endpoint, egress, trust, clientCertificate } = way
  const connect = (end: AbortSignal): Promise<Duplex> => {
    const signal = untilConnected(end)
    return endpoint.scheme === 'unix'
      ? openSocket(endpoint, egress, signal)
      : openSecure(endpoint, egress, trust, clientCertificate, signal)
  }
  return {
    connect: () => connect(way.signal),
    beside: (port) => {
      // Who is reached by a socket of this machine has its other ports here, too
      const host = endpoint.scheme === 'unix' ? '127.0.0.1' : endpoint.host
      return openSocket({ scheme: 'tls', host, port }, egress, untilConnected(way.signal))
    },
    request: async (asked) => {
      const signal = AbortSignal.any([way.signal, AbortSignal.timeout(asked.timeoutMs ?? DEFAULT_MS)])
      return exchange(await connect(signal), asked, hostHeader(endpoint), signal)
    },
  }
}

const hostHeader = (endpoint: Endpoint): string =>
  endpoint.scheme === 'unix' ? 'localhost' : endpointText(endpoint).replace(/^\w+:\/\//, '')

/** One request over a connection of its own, which ends with it. Nothing is followed, nothing unpacked. */
function exchange(
  socket: Duplex,
  asked: HttpRequest,
  host: string,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const body = asked.body === undefined ? undefined : Buffer.from(asked.body)
  const most = asked.maxBytes ?? DEFAULT_BYTES
  return new Promise<HttpAnswer>((resolve, reject) => {
    const request = http.request({
      method: asked.method,
      path: asked.path,
      headers: {
        ...asked.headers,
        host,
        'accept-encoding': 'identity',
        connection: 'close',
        ...(body && { 'content-length': String(body.length) }),
      },
      createConnection: () => socket,
      signal,
    })
    request.on('error', (error) => reject(meaning(error, signal)))
    // Asked for no other protocol: Node would close the socket and say nothing more.
    request.on('upgrade', () =>
      reject(new ConnectorError('wrong_server', 'The server does not answer by HTTP')),
    )
    request.on('response', (answer) => {
      // What is packed may be a thousand times larger than it looks (attack I09).
      if (answer.headers['content-encoding'] && answer.headers['content-encoding'] !== 'identity')
        answer.destroy(
          new ConnectorError('bad_answer', 'The server packs its answer, which was not asked for'),
        )
      collect(answer, most).then(resolve, (error: unknown) => reject(broken(error, signal)))
    })
    request.end(body)
  }).finally(() => socket.destroy())
}

function collect(answer: http.IncomingMessage, most: number): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    answer.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > most)
        answer.destroy(new ConnectorError('too_large', 'The answer of the server is too large'))
      else chunks.push(chunk)
    })
    answer.on('error', reject)
    answer.on('end', () =>
      resolve({
        status: answer.statusCode ?? 0,
        statusText: answer.statusMessage ?? '',
        headers: Object.fromEntries(
          Object.entries(answer.headers).map(([name, value]) => [
            name,
            Array.isArray(value) ? value.join(', ') : (value ?? ''),
          ]),
        ),
        body: Buffer.concat(chunks),
      }),
    )
  })
}

/** An error of Node's in the words of connectors. */
function meaning(error: unknown, signal: AbortSignal): ConnectorError {
  if (error instanceof ConnectorError) return error
  if (signal.aborted) return timedOut()
  if (String((error as NodeJS.ErrnoException).code).startsWith('HPE_'))
    return new ConnectorError('wrong_server', 'The server does not answer by HTTP')
  return unreachable()
}

/** Cut off in the middle: what came is not the answer. */
function broken(error: unknown, signal: AbortSignal): ConnectorError {
  if (error instanceof ConnectorError) return error
  return signal.aborted ? timedOut() : new ConnectorError('bad_answer', 'The answer of the server breaks off')
}
