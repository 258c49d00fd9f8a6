import { X509Certificate } from 'node:crypto'

/** How many a source may have: one in use, the next one, and some to spare. */
const CERTIFICATES_MAX = 5
const KEY_BITS = 2048

export interface Certificate {
  /** Base64 of the DER, without line breaks. */
  base64: string
  fingerprint: string
  validTo: Date
}

const BLOCK = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g

/** The certificates of a text: PEM blocks, or one in base64 alone, as metadata has it. */
const blocksOf = (text: string): string[] => {
  const blocks = [...text.matchAll(BLOCK)].map(([, body = '']) => body)
  if (text.replace(BLOCK, '').trim() === '' && blocks.length > 0) return blocks
  return /^[A-Za-z0-9+/=\s]+$/.test(text) ? [text] : []
}

function read(base64: string): X509Certificate | null {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64'))
  } catch {
    return null
  }
}

/** Why this is no certificate to sign with; null: it is one. RSA alone: it is what signs SAML. */
function refusal(certificate: X509Certificate | null): string | null {
  if (!certificate) return 'cannot be read'
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey
  if (type !== 'rsa') return 'has no RSA key'
  return (details?.modulusLength ?? 0) < KEY_BITS ? `has a key of less than ${KEY_BITS} bits` : null
}

/** The certificates that a text holds, each once, or what is wrong with them. */
export function readCertificates(text: string): { certificates: Certificate[] } | { wrong: string } {
  const blocks = blocksOf(text.trim())
  if (blocks.length === 0) return { wrong: 'Enter certificates that begin with -----BEGIN CERTIFICATE-----' }
  const found = new Map<string, Certificate>()
  for (const [i, block] of blocks.entries()) {
    const certificate = read(block)
    const why = refusal(certificate)
    if (why !== null || !certificate) return { wrong: `Certificate ${i + 1} ${why ?? 'cannot be read'}` }
    const base64 = certificate.raw.toString('base64')
    const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase()
    found.set(fingerprint, { base64, fingerprint, validTo: new Date(certificate.validTo) })
  }
  return found.size > CERTIFICATES_MAX
    ? { wrong: `At most ${CERTIFICATES_MAX} certificates` }
    : { certificates: [...found.values()] }
}

/** Stored ones, which were looked at when they were put in. */
export const storedCertificates = (stored: readonly string[]): Certificate[] =>
  stored.flatMap((one) => {
    const read = readCertificates(one)
    return 'wrong' in read ? [] : read.certificates
  })

export const pemOf = (base64: string): string =>
  `-----BEGIN CERTIFICATE-----\n${(base64.match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----`

export const isExpired = ({ validTo }: Certificate, now = new Date()): boolean => validTo <= now

/** As `3 May 2027`. */
const day = (date: Date) =>
  date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })

/** A certificate in a line: the beginning of its SHA-256, and until when it holds. */
export const certificateWords = (certificate: Certificate, now = new Date()): string =>
  `${certificate.fingerprint.slice(0, 16)}…, ${isExpired(certificate, now) ? 'expired on' : 'until'} ${day(certificate.validTo)}`
