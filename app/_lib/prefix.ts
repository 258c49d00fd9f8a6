import type { TenantPrefix } from '@/lib/host'
import type { OpContext } from '@/server/context/op'

/** The prefix of all links of this request: '' or, in path mode, `/t/acme`. */
export const prefixOf = (op: OpContext): TenantPrefix => (op.host.kind === 'tenant' ? op.host.prefix : '')
