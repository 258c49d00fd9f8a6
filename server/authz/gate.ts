import { AppError } from '@/server/platform/errors'

/** What the licence says, from the newest licence row; null: there never was one. */
export interface LicenceState {
  source: 'trial' | 'stripe' | 'key'
  capabilities: string[]
  hostLimit: number | null
  startsAt: string
  expiresAt: string
  expired: boolean
}

/**
 * State of multi-tenancy (PRODUCT rule 14): `off`: the install does not allow it; `unlicensed`: no licence ever had the
 * capability; `expired`: reading, signing in and deleting go on, growth does not; `on`.
 */
export interface Gate {
  state: 'on' | 'off' | 'unlicensed' | 'expired'
  /** Where on and off come from: the environment overrides the toggle in Settings > Tenants. */
  source: 'environment' | 'toggle'
  licence: LicenceState | null
}

/** @param environment MULTI_TENANT_ENABLED; undefined: unset, so the toggle counts */
export function gateOf(
  environment: boolean | undefined,
  toggle: boolean,
  licence: LicenceState | null,
): Gate {
  const source = environment === undefined ? 'toggle' : 'environment'
  const licensed = licence?.capabilities.includes('multi_tenant') ?? false
  if (!(environment ?? toggle)) return { state: 'off', source, licence }
  if (!licensed) return { state: 'unlicensed', source, licence }
  return { state: licence?.expired ? 'expired' : 'on', source, licence }
}

/**
 * Refuses what the gate does not allow, in the order and words of rule 14.
 * @param need `use`: anything of multi-tenancy; `grow`: creating and enabling, which a current licence must cover
 * @throws AppError 501 feature_disabled, 402 license_required
 */
export function assertGate(gate: Gate, need: 'use' | 'grow'): void {
  if (gate.state === 'off')
    throw new AppError('feature_disabled', 'Multi-tenant is not enabled on this server')
  if (gate.state === 'unlicensed' || (gate.state === 'expired' && need === 'grow')) {
    throw new AppError('license_required', 'Multi-tenant requires an Enterprise license')
  }
}
