import { MASTER_TENANT_ID } from '@/lib/master'
import { AppError } from '@/server/platform/errors'

/** What wall.host_pool_moved() and wall.host_pool_assert() refuse with. `most`, `used`: hosts, of the licence or of the slice. */
export type HostLimit =
  | { of: 'licence'; most: number; used: number }
  | { of: 'slice'; tenantId: string; tenant: string; most: number; used: number }

/** SQLSTATE of a refusal by the pool of hosts. */
const REFUSED = 'FH402'

interface Cause {
  code?: unknown
  originalCode?: unknown
  message?: unknown
  originalMessage?: unknown
}
interface FromPrisma extends Cause {
  meta?: { driverAdapterError?: { cause?: Cause } }
  cause?: Cause | null
}

/** What the pool of hosts said, of an error of Prisma or of pg; null: it is another error. */
export function hostLimitOf(error: unknown): HostLimit | null {
  if (typeof error !== 'object' || error === null) return null
  const { meta, cause, code, message } = error as FromPrisma
  for (const one of [meta?.driverAdapterError?.cause, cause, { code, message }])
    if (one && (one.originalCode ?? one.code) === REFUSED)
      return JSON.parse(String(one.originalMessage ?? one.message)) as HostLimit
  return null
}

const count = (n: number, one: string, many: string) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`
const there = (n: number) => `${n.toLocaleString('en')} ${n === 1 ? 'is' : 'are'} there`

/**
 * 402 in words for whoever acts in a tenant. A subtenant hears of its own slice, and of the licence nothing but that it is full:
 * its numbers are the provider's.
 * @param tenantId in which one acts, or for which an agent enrols
 */
export function hostLimitError(limit: HostLimit, tenantId: string): AppError {
  return new AppError('license_limit', words(limit, tenantId === MASTER_TENANT_ID))
}

function words(limit: HostLimit, forMaster: boolean): string {
  const may = count(limit.most, 'host', 'hosts')
  if (limit.of === 'licence')
    return forMaster
      ? `The licence covers ${may}; ${there(limit.used)}. Remove some, or get a larger licence.`
      : 'Your provider’s host licence is full. Remove a host, or ask your provider.'
  return forMaster
    ? `${limit.tenant} may have ${may}; ${there(limit.used)}. Remove some, or raise its slice.`
    : `This tenant may have ${may}; ${there(limit.used)}. Remove some, or ask your provider for more.`
}
