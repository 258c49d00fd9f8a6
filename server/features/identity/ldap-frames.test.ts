import { describe, expect, it } from 'vitest'
import { FrameReader, MalformedAnswer } from './ldap-frames'

const of = (tag: number, ...content: Buffer[]): Buffer => {
  const body = Buffer.concat(content)
  const head = Buffer.from([tag, 0x84, 0, 0, 0, 0])
  head.writeUInt32BE(body.length, 2)
  return Buffer.concat([head, body])
}
/** An entry with one attribute of so many empty values. */
const entry = (values: number): Buffer => {
  const attribute = of(0x30, of(0x04), of(0x31, ...Array<Buffer>(values).fill(Buffer.from([0x04, 0]))))
  return of(0x30, Buffer.from([2, 1, 1]), of(0x64, of(0x04), of(0x30, attribute)))
}

describe('messages of a directory', () => {
  it('I05 have so many pieces and bytes in one connection, and no more', () => {
    const reader = new FrameReader()
    expect(reader.read(entry(15_000))).toHaveLength(1)
    expect(() => reader.read(entry(15_000))).toThrow(MalformedAnswer)
    const large = of(0x30, Buffer.from([2, 1, 1]), of(0x64, of(0x04, Buffer.alloc(2 ** 20)), of(0x30)))
    expect(() => new FrameReader().read(large)).toThrow(MalformedAnswer)
  })
})
