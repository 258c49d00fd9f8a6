import http from 'node:http'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import { ConnectorError, type Transport } from '@/server/connectors/contract'

/** To a unix socket. */
export const socketTransport = (path: string): Transport =>
  transportOver(() => opened(net.connect(path), 'connect'))

/** To a port of 127.0.0.1 by TLS, whose certificate is the one of this fingerprint. */
export const tlsTransport = (
  port: number,
  pin: string,
  pair?: { certificate: string; key: string },
): Transport =>
  transportOver(async () => {
    const options = {
      host: '127.0.0.1',
      port,
      cert: pair?.certificate,
      key: pair?.key,
      rejectUnauthorized: false,
    }
    const socket = tls.connect(options)
    await opened(socket, 'secureConnect')
    if (socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase() === pin) return socket
    socket.destroy()
    throw new ConnectorError('changed_certificate', 'The certificate is another one')
  })

function opened(socket: net.Socket, event: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve(socket))
    socket.once('error', () => reject(new ConnectorError('unreachable', 'Nobody answers')))
  })
}

function transportOver(connect: () => Promise<Duplex>): Transport {
  return {
    connect,
    request: async ({ method, path, headers, body }) => {
      const socket = await connect()
      return new Promise((resolve, reject) => {
        const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
        const options = {
          method,
          path,
          headers: { host: 'incus', ...length, ...headers },
          createConnection: () => socket,
        }
        const request = http.request(options, (answer) => {
          const chunks: Buffer[] = []
          answer.on('data', (chunk: Buffer) => chunks.push(chunk))
          answer.on('end', () => {
            socket.destroy()
            const status = answer.statusCode ?? 0
            resolve({
              status,
              statusText: answer.statusMessage ?? '',
              headers: {},
              body: Buffer.concat(chunks),
            })
          })
        })
        request.on('error', reject)
        request.end(body)
      })
    },
  }
}
