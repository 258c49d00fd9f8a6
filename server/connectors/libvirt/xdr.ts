import { ConnectorError } from '../contract'

/** libvirt's own limit of a string, in bytes. */
const STRING_BYTES = 4 * 1024 * 1024

const broken = (why: string) =>
  new ConnectorError('bad_answer', `The server sent a message that cannot be read: ${why}`)
const padding = (length: number) => (4 - (length % 4)) % 4

/** Writes values as XDR has them (RFC 4506): big-endian, each filled up to four bytes. */
export class XdrWriter {
  private readonly parts: Buffer[] = []

  private put(size: 4 | 8, write: (buffer: Buffer) => void): this {
    const buffer = Buffer.alloc(size)
    write(buffer)
    this.parts.push(buffer)
    return this
  }

  int(value: number): this {
    return this.put(4, (buffer) => buffer.writeInt32BE(value))
  }

  uint(value: number): this {
    return this.put(4, (buffer) => buffer.writeUInt32BE(value))
  }

  /** 64 bits. */
  hyper(value: bigint): this {
    return this.put(8, (buffer) => buffer.writeBigUInt64BE(BigInt.asUintN(64, value)))
  }

  double(value: number): this {
    return this.put(8, (buffer) => buffer.writeDoubleBE(value))
  }

  /** Bytes whose number both sides know. */
  fixed(bytes: Uint8Array): this {
    this.parts.push(Buffer.from(bytes), Buffer.alloc(padding(bytes.length)))
    return this
  }

  string(text: string): this {
    const bytes = Buffer.from(text, 'utf8')
    return this.uint(bytes.length).fixed(bytes)
  }

  optional<T>(value: T | null, write: (xdr: this, value: T) => void): this {
    this.uint(value === null ? 0 : 1)
    if (value !== null) write(this, value)
    return this
  }

  array<T>(values: readonly T[], write: (xdr: this, value: T) => void): this {
    this.uint(values.length)
    for (const value of values) write(this, value)
    return this
  }

  done(): Buffer {
    return Buffer.concat(this.parts)
  }
}

/** Reads XDR that a server sent. Whatever it sends, the only error is ConnectorError bad_answer, and no length is believed before its bytes are there. */
export class XdrReader {
  private at = 0

  constructor(private readonly bytes: Buffer) {}

  private take(length: number): Buffer {
    if (length > this.bytes.length - this.at) throw broken('it is too short')
    const taken = this.bytes.subarray(this.at, this.at + length)
    this.at += length
    return taken
  }

  int(): number {
    return this.take(4).readInt32BE()
  }

  uint(): number {
    return this.take(4).readUInt32BE()
  }

  /** 64 bits with a sign; beyond 2^53 not exact. */
  hyper(): number {
    return Number(this.take(8).readBigInt64BE())
  }

  /** 64 bits; beyond 2^53 not exact. */
  uhyper(): number {
    return Number(this.take(8).readBigUInt64BE())
  }

  double(): number {
    return this.take(8).readDoubleBE()
  }

  fixed(length: number): Buffer {
    const taken = this.take(length)
    this.take(padding(length))
    return taken
  }

  string(most = STRING_BYTES): string {
    const length = this.uint()
    if (length > most) throw broken('a text is too long')
    return this.fixed(length).toString('utf8').replaceAll('\0', '')
  }

  optional<T>(read: (xdr: this) => T): T | null {
    const flag = this.uint()
    if (flag > 1) throw broken('it has neither yes nor no')
    return flag === 1 ? read(this) : null
  }

  array<T>(most: number, read: (xdr: this) => T): T[] {
    const count = this.uint()
    if (count > most) throw broken('a list is too long')
    return Array.from({ length: count }, () => read(this))
  }

  /** For what has no known length. @throws ConnectorError bad_answer */
  unreadable(): never {
    throw broken('it has a value of an unknown type')
  }

  /** Nothing is left over: what was read is what was sent. */
  end(): void {
    if (this.at !== this.bytes.length) throw broken('it is too long')
  }
}
