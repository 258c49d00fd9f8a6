/** What a connection may carry, in bytes, messages and pieces of them: a sign-in needs a few KiB. */
const MAX_BYTES = 1024 * 1024
const MAX_MESSAGES = 5000
const MAX_PIECES = 20_000

/** Thrown for what no honest directory sends. */
export class MalformedAnswer extends Error {
  override name = 'MalformedAnswer'
}

const TAG = { integer: 0x02, octets: 0x04, enumeration: 0x0a, sequence: 0x30, set: 0x31, controls: 0xa0 }

/** A piece of BER: its tag, and where its content begins and ends. */
interface Piece {
  tag: number
  from: number
  to: number
}

/** What is read, and where its pieces are counted. @throws MalformedAnswer from `count` when there are too many */
interface Source {
  bytes: Buffer
  count: () => void
}

/** Tag and length at a place; null: more bytes are needed. @throws MalformedAnswer */
function headAt(bytes: Buffer, at: number): Piece | null {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) return null
  if ((tag & 0x1f) === 0x1f) throw new MalformedAnswer('a tag of several bytes')
  if (first < 0x80) return { tag, from: at + 2, to: at + 2 + first }
  const count = first - 0x80
  if (count < 1 || count > 4) throw new MalformedAnswer('a length without end')
  if (bytes.length < at + 2 + count) return null
  const from = at + 2 + count
  return { tag, from, to: from + bytes.readUIntBE(at + 2, count) }
}

/** The pieces that fill a stretch exactly. @throws MalformedAnswer */
function pieces({ bytes, count }: Source, from: number, to: number): Piece[] {
  const found: Piece[] = []
  for (let at = from; at < to;) {
    const piece = headAt(bytes, at)
    if (!piece || piece.to > to) throw new MalformedAnswer('a piece that is longer than its place')
    count()
    found.push(piece)
    at = piece.to
  }
  return found
}

function expect(ok: boolean, what: string): void {
  if (!ok) throw new MalformedAnswer(what)
}

/** All pieces of a stretch, each of that tag. */
function allOf(source: Source, { from, to }: Piece, tag: number): Piece[] {
  const found = pieces(source, from, to)
  expect(
    found.every((one) => one.tag === tag),
    'a piece of another kind',
  )
  return found
}

/** An entry: its name, and attributes, each a name and a set of values. */
function checkEntry(source: Source, { from, to }: Piece): void {
  const [name, attributes, ...rest] = pieces(source, from, to)
  expect(name?.tag === TAG.octets && rest.length === 0, 'an entry without a name')
  if (attributes?.tag !== TAG.sequence) throw new MalformedAnswer('an entry without attributes')
  for (const attribute of allOf(source, attributes, TAG.sequence)) {
    const [type, values, ...more] = pieces(source, attribute.from, attribute.to)
    expect(type?.tag === TAG.octets && more.length === 0, 'an attribute without a name')
    if (values?.tag !== TAG.set) throw new MalformedAnswer('an attribute without values')
    allOf(source, values, TAG.octets)
  }
}

/** How something ended: a code, a name, words, then what depends on the operation. */
function checkResult(source: Source, { from, to }: Piece): void {
  const [code, name, words, ...rest] = pieces(source, from, to)
  expect(code?.tag === TAG.enumeration && isNumber(code), 'a result without a code')
  expect(name?.tag === TAG.octets && words?.tag === TAG.octets, 'a result without words')
  expect(
    rest.every(({ tag }) => tag >= 0x80 && tag !== TAG.controls),
    'a result with something else',
  )
}

const isNumber = ({ from, to }: Piece) => to - from >= 1 && to - from <= 4

/** What may come in answer to a bind, a search or an extended operation. */
const OPERATIONS: Partial<Record<number, (source: Source, piece: Piece) => void>> = {
  0x61: checkResult,
  0x64: checkEntry,
  0x65: checkResult,
  0x73: (source, piece) => void allOf(source, piece, TAG.octets),
  0x78: checkResult,
}

/** One message, proved to be well-formed, without its controls: none are asked for. @throws MalformedAnswer */
function checked(source: Source): Buffer {
  const { bytes } = source
  const whole = headAt(bytes, 0)
  if (!whole) throw new MalformedAnswer('half a message')
  const [id, operation, controls, ...rest] = pieces(source, whole.from, whole.to)
  if (id?.tag !== TAG.integer || !isNumber(id)) throw new MalformedAnswer('a message without a number')
  expect(
    (controls === undefined || controls.tag === TAG.controls) && rest.length === 0,
    'a message with more',
  )
  const check = operation && OPERATIONS[operation.tag]
  if (!check) throw new MalformedAnswer('an operation that was not asked for')
  check(source, operation)
  const body = bytes.subarray(whole.from, operation.to)
  const head = Buffer.from([TAG.sequence, 0x84, 0, 0, 0, 0])
  head.writeUInt32BE(body.length, 2)
  return Buffer.concat([head, body])
}

/**
 * Cuts what a directory sends into messages, and lets only well-formed ones through. ldapts 8.2 reads on for ever in a message whose
 * inner lengths do not fit, and calls itself for each message that comes in one packet: a directory that means harm would stop the
 * whole process, and with it every other tenant's.
 */
export class FrameReader {
  private held: Buffer[] = []
  private size = 0
  private wanted = 2
  private bytes = 0
  private pieces = 0
  /** So many came. */
  messages = 0

  /** Nothing is left of what came. */
  get empty(): boolean {
    return this.size === 0
  }

  private readonly count = () => expect(++this.pieces <= MAX_PIECES, 'too many pieces')

  /** Takes bytes, gives the messages that are whole now. @throws MalformedAnswer, also when there is too much of it */
  read(chunk: Buffer): Buffer[] {
    this.bytes += chunk.length
    this.held.push(chunk)
    this.size += chunk.length
    expect(this.bytes <= MAX_BYTES, 'too much')
    if (this.size < this.wanted) return []
    let rest = Buffer.concat(this.held)
    const found: Buffer[] = []
    while (rest.length > 0) {
      expect(rest[0] === TAG.sequence, 'no message')
      const head = headAt(rest, 0)
      this.wanted = head?.to ?? rest.length + 1
      expect(this.wanted <= MAX_BYTES, 'too much')
      if (!head || rest.length < head.to) break
      expect(++this.messages <= MAX_MESSAGES, 'too many messages')
      found.push(checked({ bytes: rest.subarray(0, head.to), count: this.count }))
      rest = rest.subarray(head.to)
      this.wanted = 2
    }
    this.held = [rest]
    this.size = rest.length
    return found
  }
}
