import { createHash } from 'node:crypto'
import { deriveKey, hmac } from '@/server/platform/crypto'

/** How the context was come by; see wall.ctx_t in prisma/migrations. */
export type ContextMode = 'user' | 'provider' | 'job' | 'union'

export interface ContextClaims {
  mode: ContextMode
  tenantId: string | null
  userId: string | null
  sessionId: string | null
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Key of the signed tenant context: derived, so that it is nowhere but in memory and behind the wall. */
export const wallKey = (secret: string): Buffer => deriveKey(secret, 'wall context', 32)

/**
 * The signed context of one transaction, `v1|mode|tenant|user|session.hmac`, checked by wall.ctx(). It has no expiry: two
 * clocks would have to agree. @throws Error when an id is not a UUID (nothing unchecked is ever signed)
 */
export function signContext(key: Buffer, claims: ContextClaims): string {
  const ids = [claims.tenantId, claims.userId, claims.sessionId].map((id) => id ?? '')
  if (ids.some((id) => id !== '' && !UUID.test(id))) throw new Error('context ids are UUIDs')
  const message = ['v1', claims.mode, ...ids].join('|')
  return `${message}.${hmac(key, message)}`
}

/** The two halves of HMAC-SHA256's key as PostgreSQL needs them (RFC 2104): it has sha256() but no hmac() in core. */
export function hmacPads(key: Buffer): { ipad: Buffer; opad: Buffer } {
  const block = Buffer.alloc(64)
  ;(key.length > 64 ? createHash('sha256').update(key).digest() : key).copy(block)
  return {
    ipad: Buffer.from(block.map((byte) => byte ^ 0x36)),
    opad: Buffer.from(block.map((byte) => byte ^ 0x5c)),
  }
}
