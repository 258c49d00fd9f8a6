import type { SecurityPolicy } from '@/lib/security-policy'
import { systemValue } from '@/server/db/system'

/**
 * What counts for a sign-in on one tenant's host of somebody homed in another: the strictest of both and of the master's floor. Tenants that
 * are none ask for the floor: nobody learns by it which there are.
 * @param home slug; '' when a name means nobody
 */
export const policyAt = (host: string, home: string): Promise<SecurityPolicy> =>
  systemValue<SecurityPolicy, 'policy_at'>('policy_at', [host, home])
