import { z } from 'zod'
import { database } from '@/server/db/runtime'
import { deriveKey, hmac, timingSafeEqualText } from '@/server/platform/crypto'

/** How long somebody may take at their provider, in seconds. Not longer than wall.challenge_use remembers a state. */
export const PENDING_SECONDS = 10 * 60

const pending = z.strictObject({
  sourceId: z.uuid(),
  slug: z.string(),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  /** Where the person wanted to go. */
  next: z.string().max(2048).optional(),
  expires: z.number(),
})
/** A sign-in that is under way at a provider. */
export type Pending = z.output<typeof pending>

const macOf = (payload: string) =>
  hmac(deriveKey(database().key.toString('hex'), 'identity sign-in'), payload)

/** A signed note for a cookie of the host on which it began: another browser cannot end it (no login CSRF). */
export function signPending(what: Omit<Pending, 'expires'>, now = Date.now()): string {
  const fields: Pending = { ...what, expires: now + PENDING_SECONDS * 1000 }
  const payload = Buffer.from(JSON.stringify(fields)).toString('base64url')
  return `${payload}.${macOf(payload)}`
}

/** The note for that host and source; null when it is forged, too old or another's. */
export function readPending(text: string | null, slug: string, sourceId: string): Pending | null {
  const [payload = '', mac = ''] = (text ?? '').split('.')
  if (!timingSafeEqualText(mac, macOf(payload))) return null
  const fields = pending.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')))
  return fields.slug === slug && fields.sourceId === sourceId && fields.expires > Date.now() ? fields : null
}
