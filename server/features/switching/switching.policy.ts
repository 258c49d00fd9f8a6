import type { OpContext } from '@/server/context/op'
import { denied } from '@/server/platform/errors'

/**
 * Why this session may not leave its tenant for another one of its person's, or look over all of them; null: it may. The one place that
 * decides it: what a session of some kind must not do (someone else's, one with a password that is due) is said here.
 */
export function whyNotSwitch({
  actor,
  impersonator,
}: Pick<OpContext, 'actor' | 'impersonator'>): string | null {
  if (impersonator) return 'Quit impersonating first'
  return actor?.mustChangePassword ? 'Change your password first' : null
}

/** @throws AppError 403 */
export function assertMaySwitch(op: Pick<OpContext, 'actor' | 'impersonator'>): void {
  const why = whyNotSwitch(op)
  if (why !== null) throw denied(why)
}
