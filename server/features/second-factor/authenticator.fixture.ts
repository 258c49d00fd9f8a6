import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isoCBOR } from '@simplewebauthn/server/helpers'

interface Options {
  challenge: string
  rpId?: string
  rp?: { id?: string }
}
interface Bend {
  origin?: string
  rpId?: string
  /** User present 1, user verified 4. */
  flags?: number
  counter?: number
}

const sha = (data: string | Buffer) => createHash('sha256').update(data).digest()
const b64 = (data: Uint8Array | string) => Buffer.from(data).toString('base64url')

/** A passkey without a device: makes and uses one P-256 key as an authenticator does, and lies where it is told to. */
export class Authenticator {
  private readonly keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  readonly id = randomBytes(32)
  counter = 0

  constructor(private readonly origin: string) {}

  private clientData(type: string, challenge: string, origin = this.origin): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))
  }

  private authData(rpId: string, flags: number, counter: number, rest = Buffer.alloc(0)): Buffer {
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    return Buffer.concat([sha(rpId), Buffer.from([flags]), count, rest])
  }

  /** The answer to making one: what `secondFactor.addPasskey` takes, but name and password. */
  make({ challenge, rp }: Options, { origin, rpId = rp?.id ?? '', flags = 5 }: Bend = {}) {
    const { x = '', y = '' } = this.keys.publicKey.export({ format: 'jwk' })
    const cose = new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, new Uint8Array(Buffer.from(x, 'base64url'))],
      [-3, new Uint8Array(Buffer.from(y, 'base64url'))],
    ])
    const length = Buffer.alloc(2)
    length.writeUInt16BE(this.id.length)
    const attested = Buffer.concat([Buffer.alloc(16), length, this.id, Buffer.from(isoCBOR.encode(cose))])
    const authData = this.authData(rpId, flags | 0x40, this.counter, attested)
    const attestation = new Map<string, unknown>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', new Uint8Array(authData)],
    ])
    return {
      id: b64(this.id),
      clientDataJSON: b64(this.clientData('webauthn.create', challenge, origin)),
      attestationObject: b64(isoCBOR.encode(attestation as never)),
      transports: ['internal'],
    }
  }

  /** The answer to signing in. */
  use({ challenge, rpId: asked = '' }: Options, { origin, rpId = asked, flags = 5, counter }: Bend = {}) {
    this.counter = counter ?? this.counter + 1
    const clientData = this.clientData('webauthn.get', challenge, origin)
    const authData = this.authData(rpId, flags, this.counter)
    const signed = Buffer.concat([authData, sha(clientData)])
    return {
      id: b64(this.id),
      clientDataJSON: b64(clientData),
      authenticatorData: b64(authData),
      signature: b64(sign('sha256', signed, this.keys.privateKey)),
    }
  }
}
