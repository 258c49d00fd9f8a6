import { z } from 'zod'
import { database } from '@/server/db/runtime'
import { deriveKey, hmac, timingSafeEqualText } from '@/server/platform/crypto'

/** How long a right password is remembered for the second step. */
export const STEP_SECONDS = 5 * 60

const step = z.strictObject({
  tenantId: z.uuid(),
  userId: z.uuid(),
  /** Of the host on which it goes on. */
  slug: z.string(),
  home: z.string(),
  username: z.string(),
  /** Which password was proved: another one voids this. */
  changed: z.string(),
  /** Where the person wanted to go. */
  next: z.string().max(2048).optional(),
  /** By which identity source; left out: by a password of ours. */
  sourceId: z.uuid().optional(),
  /** Of emergency access: worth something there alone, and nothing but it is. */
  emergency: z.literal(true).optional(),
  expires: z.number(),
})
/** Somebody who proved a password on a tenant's host, and not yet their second factor. */
export type Step = z.output<typeof step>

const macOf = (payload: string) => hmac(deriveKey(database().key.toString('hex'), 'second step'), payload)

/** A signed note for a cookie of that host. It opens nothing by itself: the second step does. */
export function signStep(who: Omit<Step, 'expires'>, now = Date.now()): string {
  const fields: Step = { ...who, expires: now + STEP_SECONDS * 1000 }
  const payload = Buffer.from(JSON.stringify(fields)).toString('base64url')
  return `${payload}.${macOf(payload)}`
}

/** The note for that host; null when it is forged, too old or another tenant's. */
export function readStep(text: string | null, slug: string): Step | null {
  const [payload = '', mac = ''] = (text ?? '').split('.')
  if (!timingSafeEqualText(mac, macOf(payload))) return null
  const fields = step.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')))
  return fields.slug === slug && fields.expires > Date.now() ? fields : null
}
