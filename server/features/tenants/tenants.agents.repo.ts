import type { Tx } from '@/server/db/scope'
import { nothing, sql } from '@/server/db/sql'
import type { Position } from '@/server/platform/cursor'

export interface AgentRecord {
  id: string
  name: string
  lastSeenAt: Date | null
  toldAt: Date | null
  goneAt: Date | null
}

/** Up to `limit` + 1 hosts of the tenant's own, by name; reversed when the position says back. In a drill-in. */
export function listAgents(
  tx: Tx,
  tenantId: string,
  position: Position | null,
  limit: number,
): Promise<AgentRecord[]> {
  const [name, id] = position?.values ?? []
  const [order, beyond] = position?.back ? [sql`desc`, sql`<`] : [sql`asc`, sql`>`]
  const after = position ? sql`and (r.name, r.id) ${beyond} (${String(name)}, ${String(id)}::uuid)` : nothing
  return tx.$queryRaw<AgentRecord[]>`
    select r.id, r.name, s.last_seen_at as "lastSeenAt", s.uninstall_told_at as "toldAt", s.uninstalled_at as "goneAt"
    from resource r join resource_state s on s.resource_id = r.id
    where r.owner_id = ${tenantId}::uuid and r.kind = 'host' ${after}
    order by r.name ${order}, r.id ${order} limit ${limit + 1}`
}

/** How many of the tenant's own hosts there are, how many of their agents were told, and how many said that they are gone. In a drill-in. */
export async function countAgents(
  tx: Tx,
  tenantId: string,
): Promise<{ total: number; told: number; gone: number }> {
  const [row] = await tx.$queryRaw<Record<'total' | 'told' | 'gone', bigint>[]>`
    select count(*) as total, count(s.uninstall_told_at) as told, count(s.uninstalled_at) as gone
    from resource r join resource_state s on s.resource_id = r.id where r.owner_id = ${tenantId}::uuid and r.kind = 'host'`
  return { total: Number(row?.total ?? 0), told: Number(row?.told ?? 0), gone: Number(row?.gone ?? 0) }
}
