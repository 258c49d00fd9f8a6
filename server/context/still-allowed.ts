import { assertAllowed } from '@/server/authz/assert'
import { type AuthRow, buildAuthority } from '@/server/context/authority'
import type { SignedInOp } from '@/server/context/op'
import { systemValue } from '@/server/db/system'
import { AppError } from '@/server/platform/errors'

/**
 * Asks the database again whether the call under way is allowed: an answer that streams for minutes would otherwise outlive
 * the session, the role, the tenant or the address that it began under (PRODUCT rule 11). Does not push the idle expiry.
 * @throws AppError of assertAllowed
 */
export async function assertStillAllowed(op: SignedInOp): Promise<void> {
  const args = [Buffer.from(op.session.tokenHash, 'hex'), op.tenant.slug, op.ip] as const
  const row = await systemValue<AuthRow, 'auth_peek_at'>('auth_peek_at', [...args])
  if (!op.call || row.session?.id !== op.session.id) throw new AppError('unauthenticated', 'Sign in again')
  assertAllowed({ ...op, ...buildAuthority(row) }, op.call.declaration)
}
