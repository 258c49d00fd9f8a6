import { sightSql, type Viewer } from '@/server/authz/sight'
import type { Tx, WriteTx } from '@/server/db/scope'

/** What the agent of a host reported last. */
export interface HostState {
  status: 'pending' | 'online' | 'offline'
  lastSeenAt: Date | null
  conflictAt: Date | null
  facts: unknown
}

/** The state of a host that the viewer sees; null: it has not reported yet, or is none of theirs. */
export async function findState(tx: Tx, viewer: Viewer, id: string): Promise<HostState | null> {
  const rows = await tx.$queryRaw<HostState[]>`
    select s.status, s.last_seen_at as "lastSeenAt", s.conflict_at as "conflictAt", s.facts
    from resource r join resource_state s on s.resource_id = r.id
    where r.id = ${id}::uuid and r.kind = 'host' and ${sightSql(viewer)}`
  return rows[0] ?? null
}

/** @returns whether the tenant owns it and it still stands where `assignedId` says (that tenant's log tells of it) */
export async function renameHost(
  tx: WriteTx,
  ownerId: string,
  id: string,
  name: string,
  assignedId: string,
): Promise<boolean> {
  const { count } = await tx.resource.updateMany({
    where: { id, ownerId, assignedId, kind: 'host' },
    data: { name, updatedAt: new Date() },
  })
  return count === 1
}
