import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import net, { isIP } from 'node:net'
import { inNetworks } from '@/lib/networks'
import { ConnectorError } from '@/server/connectors/contract'
import type { Endpoint } from '@/server/connectors/transport/endpoint'
import { addressKind } from '@/server/platform/address-kind'

/** What a tenant's connections may reach beside public addresses. */
export interface Egress {
  /** Private networks, approved for this tenant by the master: `10.1.0.0/16`. */
  networks: readonly string[]
  /** On the portal's own machine, as its operator lists them: `127.0.0.1:8443`, `/var/lib/incus/unix.socket`. Exactly these. */
  local: readonly string[]
}

/** How long a name, a connection and its TLS handshake may take together, in ms. */
const CONNECT_MS = 10_000

/** The end of all that it takes to get there, however far it is by then. */
export const untilConnected = (signal: AbortSignal): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)])

/** The same words for what is forbidden and what is not there: neither tells of what stands behind the portal (attack I06). */
const blocked = () =>
  new ConnectorError('blocked_address', 'This address cannot be reached from here, or may not be')
export const unreachable = () =>
  new ConnectorError(
    'unreachable',
    'The server cannot be reached. Check the address, the port and its firewall.',
  )
export const timedOut = () => new ConnectorError('timeout', 'The server did not answer in time')

/** Whether a connection may go to this very address and port. */
export function mayConnect(address: string, port: number, egress: Egress): boolean {
  switch (addressKind(address)) {
    case 'public':
      return true
    case 'private':
      return inNetworks(egress.networks, address)
    case 'loopback':
      return egress.local.includes(isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`)
    case 'never':
      return false
  }
}

/** A name server that is silent is waited for no longer than anybody else. */
function lookedUp(host: string, signal: AbortSignal): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(timedOut()), { once: true })
    lookup(host, { all: true }).then(resolve, () => reject(unreachable()))
  })
}

/** All addresses of a name; one that may not be reached forbids them all, so that no answer is a game of chance (attack I02). */
async function addressOf(host: string, port: number, egress: Egress, signal: AbortSignal): Promise<string> {
  const literal = isIP(host) !== 0
  const addresses = literal ? [host] : (await lookedUp(host, signal)).map(({ address }) => address)
  if (addresses.length === 0 || !addresses.every((address) => mayConnect(address, port, egress)))
    throw blocked()
  return addresses[0] ?? ''
}

/** A plain connection to what the endpoint stands for. Names are looked up here, and the checked address is connected to, not the name. */
export async function openSocket(
  endpoint: Endpoint,
  egress: Egress,
  signal: AbortSignal,
): Promise<net.Socket> {
  if (endpoint.scheme === 'unix') {
    if (!egress.local.includes(endpoint.path)) throw blocked()
    return connected(net.connect({ path: endpoint.path }), signal)
  }
  const host = await addressOf(endpoint.host, endpoint.port, egress, signal)
  return connected(net.connect({ host, port: endpoint.port }), signal)
}

/** @throws ConnectorError unreachable, timeout */
function connected(socket: net.Socket, signal: AbortSignal): Promise<net.Socket> {
  return settled(socket, 'connect', signal, unreachable)
}

/** Waits for an event of a socket, or destroys it. @param wrong what an error of the socket means */
export function settled<S extends net.Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
  wrong: (error: NodeJS.ErrnoException) => ConnectorError,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      done()
      socket.on('error', () => undefined)
      socket.destroy()
      reject(error)
    }
    const onError = (error: Error) => fail(wrong(error))
    const onClose = () => fail(unreachable())
    const onAbort = () => fail(timedOut())
    const done = () => {
      socket.off('error', onError).off('close', onClose)
      signal.removeEventListener('abort', onAbort)
    }
    socket.once('error', onError).once('close', onClose)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) return onAbort()
    socket.once(event, () => {
      done()
      // What happens to it from here on is told by whoever reads it.
      socket.on('error', () => undefined)
      resolve(socket)
    })
  })
}
