import type pg from 'pg'
import { MASTER_TENANT_ID } from '@/lib/master'
import { canary, idOf } from '@/test/canary'
import { insert, resourceId, tenantId, userId } from '@/test/factories'

/** Id of the one migration of hosts in the world: Bolt's db-01 came from Acme. */
export const HOST_MOVE = idOf('host move')

export async function plantHostMove(db: pg.Client): Promise<void> {
  await insert(db, 'host_move', [
    {
      id: HOST_MOVE,
      tenant_id: MASTER_TENANT_ID,
      to_tenant_id: tenantId('B'),
      hosts: 1,
      created_by: userId('Mara'),
      created_by_name: canary('M', 'host move person'),
    },
  ])
  await insert(db, 'host_move_item', [
    {
      move_id: HOST_MOVE,
      tenant_id: MASTER_TENANT_ID,
      resource_id: resourceId('B db'),
      kind: 'host',
      name: canary('M', 'host move item'),
      root: true,
      from_owner_id: tenantId('A'),
      from_assigned_id: tenantId('A'),
      before: { visibility: 'private', parentId: null, createdBy: null },
    },
  ])
}
