import type { Tx, WriteTx } from '@/server/db/scope'

export interface NewConsole {
  id: string
  tenantId: string
  resourceId: string
  sessionId: string
  ticketHash: Buffer
  requestId: string
  ip: string
  createdBy: string
}

export async function insertConsole(tx: WriteTx, c: NewConsole): Promise<void> {
  await tx.$executeRaw`
    insert into machine_console (id, tenant_id, resource_id, session_id, ticket_hash, request_id, ip, created_by)
    values (${c.id}::uuid, ${c.tenantId}::uuid, ${c.resourceId}::uuid, ${c.sessionId}::uuid, ${c.ticketHash}, ${c.requestId}, ${c.ip}, ${c.createdBy}::uuid)`
}

/** How many consoles a person has open or is about to. */
export async function countOpen(tx: Tx, tenantId: string, userId: string): Promise<number> {
  const [row] = await tx.$queryRaw<{ open: number }[]>`
    select count(*)::integer as open from machine_console
    where tenant_id = ${tenantId}::uuid and created_by = ${userId}::uuid and ended_at is null`
  return row?.open ?? 0
}
