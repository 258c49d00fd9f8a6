import { ConnectorError } from '../contract'

/** libvirt's remote protocol. */
const PROGRAM = 0x20008086
const VERSION = 1

/** Of the header, with the length in front of it. */
const HEADER_BYTES = 28
/** libvirt allows 32 MiB; its longest lists are a fraction of that. */
const MOST_BYTES = 16 * 1024 * 1024

export const TYPE = { call: 0, reply: 1, event: 2 } as const
export const STATUS = { ok: 0, error: 1 } as const

export interface Message {
  procedure: number
  type: number
  serial: number
  status: number
  body: Buffer
}

/** A message as it goes over the line. */
export function encodeMessage({ procedure, type, serial, status, body }: Message): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  const words = [HEADER_BYTES + body.length, PROGRAM, VERSION, procedure, type, serial, status]
  words.forEach((word, index) => header.writeUInt32BE(word, index * 4))
  return Buffer.concat([header, body])
}

function decodeMessage(bytes: Buffer): Message | null {
  const [program, version, procedure, type, serial, status] = [4, 8, 12, 16, 20, 24].map((at) =>
    bytes.readUInt32BE(at),
  ) as [number, number, number, number, number, number]
  // Such as keepalive, which nobody asked for here.
  if (program !== PROGRAM && type === TYPE.event) return null
  if (program !== PROGRAM || version !== VERSION)
    throw new ConnectorError('wrong_server', 'The server does not speak as libvirt does')
  return { procedure, type, serial, status, body: bytes.subarray(HEADER_BYTES) }
}

/** Cuts what comes over the line into messages. */
export class Splitter {
  private chunks: Buffer[] = []
  private size = 0
  /** Of the message that is coming in; 0 while its length is not there yet. */
  private wanted = 0

  /** @returns the messages that are whole now @throws ConnectorError wrong_server, bad_answer, too_large */
  push(chunk: Buffer): Message[] {
    this.chunks.push(chunk)
    this.size += chunk.length
    const whole: Message[] = []
    for (;;) {
      if (this.wanted === 0 && this.size >= 4) this.wanted = lengthOf(this.joined())
      if (this.wanted === 0 || this.size < this.wanted) return whole
      const bytes = this.joined()
      const message = decodeMessage(bytes.subarray(0, this.wanted))
      if (message) whole.push(message)
      this.chunks = [bytes.subarray(this.wanted)]
      this.size -= this.wanted
      this.wanted = 0
    }
  }

  private joined(): Buffer {
    const [first] = this.chunks
    if (this.chunks.length === 1 && first) return first
    const joined = Buffer.concat(this.chunks)
    this.chunks = [joined]
    return joined
  }
}

function lengthOf(bytes: Buffer): number {
  const length = bytes.readUInt32BE()
  if (length < HEADER_BYTES)
    throw new ConnectorError('wrong_server', 'The server does not speak as libvirt does')
  // A web server's `HTTP` is a length of more than 1 GB.
  if (length > 64 * 1024 * 1024)
    throw new ConnectorError('wrong_server', 'The server does not speak as libvirt does')
  if (length > MOST_BYTES) throw new ConnectorError('too_large', 'The answer of the server is too large')
  return length
}
