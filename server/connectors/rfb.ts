import { createCipheriv } from 'node:crypto'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { ConnectorError } from './contract'

// The beginning of RFB 3.8 (RFC 6143, 7.1), at both sides: a screen's server is signed in to here, so that its password never gets to a
// browser, which is then let in without one.

const VERSION = 'RFB 003.008\n'
const [NONE, BY_PASSWORD] = [1, 2]
const HANDSHAKE_MS = 15_000

const broken = (why: string) => new ConnectorError('bad_answer', why)

/** The next `size` bytes; what comes after them stays in the stream. */
async function take(stream: Duplex, size: number, signal: AbortSignal): Promise<Buffer> {
  for (;;) {
    const chunk = stream.read(size) as Buffer | null
    if (chunk !== null) {
      if (chunk.length === size) return chunk
      break
    }
    if (stream.readableEnded || stream.destroyed) break
    const ended = new AbortController()
    try {
      await Promise.race(
        ['readable', 'end', 'close'].map((event) =>
          once(stream, event, { signal: AbortSignal.any([signal, ended.signal]) }),
        ),
      )
    } catch {
      throw new ConnectorError('timeout', 'The screen did not answer in time')
    } finally {
      ended.abort()
    }
  }
  throw broken('The screen closed the connection')
}

const reversed = (byte: number): number =>
  Number.parseInt(byte.toString(2).padStart(8, '0').split('').reverse().join(''), 2)

/**
 * The answer to a challenge of VNC's own authentication: DES with the first eight characters, each with its bits the other way round. One key
 * three times is single DES, which OpenSSL no longer has by itself.
 */
export function answerTo(challenge: Buffer, password: string): Buffer {
  const key = Buffer.alloc(8)
  Buffer.from(password, 'latin1').copy(key, 0, 0, 8)
  const des = createCipheriv('des-ede3-ecb', Buffer.concat(Array(3).fill(key.map(reversed))), null)
  des.setAutoPadding(false)
  return Buffer.concat([des.update(challenge), des.final()])
}

/** Reads of a stream until the handshake is over, or too long, or not wanted any more; then the stream is no use either. */
async function within<T>(
  stream: Duplex,
  end: AbortSignal,
  work: (take: (size: number) => Promise<Buffer>) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.any([end, AbortSignal.timeout(HANDSHAKE_MS)])
  try {
    return await work((size) => take(stream, size, signal))
  } catch (error) {
    stream.destroy()
    throw error
  }
}

/**
 * Signs in to a screen. From then on the stream is at ClientInit; it is destroyed where that fails.
 * @param password empty: the screen has none; else it must ask for it, or it is another one than was meant
 * @throws ConnectorError
 */
export const enterScreen = (stream: Duplex, password: string, end: AbortSignal): Promise<void> =>
  within(stream, end, async (take) => {
    const version = (await take(12)).toString('latin1')
    if (!/^RFB 003\.00[89]\n$/.test(version) && !/^RFB 00[4-9]\.\d{3}\n$/.test(version))
      throw new ConnectorError('unsupported', 'The screen speaks an old version of VNC, or something else')
    stream.write(VERSION)
    const count = (await take(1)).readUInt8()
    const types = count === 0 ? Buffer.alloc(0) : await take(count)
    const type = password === '' ? NONE : BY_PASSWORD
    if (!types.includes(type))
      throw new ConnectorError(
        'unsupported',
        'The screen asks for a way of signing in that is not known here',
      )
    stream.write(Buffer.from([type]))
    if (type === BY_PASSWORD) stream.write(answerTo(await take(16), password))
    if ((await take(4)).readUInt32BE() !== 0)
      throw new ConnectorError('unauthenticated', 'The screen refused its password')
  })

/** Lets somebody in without a password, as a screen does. From then on the stream is at ClientInit. @throws ConnectorError */
export const greetViewer = (stream: Duplex, end: AbortSignal): Promise<void> =>
  within(stream, end, async (take) => {
    stream.write(VERSION)
    if (!(await take(12)).toString('latin1').startsWith('RFB 003.008'))
      throw broken('The browser speaks another version of VNC')
    stream.write(Buffer.from([1, NONE]))
    if ((await take(1)).readUInt8() !== NONE) throw broken('The browser wants to sign in')
    stream.write(Buffer.alloc(4))
  })
