import type { Tx, WriteTx } from '@/server/db/scope'
import type { Doing } from './machines.schema'

export interface FoundRecord {
  externalId: string
  cloudId: string
  connector: string | null
  missingSince: Date | null
  state: string
  facts: unknown
  okAt: Date | null
  /** When it was found, or came to the tenant that uses it. */
  usedSince: Date
}

/** What a machine is in its cloud. The connection's kind is told by a function: its address is none of the user's business. */
export async function findFound(tx: Tx, id: string): Promise<FoundRecord | undefined> {
  const [row] = await tx.$queryRaw<FoundRecord[]>`
    select i.external_id as "externalId", i.cloud_id as "cloudId", wall.ctx_connector_of(i.resource_id) as connector, i.missing_since as "missingSince",
      s.status as state, s.facts, y.ok_at as "okAt", i.used_since as "usedSince"
    from cloud_item i join resource_state s on s.resource_id = i.resource_id left join cloud_sync y on y.cloud_id = i.cloud_id
    where i.resource_id = ${id}::uuid`
  return row
}

export function doingsOf(
  tx: Tx,
  tenantId: string,
  id: string,
  limit: number,
): Promise<(Omit<Doing, 'createdAt' | 'finishedAt'> & { createdAt: Date; finishedAt: Date | null })[]> {
  return tx.$queryRaw`
    select a.id, a.name as action, a.snapshot, a.status, a.message, a.created_at as "createdAt", a.finished_at as "finishedAt",
      coalesce((select coalesce(nullif(btrim(u.first_name || ' ' || u.last_name), ''), u.username) from user_account u where u.id = a.created_by), '') as by
    from cloud_action a where a.tenant_id = ${tenantId}::uuid and a.resource_id = ${id}::uuid order by a.created_at desc, a.id limit ${limit}`
}

export interface NewAction {
  id: string
  tenantId: string
  resourceId: string
  name: string
  snapshot: string
  requestId: string
  ip: string
  createdBy: string
}

export async function insertAction(tx: WriteTx, a: NewAction): Promise<void> {
  await tx.$executeRaw`
    insert into cloud_action (id, tenant_id, resource_id, name, snapshot, request_id, ip, created_by)
    values (${a.id}::uuid, ${a.tenantId}::uuid, ${a.resourceId}::uuid, ${a.name}, ${a.snapshot}, ${a.requestId}, ${a.ip}, ${a.createdBy}::uuid)`
}
