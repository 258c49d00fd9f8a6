import { renderSVG } from 'uqr'
import { z } from 'zod'
import { database } from '@/server/db/runtime'
import { newTotpSecret, totpUri } from '@/server/features/second-factor/totp'
import { deriveKey, hmac, timingSafeEqualText } from '@/server/platform/crypto'

const SECONDS = 15 * 60
const fields = z.strictObject({ userId: z.uuid(), secret: z.string(), expires: z.number() })

/** What an app is set up with. Nothing is stored until a code shows that the app has it. */
export interface SetUp {
  secret: string
  /** QR code as an SVG in a data address. */
  qr: string
  /** Comes back with the first code: this secret was made here, for this person. */
  ticket: string
}

const macOf = (payload: string) => hmac(deriveKey(database().key.toString('hex'), 'totp set-up'), payload)

/** A new secret for somebody's app. */
export function newSetUp(userId: string, issuer: string, label: string, now = Date.now()): SetUp {
  const secret = newTotpSecret()
  const payload = Buffer.from(JSON.stringify({ userId, secret, expires: now + SECONDS * 1000 })).toString(
    'base64url',
  )
  const svg = renderSVG(totpUri(secret, issuer, label), { border: 2 })
  const qr = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
  return { secret, qr, ticket: `${payload}.${macOf(payload)}` }
}

/** The secret of that person's ticket; null when it is forged, too old or somebody else's. */
export function readSetUp(text: string, userId: string): string | null {
  const [payload = '', mac = ''] = text.split('.')
  if (!timingSafeEqualText(mac, macOf(payload))) return null
  const found = fields.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')))
  return found.userId === userId && found.expires > Date.now() ? found.secret : null
}
