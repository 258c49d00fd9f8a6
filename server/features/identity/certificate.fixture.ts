import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto'
import { pemOf } from './saml.certificates'

// Node reads certificates and makes none: so a self-signed one, in DER by hand.

const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  const size = body.length
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}
const SEQUENCE = 0x30
const hex = (text: string) => Buffer.from(text.replace(/ /g, ''), 'hex')
/** sha256WithRSAEncryption, with its empty parameters. */
const ALGORITHM = der(SEQUENCE, hex('06 09 2a 86 48 86 f7 0d 01 01 0b'), hex('05 00'))
const nameOf = (cn: string) =>
  der(SEQUENCE, der(0x31, der(SEQUENCE, hex('06 03 55 04 03'), der(0x0c, Buffer.from(cn)))))
const time = (at: Date) =>
  der(
    0x17,
    Buffer.from(
      `${at
        .toISOString()
        .replace(/[-:T]|\.\d+/g, '')
        .slice(2, 14)}Z`,
    ),
  )

const DAY = 24 * 60 * 60 * 1000

/** A key and its certificate, in PEM. @param days how long it holds; less than 0: it has expired */
export function makeCertificate({ days = 365, bits = 2048 } = {}) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits })
  const [from, to] = [new Date(Date.now() - 30 * DAY), new Date(Date.now() + days * DAY)]
  const tbs = der(
    SEQUENCE,
    der(0xa0, hex('02 01 02')),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ALGORITHM,
    nameOf('freehold test'),
    der(SEQUENCE, time(from), time(to)),
    nameOf('freehold test'),
    publicKey.export({ format: 'der', type: 'spki' }),
  )
  const signature = createSign('RSA-SHA256').update(tbs).sign(privateKey)
  const whole = der(SEQUENCE, tbs, ALGORITHM, der(0x03, Buffer.from([0]), signature))
  return {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    certificate: pemOf(whole.toString('base64')),
  }
}
