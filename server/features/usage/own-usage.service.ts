import { currencyLabel } from '@/lib/currency'
import type { SignedInOp } from '@/server/context/op'
import { inTenant } from '@/server/db/scope'
import * as repo from './usage.repo'
import { MONTHS_KEPT, type OwnUsage } from './usage.schema'
import { levelOf } from './usage.words'

/**
 * The tenant's own plan and usage. A subtenant hears who provides it, whether that goes on, and of its own slice; the licence
 * itself, with its numbers and its end, is its provider's.
 */
export function ownUsage(op: SignedInOp): Promise<OwnUsage> {
  const { id, isMaster, status, currency } = op.tenant
  return inTenant(op, async (tx) => {
    const now = await repo.tenantNow(tx, id)
    return {
      plan: {
        provider: isMaster ? null : await repo.providerName(tx),
        ...planOf(op),
      },
      status,
      currency: currencyLabel(currency),
      ...now,
      level: levelOf(now.hosts, now.slice),
      ...(await repo.holdingsOf(tx, id)),
      months: await repo.monthsOf(tx, id, MONTHS_KEPT + 1),
    }
  })
}

function planOf({ gate, tenant }: SignedInOp): Pick<OwnUsage['plan'], 'state' | 'licence'> {
  const { licence } = gate
  if (!licence) return { state: 'none', licence: null }
  const { source, hostLimit, capabilities, expiresAt, expired, renews = false } = licence
  // To a tenant it has ended with the capability that lets there be tenants, whatever else its provider still has.
  const ended = expired || (!tenant.isMaster && gate.state === 'expired')
  return {
    state: ended ? 'ended' : 'current',
    licence: tenant.isMaster ? { source, hostLimit, capabilities, expiresAt, renews } : null,
  }
}
