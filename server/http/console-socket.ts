import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { endConsoles, serveConsole } from '@/server/features/machines/consoles.live'
import { assertSameOrigin } from '@/server/http/origin'
import { type GuardConfig, guardRequest } from '@/server/platform/http-guard'
import { log } from '@/server/platform/log'

/** The one path that has a websocket. */
const PATH = '/api/console'
/** What a browser sends is typed or pasted. */
const LARGEST = 1_000_000
/** How long a refused client may take to go. */
const GO_MS = 2000

/** Java's HttpClient and curl --http2 offer h2c with every request; a server may ignore it (RFC 9110, 7.8). */
const isOnlyOffered = (req: IncomingMessage): boolean => (req.headers.upgrade ?? '').toLowerCase() === 'h2c'

/**
 * For `createServer`: from Node 22.21 on, what is only offered is no upgrade at all. Older versions give it to the listener below with its body
 * unread, so that it can be given back; from Node 26 on the body would be gone by then.
 */
export const UPGRADES = { shouldUpgradeCallback: (req: IncomingMessage) => !isOnlyOffered(req) }

/** Upgraded sockets, of which Node's server knows nothing any more, by their server. */
const upgraded = new WeakMap<Server, () => Promise<void>>()

/** Ends the websockets of a server that stops, those that are no console yet too. */
export const closeConsoleSockets = async (server: Server): Promise<void> => upgraded.get(server)?.()

/**
 * Lets a server open websockets at /api/console, for a page of its own origin, and nowhere else. The request passes the same guard as every
 * other one; who asks is seen by the first message (server/features/machines/consoles.live.ts).
 */
export function openConsoleSocket(server: Server, guard: GuardConfig): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST, perMessageDeflate: false })
  const taken = new Set<Duplex>()
  let stopping = false
  upgraded.set(server, async () => {
    stopping = true
    await endConsoles()
    for (const socket of taken) socket.destroy()
    // Those that began meanwhile
    await endConsoles()
  })
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (isOnlyOffered(req)) return asIfNotOffered(server, req, socket, head)
    // Next's own listener has it: hot reload
    if (guard.dev && (req.url ?? '').startsWith('/_next/')) return
    socket.on('error', () => undefined)
    taken.add(socket)
    socket.once('close', () => taken.delete(socket))
    if (stopping) return refuse(socket, 503)
    const wanted = (req.headers.upgrade ?? '').toLowerCase()
    const guarded = guardRequest(req, { ...guard, socket: true })
    if (!guarded.ok) return refuse(socket, guarded.status)
    const [path] = guarded.url.split('?')
    if (path !== PATH || wanted !== 'websocket' || req.method !== 'GET') return refuse(socket, 400)
    try {
      assertSameOrigin(new Headers(req.headers as Record<string, string>), guarded.host)
    } catch {
      return refuse(socket, 403)
    }
    req.headers.upgrade = 'websocket'
    const facts = {
      host: guarded.host,
      path: guarded.path,
      cookie: req.headers.cookie ?? null,
      ip: guarded.clientIp,
      userAgent: req.headers['user-agent'] ?? '',
      requestId: guarded.requestId,
    }
    sockets.handleUpgrade(req, socket, head, (ws) => {
      serveConsole(ws, facts).catch((error: unknown) => {
        log().error({ err: error, requestId: facts.requestId }, 'a console failed')
        ws.terminate()
      })
    })
  })
}

/** Node has taken the request out of its own hands by now: it is given back, without what is not accepted. */
function asIfNotOffered(server: Server, req: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines: string[] = []
  for (let i = 0; i + 1 < req.rawHeaders.length; i += 2) {
    const [name = '', value = ''] = req.rawHeaders.slice(i, i + 2)
    if (!/^(?:upgrade|http2-settings|connection)$/i.test(name)) lines.push(`${name}: ${value}`)
  }
  if (/\bclose\b/i.test(req.headers.connection ?? '')) lines.push('Connection: close')
  const text = `${req.method} ${req.url} HTTP/${req.httpVersion}\r\n${lines.join('\r\n')}\r\n\r\n`
  socket.unshift(Buffer.concat([Buffer.from(text, 'latin1'), head]))
  server.emit('connection', socket)
}

/** Answers, and goes whatever the other side does: none of Node's time limits are on this socket any more. */
function refuse(socket: Duplex, status: number): void {
  const late = setTimeout(() => socket.destroy(), GO_MS).unref()
  socket.once('close', () => clearTimeout(late))
  socket.once('finish', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n${STATUS_CODES[status]}\n`,
  )
}
