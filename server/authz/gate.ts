import { CAPABILITIES, type Capability } from '@/lib/capabilities'
import { AppError } from '@/server/platform/errors'

/** What the licences of this installation give together (wall.licence_state); null: there never was one. */
export interface LicenceState {
  /** Of the one that runs longest. */
  source: 'trial' | 'stripe' | 'key'
  /** What those that run give; where none does, what there was. */
  capabilities: string[]
  /** What an earlier one gave, and none gives now. */
  lapsed?: string[]
  hostLimit: number | null
  startsAt: string
  expiresAt: string
  /** The one that runs longest goes on by itself. */
  renews?: boolean
  /** None runs. */
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
  return { state: (environment ?? toggle) ? licensed(licence) : 'off', source, licence }
}

function licensed(licence: LicenceState | null): 'on' | 'expired' | 'unlicensed' {
  if (holds(licence, 'multi_tenant')) return 'on'
  const had = [...(licence?.capabilities ?? []), ...(licence?.lapsed ?? [])].includes('multi_tenant')
  return had ? 'expired' : 'unlicensed'
}

/** Whether a licence that runs gives this. */
const holds = (licence: LicenceState | null, capability: Capability): boolean =>
  !!licence && !licence.expired && licence.capabilities.includes(capability)

/**
 * Refuses what the gate does not allow, in the order and words of rule 14.
 * @param need `use`: anything of multi-tenancy; `grow`: creating and enabling, which a current licence must cover
 * @throws AppError 501 feature_disabled, 402 license_required
 */
export function assertGate(gate: Gate, need: 'use' | 'grow'): void {
  if (gate.state === 'off')
    throw new AppError('feature_disabled', 'Multi-tenant is not enabled on this server')
  if (gate.state === 'unlicensed' || (gate.state === 'expired' && need === 'grow'))
    throw licenceRequired('multi_tenant')
}

/**
 * Refuses what needs a capability that no current licence gives. It gates growth, never sight: what exists goes on (rule 14).
 * @throws AppError 402 license_required
 */
export function assertCapability(gate: Gate, capability: Capability): void {
  if (!holds(gate.licence, capability)) throw licenceRequired(capability)
}

const licenceRequired = (capability: Capability) =>
  new AppError('license_required', `${CAPABILITIES[capability].label} requires an Enterprise license`, {
    feature: capability,
  })
