import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConnectorError } from '../contract'
import * as procedures from './procedures'
import { readRefusal } from './refusal'
import { encodeMessage, Splitter, TYPE } from './wire'
import { XdrReader, XdrWriter } from './xdr'

const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'none'
  } catch (error) {
    return error instanceof ConnectorError ? error.code : String(error)
  }
}
const refused = (work: () => unknown) => expect(codeOf(work)).toBe('bad_answer')

describe('XDR', () => {
  it('is as RFC 4506 has it', () => {
    const bytes = new XdrWriter()
      .int(-2)
      .string('hello')
      .hyper(-1n)
      .optional('x', (xdr, text) => xdr.string(text))
      .array([7], (xdr, value) => xdr.uint(value))
      .done()
    expect(bytes.toString('hex')).toBe(
      'fffffffe' +
        '0000000568656c6c6f000000' +
        'ffffffffffffffff' +
        '000000010000000178000000' +
        '0000000100000007',
    )
  })

  it('gives back what was put in', () => {
    const values = fc.record({
      int: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      uint: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      hyper: fc.maxSafeInteger(),
      double: fc.double({ noNaN: true }),
      text: fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
      maybe: fc.option(fc.uint8Array({ minLength: 5, maxLength: 5 })),
      list: fc.array(fc.string({ unit: 'grapheme-ascii' }), { maxLength: 20 }),
    })
    fc.assert(
      fc.property(values, ({ int, uint, hyper, double, text, maybe, list }) => {
        const xdr = new XdrWriter().int(int).uint(uint).hyper(BigInt(hyper)).double(double).string(text)
        xdr.optional(maybe, (each, bytes) => each.fixed(bytes)).array(list, (each, one) => each.string(one))
        const reader = new XdrReader(xdr.done())
        const read = [reader.int(), reader.uint(), reader.hyper(), reader.double(), reader.string()]
        expect(read).toEqual([int, uint, hyper, double, text])
        expect(reader.optional((each) => Uint8Array.from(each.fixed(5)))).toEqual(maybe)
        expect(reader.array(20, (each) => each.string())).toEqual(list)
        reader.end()
        // cut off anywhere, something is missing
        const half = new XdrReader(xdr.done().subarray(0, -1))
        refused(() => {
          for (const read of ['int', 'uint', 'hyper', 'double', 'string'] as const) half[read]()
          half.optional((each) => each.fixed(5))
          half.array(20, (each) => each.string())
        })
      }),
    )
  })

  it('believes no length', () => {
    const lengths = (...words: number[]) => {
      const xdr = new XdrWriter()
      for (const word of words) xdr.uint(word)
      return new XdrReader(xdr.done())
    }
    refused(() => lengths(0xffffffff).string())
    refused(() => lengths(5 * 2 ** 20).string())
    refused(() => lengths(9, 0, 0, 0).string(8))
    refused(() => lengths(16_384, 1).array(16_384, (xdr) => xdr.uint()))
    refused(() => lengths(3, 1, 1, 1).array(2, (xdr) => xdr.uint()))
    refused(() => lengths(2).optional((xdr) => xdr.uint()))
    refused(() => lengths(1, 2).end())
    expect(lengths(3, 1, 1, 1).array(3, (xdr) => xdr.uint())).toEqual([1, 1, 1])
  })

  it('has no error but a bad answer, whatever a server sends as a result', () => {
    const readers = Object.values(procedures).flatMap((each) => {
      if (typeof each === 'function') return []
      return 'read' in each ? [each.read] : []
    })
    expect(readers.length).toBeGreaterThan(30)
    // words of small numbers are read further than noise
    const words = fc.array(fc.oneof(fc.nat(8), fc.nat(2 ** 31 - 1)), { maxLength: 60 })
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each)),
      words.map((list) => list.reduce((xdr, word) => xdr.uint(word), new XdrWriter()).done()),
    )
    fc.assert(
      fc.property(bytes, (body) => {
        for (const read of [...readers, () => readRefusal(body)])
          expect(['none', 'bad_answer']).toContain(codeOf(() => read(new XdrReader(body))))
      }),
    )
  })
})

describe('the stream of messages', () => {
  const message = (serial: number, size = 4) => ({
    procedure: 1,
    type: TYPE.reply as number,
    serial,
    status: 0,
    body: Buffer.alloc(size, serial),
  })

  it('is cut where messages end, however it arrives', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 })
    fc.assert(
      fc.property(fc.array(fc.nat(100), { maxLength: 10 }), cuts, (sizes, cuts) => {
        const sent = sizes.map((size, index) => message(index, size))
        const line = Buffer.concat(sent.map(encodeMessage))
        const splitter = new Splitter()
        const got = []
        for (let at = 0, turn = 0; at < line.length; turn++) {
          const end = at + (cuts[turn % cuts.length] ?? 1)
          got.push(...splitter.push(line.subarray(at, end)))
          at = end
        }
        expect(got).toEqual(sent)
      }),
    )
  })

  it('ends at what is none of libvirt, and before what is too large is there', () => {
    const push = (bytes: Buffer) => codeOf(() => new Splitter().push(bytes))
    expect(push(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))).toBe('wrong_server')
    expect(push(Buffer.from([0, 0, 0, 27]))).toBe('wrong_server')
    expect(push(Buffer.from([0xff, 0xff, 0xff, 0xff]))).toBe('wrong_server')
    expect(push(Buffer.from([1, 0, 0, 1]))).toBe('too_large')
    const other = encodeMessage(message(1))
    other.writeUInt32BE(0x12345678, 4)
    expect(push(other)).toBe('wrong_server')
    // keepalive and the like, which may come unasked
    other.writeUInt32BE(TYPE.event, 16)
    expect(new Splitter().push(other)).toEqual([])
  })
})
