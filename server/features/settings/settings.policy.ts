import { can, type OpContext } from '@/server/context/op'
import { type AppError, conflict, denied } from '@/server/platform/errors'

/** Why this operation may not turn multi-tenancy on and off; null: it may. The environment overrides the toggle (PRODUCT rule 14). */
export function toggleRefusal(op: Pick<OpContext, 'rights' | 'gate'>): AppError | null {
  if (!can(op, 'settings', 'full')) return denied('Your role may see the settings, not change them')
  if (op.gate.source === 'environment') {
    return conflict(
      'MULTI_TENANT_ENABLED is set in the environment of the server: change it there and restart',
    )
  }
  return null
}
