import { MASTER_SLUG } from '@/lib/master'
import { tenantOrigin } from '@/lib/paths'
import { siteConfig } from '@/server/context/site'
import { database } from '@/server/db/runtime'
import { deriveKey, hmac, timingSafeEqualText } from '@/server/platform/crypto'

/** How long an address works, in seconds: long enough to stand in the settings of a DHCP server, and not for ever. */
export const BOOT_SECONDS = 30 * 86_400

/** What an address is good for: one environment, in one tenant, for one machine or any, up to a moment. */
export interface BootClaim {
  slug: string
  environment: string
  machine: string | null
  /** Seconds since 1970. */
  expires: number
}

const sign = ({ slug, environment, machine, expires }: BootClaim): string =>
  hmac(
    deriveKey(database().key.toString('hex'), 'boot address'),
    JSON.stringify([slug, environment, machine ?? '', expires]),
  )

/** Whether this very claim was signed here, and its time is not over. */
export const isSigned = (claim: BootClaim, signature: string, nowSeconds: number): boolean =>
  timingSafeEqualText(signature, sign(claim)) && claim.expires > nowSeconds

/** The address on the tenant's own host name that renders the script. */
export function bootAddress(claim: BootClaim): string {
  const query = new URLSearchParams({ exp: String(claim.expires), sig: sign(claim) })
  if (claim.machine) query.set('machine', claim.machine)
  const origin = tenantOrigin(claim.slug === MASTER_SLUG ? null : claim.slug, siteConfig())
  return `${origin}/api/boot/${claim.environment}?${query.toString()}`
}
