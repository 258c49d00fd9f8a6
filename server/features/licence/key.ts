import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { z } from 'zod'

/** Begins every licence key, and is part of what is signed: a signature over anything else is none over this. */
const PREFIX = 'FREEHOLD1'
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex')

const iso = z.iso.datetime({ offset: true })

/** What a licence key says. `hosts`: over all tenants; null: any number. `supersedes`: ids of keys that it takes the place of. */
export const licencePayload = z.strictObject({
  id: z.uuid(),
  /** The one installation it is for. */
  install: z.uuid(),
  customer: z.string().min(1).max(200),
  plan: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/),
  capabilities: z.array(z.string().regex(/^[a-z][a-z0-9_]{0,39}$/)).max(50),
  hosts: z.int().min(1).max(1_000_000).nullable(),
  startsAt: iso,
  expiresAt: iso,
  supersedes: z.array(z.uuid()).max(100).default([]),
  /** Sets right the clock of an installation that once was wrongly ahead. */
  setsClock: z.boolean().default(false),
})
export type LicencePayload = z.output<typeof licencePayload>

/** Why a text is no licence key of a publisher that counts here. */
export type KeyProblem = 'form' | 'signature' | 'content'

/**
 * Reads a licence key: `FREEHOLD1.<payload>.<signature>`, both base64url, the signature Ed25519 over the first two parts. There is no
 * algorithm to choose, and no key inside: only the pinned ones count (attack H11).
 * @param publicKeys raw public keys in base64url
 */
export function readKey(
  text: string,
  publicKeys: readonly string[],
): { payload: LicencePayload } | { problem: KeyProblem } {
  const [prefix, body, signature, ...rest] = text.replace(/\s+/g, '').split('.')
  if (prefix !== PREFIX || !body || !signature || rest.length > 0) return { problem: 'form' }
  const data = Buffer.from(`${PREFIX}.${body}`)
  const mark = Buffer.from(signature, 'base64url')
  if (!publicKeys.some((key) => verify(null, data, publicKeyOf(key), mark))) return { problem: 'signature' }
  const result = licencePayload.safeParse(jsonOf(body))
  if (!result.success || result.data.expiresAt <= result.data.startsAt) return { problem: 'content' }
  return { payload: result.data }
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))
  } catch {
    return null
  }
}

/** @param key raw, 32 bytes in base64url @throws Error where it is none */
function publicKeyOf(key: string): KeyObject {
  const raw = Buffer.from(key, 'base64url')
  return createPublicKey({ key: Buffer.concat([ED25519_SPKI, raw]), format: 'der', type: 'spki' })
}

/** Makes a licence key; for its publisher, who alone has the private key. */
export function issueKey(payload: z.input<typeof licencePayload>, privateKey: KeyObject): string {
  const body = Buffer.from(JSON.stringify(licencePayload.parse(payload))).toString('base64url')
  const data = `${PREFIX}.${body}`
  return `${data}.${sign(null, Buffer.from(data), privateKey).toString('base64url')}`
}

/** A publisher's pair: the public key as LICENCE_PUBLIC_KEYS takes it, the private one as PEM. */
export function makePublisher(): { publicKey: string; privateKey: string } {
  const pair = generateKeyPairSync('ed25519')
  return {
    publicKey: rawPublic(pair.publicKey),
    privateKey: pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  }
}

/** Raw, 32 bytes in base64url, as LICENCE_PUBLIC_KEYS takes it. @param key public or private */
export const rawPublic = (key: KeyObject): string =>
  createPublicKey(
    key.type === 'private'
      ? key.export({ format: 'pem', type: 'pkcs8' })
      : key.export({ format: 'pem', type: 'spki' }),
  )
    .export({ format: 'der', type: 'spki' })
    .subarray(-32)
    .toString('base64url')
