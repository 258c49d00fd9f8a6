import { systemValue } from '@/server/db/system'

/**
 * Whether a tenant's list of allowed addresses lets this one in: for what begins on another host. What is no tenant keeps no list.
 * @param slug of the tenant @param ip the caller's, as the http guard worked it out
 */
export const addressAdmitted = (slug: string, ip: string): Promise<boolean> =>
  systemValue<boolean, 'address_admitted'>('address_admitted', [slug, ip])
