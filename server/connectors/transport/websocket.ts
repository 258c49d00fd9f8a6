import type { Duplex } from 'node:stream'
import { createWebSocketStream, WebSocket } from 'ws'
import { ConnectorError, type Transport } from '../contract'
import { unreachable } from './reach'

const HANDSHAKE_MS = 10_000
/** A whole screen of 4k fits. */
const LARGEST = 32 * 1024 * 1024

interface Options {
  headers?: Record<string, string>
  protocol?: string
  maxBytes?: number
}

const refused = () =>
  new ConnectorError('wrong_server', 'The server does not open the stream that was asked for')

/**
 * A websocket to the connector's endpoint, that is open, and its binary messages as one stream of bytes, which has all from the first on.
 * @throws ConnectorError as `connect`, and wrong_server where it is refused
 */
export async function openWebSocket(
  transport: Transport,
  path: string,
  options: Options = {},
): Promise<{ socket: WebSocket; stream: Duplex }> {
  const connection = await transport.connect()
  const socket = new WebSocket(`ws://endpoint${path}`, options.protocol ?? [], {
    createConnection: () => connection as never,
    maxPayload: options.maxBytes ?? LARGEST,
    handshakeTimeout: HANDSHAKE_MS,
    perMessageDeflate: false,
    headers: options.headers,
  })
  socket.on('close', () => connection.destroy())
  const stream = bytesOf(socket)
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', (error) => {
      connection.destroy()
      // The words of ws for any status but 101
      reject(/Unexpected server response/.test(error.message) ? refused() : unreachable())
    })
  })
  return { socket, stream }
}

/** Its binary messages as one stream of bytes. What happens to it is told by `close`. */
export function bytesOf(socket: WebSocket): Duplex {
  socket.on('error', () => undefined)
  const stream = createWebSocketStream(socket)
  stream.on('error', () => undefined)
  // Closed is closed: nothing is written any more
  stream.once('end', () => stream.destroy())
  return stream
}
