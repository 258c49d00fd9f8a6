import { gateOf, type LicenceState } from '@/server/authz/gate'
import { can, type SignedInOp } from '@/server/context/op'
import { inTenant, mutate } from '@/server/db/scope'
import { toggleRefusal } from './settings.policy'
import * as repo from './settings.repo'
import type { MultiTenancy, SharingSettings } from './settings.schema'

const DAY_MS = 86_400_000

function licenceFacts(licence: LicenceState | null): MultiTenancy['licence'] {
  if (!licence) return null
  const { source, capabilities, hostLimit, startsAt, expiresAt, expired, renews = false } = licence
  const daysLeft = Math.floor((Date.parse(expiresAt) - Date.now()) / DAY_MS)
  return { source, capabilities, hostLimit, startsAt, expiresAt, expired, renews, daysLeft }
}

/** Hosts and living tenants, the master among them, over the whole installation; for the features that share a transaction. */
export const licenceUsage = repo.licenceUsage

/** Whether multi-tenancy is on, what decides it, and what the licence covers (PRODUCT rule 14). */
export async function multiTenancy(op: SignedInOp): Promise<MultiTenancy> {
  const usage = await inTenant(op, repo.licenceUsage)
  const { state, source, licence } = op.gate
  const refusal = toggleRefusal(op)
  return {
    enabled: state !== 'off',
    source,
    state,
    tenants: Math.max(0, usage.tenants - 1),
    licence: licenceFacts(licence),
    hostsUsed: usage.hosts,
    can: { set: refusal === null },
    why: { set: refusal?.message },
  }
}

/** How many hosts the licence counts, over all tenants, and how many it covers; null: any number. */
export async function hostUsage(op: SignedInOp): Promise<{ used: number; limit: number | null }> {
  const { hosts } = await inTenant(op, repo.licenceUsage)
  return { used: hosts, limit: op.gate.licence?.hostLimit ?? null }
}

/**
 * Turns multi-tenancy on or off. Everything that exists belongs to the master tenant already, so there is nothing to move;
 * turned off, subtenants stay as they are and nobody of them gets in. @throws AppError 403; 409 when the environment decides
 */
export async function setMultiTenancy(op: SignedInOp, enabled: boolean): Promise<MultiTenancy> {
  const refusal = toggleRefusal(op)
  if (refusal) throw refusal
  await mutate(op, async ({ tx, audit }) => {
    const was = await repo.setMultiTenancy(tx, enabled)
    audit({
      targetKind: 'installation',
      targetId: '1',
      targetName: 'Multi-tenancy',
      before: { enabled: was },
      after: { enabled },
    })
  })
  return multiTenancy({ ...op, gate: gateOf(undefined, enabled, op.gate.licence) })
}

/** How shares between tenants are taken up (PRODUCT rule 16). */
export async function sharing(op: SignedInOp): Promise<SharingSettings> {
  const requireAcceptance = await inTenant(op, repo.requiresAcceptance)
  const set = can(op, 'settings', 'full')
  return {
    requireAcceptance,
    can: { set },
    why: { set: set ? undefined : 'Your role may see the settings, not change them' },
  }
}

/** Says whether new shares wait for their target; what is live or waiting stays as it is. */
export async function setSharing(op: SignedInOp, requireAcceptance: boolean): Promise<SharingSettings> {
  await mutate(op, async ({ tx, audit }) => {
    const was = await repo.requiresAcceptance(tx)
    await repo.setRequiresAcceptance(tx, requireAcceptance)
    audit({
      targetKind: 'installation',
      targetId: '1',
      targetName: 'Sharing',
      before: { requireAcceptance: was },
      after: { requireAcceptance },
    })
  })
  return sharing(op)
}
