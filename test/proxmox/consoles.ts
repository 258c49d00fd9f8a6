import { randomBytes } from 'node:crypto'
import type https from 'node:https'
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws'
import { type Screen, serveVnc } from '@/test/vnc'

const PATH = /^\/api2\/json\/nodes\/\w+\/(?:qemu|lxc)\/\d+\/vncwebsocket$/

/** Screens of the emulator's guests: a ticket and a port by `vncproxy`, the screen itself by a websocket. */
export class EmulatedConsoles {
  readonly screen: Screen = { keys: [] }
  private readonly sockets = new Set<WebSocket>()
  private readonly tickets = new Map<string, string>()

  /** What `vncproxy` answers. */
  make(upid: string): object {
    const ticket = `PVEVNC:${randomBytes(40).toString('hex')}`
    const port = String(5900 + this.tickets.size)
    this.tickets.set(ticket, port)
    return { ticket, port, upid, user: 'freehold@pve!portal', cert: '' }
  }

  /** Ends all that are open, as the end of a machine does. */
  drop(): void {
    for (const socket of this.sockets) socket.terminate()
    this.sockets.clear()
  }

  listen(server: https.Server, authorization: string): void {
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'binary' })
    server.on('upgrade', (req, socket, head) => {
      const url = new URL(req.url ?? '', 'https://pve')
      const ticket = url.searchParams.get('vncticket') ?? ''
      const isRight =
        PATH.test(url.pathname) &&
        req.headers.authorization === authorization &&
        this.tickets.get(ticket) === url.searchParams.get('port')
      if (!isRight) return void socket.end('HTTP/1.1 401 permission denied - invalid ticket\r\n\r\n')
      this.tickets.delete(ticket)
      sockets.handleUpgrade(req, socket, head, (ws) => {
        this.sockets.add(ws)
        serveVnc(createWebSocketStream(ws), this.screen, ticket)
      })
    })
  }
}
