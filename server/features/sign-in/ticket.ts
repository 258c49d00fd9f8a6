import { z } from 'zod'
import { database } from '@/server/db/runtime'
import { deriveKey, hmac, timingSafeEqualText } from '@/server/platform/crypto'

/** How long the main host remembers who proved a password there, for the way to the tenant's host. */
export const TICKET_SECONDS = 60

const ticket = z.strictObject({
  tenantId: z.uuid(),
  userId: z.uuid(),
  slug: z.string(),
  changed: z.string(),
  expires: z.number(),
})
type Ticket = z.output<typeof ticket>

const macOf = (payload: string) => hmac(deriveKey(database().key.toString('hex'), 'sign-in ticket'), payload)

/** A signed note for a cookie of the main host: this browser proved to be that person of that tenant just now. */
export function signTicket(who: Omit<Ticket, 'expires'>, now = Date.now()): string {
  const { tenantId, userId, slug, changed } = who
  const fields: Ticket = { tenantId, userId, slug, changed, expires: now + TICKET_SECONDS * 1000 }
  const payload = Buffer.from(JSON.stringify(fields)).toString('base64url')
  return `${payload}.${macOf(payload)}`
}

/** The ticket for that tenant; null when it is forged, too old or another tenant's. */
export function readTicket(text: string | null, slug: string): Ticket | null {
  const [payload = '', mac = ''] = (text ?? '').split('.')
  if (!timingSafeEqualText(mac, macOf(payload))) return null
  const fields = ticket.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')))
  return fields.slug === slug && fields.expires > Date.now() ? fields : null
}
