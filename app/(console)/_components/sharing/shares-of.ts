import 'server-only'
import type { caller } from '@/app/_lib/caller'
import { can, type SignedInOp } from '@/server/context/op'
import type { Outgoing } from '@/server/features/grants/grants.schema'
import type { ResourceDetail } from '@/server/features/resources/resources.schema'

const MOST = 100

/** With whom a resource is shared; null where it is not the tenant's, or the person may not see shares. */
export async function sharesOf(
  op: SignedInOp,
  api: ReturnType<typeof caller>,
  resource: Pick<ResourceDetail, 'id' | 'relation'>,
): Promise<Outgoing | null> {
  const off = op.gate.state === 'off' || op.gate.state === 'unlicensed'
  if (resource.relation !== 'owner' || off || !can(op, 'sharing', 'read')) return null
  return api.grants.outgoing({ resourceId: resource.id, limit: MOST })
}
