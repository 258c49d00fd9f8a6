import { randomBytes } from 'node:crypto'
import { database } from '@/server/db/runtime'
import { deriveKey, hmac, timingSafeEqualText } from '@/server/platform/crypto'
import { PENDING_SECONDS } from './pending'

interface Of {
  slug: string
  sourceId: string
}

const macOf = ({ slug, sourceId }: Of, payload: string) =>
  hmac(deriveKey(database().key.toString('hex'), 'saml request'), `${slug}|${sourceId}|${payload}`).slice(
    0,
    40,
  )

/** The id of a request to a source: nobody but this console makes one. Fit for XML (an NCName). */
export function newRequestId(of: Of, now = Date.now()): string {
  const payload = `${(now + PENDING_SECONDS * 1000).toString(36)}.${randomBytes(20).toString('hex')}`
  return `_${payload}.${macOf(of, payload)}`
}

/** Whether this console made that request, for this source on this host, not too long ago. */
export function isOwnRequest(of: Of, id: string, now = Date.now()): boolean {
  const [, payload = '', expires = '', mac = ''] =
    /^_(([0-9a-z]{1,12})\.[0-9a-f]{40})\.([0-9a-f]{40})$/.exec(id) ?? []
  return timingSafeEqualText(mac, macOf(of, payload)) && parseInt(expires, 36) > now
}
