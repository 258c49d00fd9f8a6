import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { answerTo } from '@/server/connectors/rfb'

const [WIDTH, HEIGHT] = [320, 200]
/** 32 bits a pixel, of which 24 count, true colour. */
const PIXELS = Buffer.from([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0])

export interface Screen {
  /** Keysyms that were pressed, in order. */
  keys: number[]
}

/** A screen of one colour, that speaks RFB 3.8 (RFC 6143) over a stream and asks for a password. */
export function serveVnc(stream: Duplex, screen: Screen, password: string): void {
  stream.on('error', () => undefined)
  serve(stream, screen, password).catch(() => stream.destroy())
}

async function serve(stream: Duplex, screen: Screen, password: string): Promise<void> {
  const take = reader(stream)
  stream.write('RFB 003.008\n')
  await take(12)
  stream.write(Buffer.from([1, 2]))
  await take(1)
  const challenge = randomBytes(16)
  stream.write(challenge)
  if (!(await take(16)).equals(answerTo(challenge, password))) {
    stream.end(Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]))
    return
  }
  stream.write(Buffer.alloc(4))
  await take(1)
  const name = Buffer.from('Emulated screen')
  const head = Buffer.alloc(4)
  head.writeUInt16BE(WIDTH, 0)
  head.writeUInt16BE(HEIGHT, 2)
  stream.write(Buffer.concat([head, PIXELS, Buffer.from([0, 0, 0, name.length]), name]))
  for (;;) await handle(stream, take, screen)
}

type Take = (size: number) => Promise<Buffer>

async function handle(stream: Duplex, take: Take, screen: Screen): Promise<void> {
  switch ((await take(1))[0]) {
    case 0:
      return void (await take(19))
    case 2: {
      const count = (await take(3)).readUInt16BE(1)
      return void (await take(count * 4))
    }
    case 3: {
      const incremental = (await take(9))[0] === 1
      return incremental ? undefined : draw(stream)
    }
    case 4: {
      const key = await take(7)
      if (key[0] === 1) screen.keys.push(key.readUInt32BE(3))
      return
    }
    case 5:
      return void (await take(5))
    case 6:
      return void (await take((await take(7)).readInt32BE(3)))
    default:
      throw new Error('unknown message')
  }
}

/** All of it, raw. */
function draw(stream: Duplex): void {
  const head = Buffer.alloc(16)
  head.writeUInt16BE(1, 2)
  head.writeUInt16BE(WIDTH, 8)
  head.writeUInt16BE(HEIGHT, 10)
  stream.write(Buffer.concat([head, Buffer.alloc(WIDTH * HEIGHT * 4, Buffer.from([0x99, 0x66, 0x33, 0]))]))
}

/** The next bytes of a stream, waited for. */
function reader(stream: Duplex): Take {
  let kept = Buffer.alloc(0)
  let ended = false
  let wake: () => void = () => undefined
  stream.on('data', (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk])
    wake()
  })
  stream.on('close', () => {
    ended = true
    wake()
  })
  return async (size) => {
    while (kept.length < size) {
      if (ended) throw new Error('ended')
      await new Promise<void>((resolve) => (wake = resolve))
    }
    const taken = kept.subarray(0, size)
    kept = kept.subarray(size)
    return taken
  }
}
