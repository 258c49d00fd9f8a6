import type { Effect } from '@/lib/effects'
import { labelOfKind } from '@/lib/resource-kinds/registry'
import type { GrantRecord } from './grants.repo'

const RANK = ['viewer', 'editor', 'admin']

/** What a share is worth, before or after a change; null: there is none. */
export type Worth = Pick<GrantRecord, 'role' | 'status'> | null
export type Shared = Pick<GrantRecord, 'kind' | 'name' | 'tenantId' | 'other'>

/** Who gains or loses what when a share changes: the lines before it is saved, and of its audit rows after. */
export function effectsOf(shared: Shared, before: Worth, after: Worth): Effect[] {
  const thing = `${labelOfKind(shared.kind)} ${shared.name}`
  const effect = (change: Effect['change'], what: string): Effect[] => [
    { tenantId: shared.tenantId, tenant: shared.other, who: '', change, what },
  ]
  const was = before?.status === 'live' ? before.role : null
  const is = after?.status === 'live' ? after.role : null
  if (was && is) {
    if (was === is) return []
    return effect(RANK.indexOf(is) > RANK.indexOf(was) ? 'gains' : 'loses', `${thing} (${was} → ${is})`)
  }
  if (is) return effect('gains', `${thing} (${is})`)
  if (was)
    return effect(
      'loses',
      after?.status === 'pending' ? `${thing} (${was}), until it accepts ${after.role}` : `${thing} (${was})`,
    )
  if (after?.status === 'pending' && before?.role !== after.role)
    return effect('gains', `${thing} (${after.role}), once it accepts`)
  return []
}
