import type { OpContext } from '@/server/context/op'
import { AppError } from '@/server/platform/errors'

/**
 * With a cookie, a tenant named by `X-Org-ID` must be the host's: never a fallback when a named tenant is wrong
 * (PRODUCT rule 10). @throws AppError 400 invalid_org
 */
export function assertNamedTenant(headers: Headers, op: OpContext): void {
  const named = headers.get('x-org-id') ?? headers.get('x-pulse-org-id')
  if (named === null) return
  const tenant = op.session ? op.tenant : null
  if (named !== tenant?.slug && named !== tenant?.id) throw new AppError('invalid_org', 'Unknown tenant')
}
