import { sightSql, type Viewer } from '@/server/authz/sight'
import type { Tx, WriteTx } from '@/server/db/scope'
import { sql } from '@/server/db/sql'

/** What the agent of a host reported last. */
export interface HostState {
  status: 'pending' | 'online' | 'offline'
  lastSeenAt: Date | null
  conflictAt: Date | null
  /** Its agent was told to uninstall while the tenant was deleted, and has not reported since. */
  uninstallToldAt: Date | null
  facts: unknown
}

/** The state of a host that the viewer sees; null: it has not reported yet, or is none of theirs. */
export async function findState(tx: Tx, viewer: Viewer, id: string): Promise<HostState | null> {
  const rows = await tx.$queryRaw<HostState[]>`
    select s.status, s.last_seen_at as "lastSeenAt", s.conflict_at as "conflictAt", s.uninstall_told_at as "uninstallToldAt", s.facts
    from resource r join resource_state s on s.resource_id = r.id
    where r.id = ${id}::uuid and r.kind = 'host' and ${sightSql(viewer)}`
  return rows[0] ?? null
}

export interface InventoryRecord {
  at: Date
  packages: unknown
  services: unknown
}

/** What is installed and what runs on a host that the viewer sees; null: its agent has not told. */
export async function findInventory(tx: Tx, viewer: Viewer, id: string): Promise<InventoryRecord | null> {
  const rows = await tx.$queryRaw<InventoryRecord[]>`
    select i.at, i.packages, i.services from resource r join host_inventory i on i.resource_id = r.id
    where r.id = ${id}::uuid and r.kind = 'host' and ${sightSql(viewer)}`
  return rows[0] ?? null
}

export interface Sample {
  at: Date
  cpu: number | null
  memory: number | null
  swap: number | null
  load: number | null
  rx: number | null
  tx: number | null
  disks: Record<string, number>
}

/**
 * Means over `step` seconds of the last `reach` seconds, oldest first, of a host that the viewer sees. Minutes are kept for 48
 * hours; beyond, the quarters of an hour, and of those that are not rolled up yet the minutes.
 */
export function listSamples(
  tx: Tx,
  viewer: Viewer,
  id: string,
  reach: number,
  step: number,
): Promise<Sample[]> {
  const since = sql`date_bin(make_interval(secs => ${step}::float8), now(), 'epoch') - make_interval(secs => ${reach - step}::float8)`
  const rolledUp = sql`(select max(q.at) + interval '15 minutes' from host_sample q where q.resource_id = ${id}::uuid and q.step = 900)`
  const samples =
    reach > 86_400
      ? sql`
        select * from host_sample x where x.resource_id = r.id and x.step = 900 and x.at >= ${since}
        union all select * from host_sample x where x.resource_id = r.id and x.step = 60 and x.at >= greatest(${since}, ${rolledUp})`
      : sql`select * from host_sample x where x.resource_id = r.id and x.step = 60 and x.at >= ${since}`
  return tx.$queryRaw<Sample[]>`
    select date_bin(make_interval(secs => ${step}::float8), s.at, 'epoch') as at, avg(s.cpu) as cpu, avg(s.memory) as memory,
      avg(s.swap) as swap, avg(s.load) as load, avg(s.rx) as rx, avg(s.tx) as tx, (array_agg(s.disks order by s.at desc))[1] as disks
    from resource r cross join lateral (${samples}) s
    where r.id = ${id}::uuid and r.kind = 'host' and ${sightSql(viewer)}
    group by 1 order by 1`
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
