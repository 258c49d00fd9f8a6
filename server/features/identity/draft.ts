import { randomUUID } from 'node:crypto'
import { database } from '@/server/db/runtime'
import { deriveKey, hmac, timingSafeEqualText } from '@/server/platform/crypto'

const macOf = (tenantId: string, id: string) =>
  hmac(deriveKey(database().key.toString('hex'), 'identity draft'), `${tenantId}|${id}`)

/** The id of a source to be: its redirect address is registered at the provider before there is a source. */
export function newDraft(tenantId: string): { id: string; token: string } {
  const id = randomUUID()
  return { id, token: `${id}.${macOf(tenantId, id)}` }
}

/** The id of a draft that this tenant was given; null for any other text. */
export function readDraft(tenantId: string, token: string): string | null {
  const [id = '', mac = ''] = token.split('.')
  return timingSafeEqualText(mac, macOf(tenantId, id)) ? id : null
}
