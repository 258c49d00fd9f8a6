import net from 'node:net'

/** A line to a server that a test can cut without a word, as a firewall does. */
export interface TcpProxy {
  /** The same address by way of the proxy. */
  url: string
  /** Forwards nothing any more, in either direction; sends no RST, accepts connections and is silent. */
  stall: () => void
  /** Forwards again, with what was held back. */
  resume: () => void
  close: () => Promise<void>
}

/** Puts a proxy in front of the server of an address. */
export async function startTcpProxy(url: string): Promise<TcpProxy> {
  const target = new URL(url)
  const sockets = new Set<net.Socket>()
  let stalled = false
  const keep = (socket: net.Socket, other: net.Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      sockets.delete(socket)
      // While stalled not even the end of a connection gets through.
      if (!stalled) other.destroy()
    })
    socket.on('data', (chunk) => void other.write(chunk))
    if (stalled) socket.pause()
  }
  const server = net.createServer((near) => {
    const far = net.connect(Number(target.port), target.hostname)
    keep(near, far)
    keep(far, near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const through = new URL(url)
  through.hostname = '127.0.0.1'
  through.port = String((server.address() as net.AddressInfo).port)
  return {
    url: through.href,
    stall: () => {
      stalled = true
      for (const socket of sockets) socket.pause()
    },
    resume: () => {
      stalled = false
      for (const socket of sockets) socket.resume()
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
