import net, { isIP } from 'node:net'
import { Duplex } from 'node:stream'
import tls from 'node:tls'
import { Client } from 'ldapts'
import { AddressRefused, type Allowed, allowedHere, lookupWithin, mayReach } from './guarded-fetch'
import { FrameReader } from './ldap-frames'

/** How long a connection may live in all, and one question of it, in ms. */
const LIFETIME = 20_000
const TIMEOUT = 8_000

/** Where a directory is, and how the way there is kept secret. */
export interface Place {
  /** A name, or an address without brackets. */
  host: string
  port: number
  /** `plain` only to this machine, and only where the install lets identity providers stand there. */
  security: 'ldaps' | 'starttls' | 'plain'
  /** PEM of whom alone to trust; null: the authorities that are trusted here. */
  caCertificate: string | null
}

/** The directory does not let the connection be made secret: nothing more is said to it. */
export class NotSecret extends Error {
  override name = 'NotSecret'
}

const FAR = 'The address is in a network that is not reached from here'

/** @throws AddressRefused before anything is sent; Error of the network */
export function reach({ host, port }: Place, allowed: Allowed): Promise<net.Socket> {
  // A literal address is never looked up (attack I01).
  if (isIP(host) !== 0 && !mayReach(host, allowed)) throw new AddressRefused(FAR)
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, lookup: lookupWithin(allowed) })
    const timer = setTimeout(() => {
      socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }))
    }, TIMEOUT)
    socket.once('error', reject)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', reject)
      // What happens to it from here on is told by whoever reads it.
      socket.on('error', () => undefined)
      resolve(socket)
    })
    socket.once('close', () => clearTimeout(timer))
  })
}

const onThisMachine = (address: string) => mayReach(address, 'loopback') && !mayReach(address, 'public')

/** What the secret sockets say of who is at the other end. */
const tlsOptions = ({ host, caCertificate }: Place): tls.ConnectionOptions => ({
  host,
  ...(isIP(host) === 0 && { servername: host }),
  ...(caCertificate !== null && { ca: [caCertificate] }),
  minVersion: 'TLSv1.2',
})

/** @throws Error of TLS: nobody is at the other end, or not who should be */
export function secured(socket: net.Socket, place: Place): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = tls.connect({ ...tlsOptions(place), socket })
    const timer = setTimeout(() => {
      secure.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }))
    }, TIMEOUT)
    const failed = (error: Error) => {
      clearTimeout(timer)
      socket.destroy()
      reject(error)
    }
    secure.once('error', failed)
    secure.once('close', () => failed(Object.assign(new Error('closed'), { code: 'ECONNRESET' })))
    secure.once('secureConnect', () => {
      clearTimeout(timer)
      secure.removeAllListeners('close')
      secure.off('error', failed)
      secure.on('error', () => undefined)
      resolve(secure)
    })
  })
}

/** A socket as ldapts reads it: whole, well-formed messages, one at a time. */
class Wire extends Duplex {
  readonly connecting = false
  readonly readyState = 'open'
  private readonly frames = new FrameReader()
  private released = false

  constructor(private readonly socket: net.Socket) {
    super({ readableObjectMode: true })
    socket.on('data', this.onData).on('error', this.onError).on('close', this.onClose)
  }

  private readonly onData = (chunk: Buffer) => {
    try {
      for (const message of this.frames.read(chunk)) this.push(message)
    } catch (error) {
      this.destroy(error as Error)
    }
  }
  private readonly onError = (error: Error) => this.destroy(error)
  private readonly onClose = () => this.destroy()

  /** Lets go of the socket. @returns whether so many messages came, and not a byte more */
  release(messages: number): boolean {
    this.released = true
    this.socket.off('data', this.onData).off('error', this.onError).off('close', this.onClose)
    this.socket.pause()
    return this.frames.messages === messages && this.frames.empty
  }

  override _read(): void {
    // What comes is pushed: there is never much of it (FrameReader).
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.socket.write(chunk, done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.released) this.socket.destroy()
    done(error)
  }
}

/** A client that talks by this one connection, and never opens another. */
function clientOver(wire: Wire): Client {
  let given = false
  const createConnection = () => {
    if (given) throw new Error('the connection was closed')
    given = true
    return wire as unknown as net.Socket
  }
  return new Client({ url: 'ldap://directory', timeout: TIMEOUT, createConnection })
}

const START_TLS = '1.3.6.1.4.1.1466.20037'

/**
 * Asks for StartTLS. Not by ldapts' own way, which reads what comes behind the answer as if it had come in secret, so that somebody on
 * the way could answer the first question for the directory.
 * @throws NotSecret when the directory, or somebody on the way, does not want to, or says more than that
 */
export async function startTls(socket: net.Socket): Promise<void> {
  const wire = new Wire(socket)
  try {
    await clientOver(wire).exop(START_TLS)
  } catch {
    wire.destroy()
    throw new NotSecret('StartTLS was refused')
  }
  if (wire.release(1)) return
  socket.destroy()
  throw new NotSecret('more came than the answer')
}

/**
 * A connection to a directory that nobody on the way can read or change; over within 20 seconds.
 * @throws AddressRefused, NotSecret before anything of a person is sent; Error of the network or of TLS
 */
export async function openDirectory(place: Place, allowed = allowedHere()): Promise<Directory> {
  const socket = await reach(place, allowed)
  if (place.security === 'plain') assertPlain(socket)
  if (place.security === 'starttls') await startTls(socket)
  return directoryOver(place.security === 'plain' ? socket : await secured(socket, place))
}

/** @throws NotSecret: others could read the passwords */
export function assertPlain(socket: net.Socket): void {
  if (onThisMachine(socket.remoteAddress ?? '')) return
  socket.destroy()
  throw new NotSecret('without encryption, only to this machine')
}

export interface Directory {
  client: Client
  /** Says goodbye. */
  close: () => void
}

/** Questions over a connection that is ready. */
export function directoryOver(socket: net.Socket): Directory {
  const wire = new Wire(socket)
  wire.on('error', () => undefined)
  const timer = setTimeout(() => wire.destroy(new Error('too slow')), LIFETIME)
  wire.once('close', () => clearTimeout(timer))
  const client = clientOver(wire)
  return {
    client,
    close: () =>
      void client
        .unbind()
        .catch(() => wire.destroy())
        .finally(() => wire.destroy()),
  }
}
