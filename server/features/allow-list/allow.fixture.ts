import { tenantId } from '@/test/factories'
import type { TenantKey } from '@/test/actors'
import type { World } from '@/test/world'

/** The address that everybody of the test world calls from. */
export const HOME = '192.0.2.7'
/** Another one. */
export const ELSEWHERE = '203.0.113.9'

/** Gives a tenant a list, beside the wall; none: from anywhere. */
export async function allow({ admin }: World, tenant: TenantKey, ...networks: string[]): Promise<void> {
  await admin.query('delete from tenant_network where tenant_id = $1', [tenantId(tenant)])
  for (const [i, network] of networks.entries())
    await admin.query('insert into tenant_network (tenant_id, position, network) values ($1, $2, $3)', [
      tenantId(tenant),
      i,
      network,
    ])
}
