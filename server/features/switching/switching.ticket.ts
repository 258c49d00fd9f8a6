import { z } from 'zod'
import { database } from '@/server/db/runtime'
import { deriveKey, hmac, timingSafeEqualText } from '@/server/platform/crypto'

/** How long a switch that somebody asked for may take to get on its way. */
export const SWITCH_SECONDS = 60

const ticket = z.strictObject({
  /** The session that asked. */
  sessionId: z.uuid(),
  tenantId: z.uuid(),
  slug: z.string(),
  next: z.string(),
  expires: z.number(),
})
export type SwitchTicket = z.output<typeof ticket>

const macOf = (what: string, payload: string) =>
  hmac(deriveKey(database().key.toString('hex'), `switch ${what}`), payload)

/** A signed note for a cookie of the host that is left: this session asked to switch to that tenant just now. */
export function signSwitch(fields: Omit<SwitchTicket, 'expires'>, now = Date.now()): string {
  const all: SwitchTicket = { ...fields, expires: now + SWITCH_SECONDS * 1000 }
  const payload = Buffer.from(JSON.stringify(all)).toString('base64url')
  return `${payload}.${macOf('ticket', payload)}`
}

/** The ticket of this session for that tenant; null when it is forged, too old or another's. */
export function readSwitch(text: string | null, sessionId: string, slug: string): SwitchTicket | null {
  const [payload = '', mac = ''] = (text ?? '').split('.')
  if (!timingSafeEqualText(mac, macOf('ticket', payload))) return null
  const fields = ticket.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')))
  const fits = fields.sessionId === sessionId && fields.slug === slug && fields.expires > Date.now()
  return fits ? fields : null
}

const whoMac = (userId: string, slug: string, expires: string) =>
  macOf('person', JSON.stringify([userId, slug, expires]))

/** Says to the host of `slug` who comes, without a name and for a minute: it has no right in it, it only spares a second session. */
export function signPerson(userId: string, slug: string, now = Date.now()): string {
  const expires = String(now + SWITCH_SECONDS * 1000)
  return `${expires}.${whoMac(userId, slug, expires)}`
}

/** Whether that was said of this very person. */
export function isPerson(text: string, userId: string, slug: string): boolean {
  const [expires = '', mac = ''] = text.split('.')
  return timingSafeEqualText(mac, whoMac(userId, slug, expires)) && Number(expires) > Date.now()
}
