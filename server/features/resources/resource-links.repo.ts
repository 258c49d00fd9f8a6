import { sightSql, type Viewer } from '@/server/authz/sight'
import type { Tx, WriteTx } from '@/server/db/scope'

/** One reference: from a field of a resource, to what it names. */
export interface LinkRecord {
  field: string
  targetId: string
  kind: string | null
  /** Null: not there for the viewer any more. */
  name: string | null
}

/** What a resource that the viewer sees refers to, in the order of its fields; what is not seen has no name. */
export function linksOf(tx: Tx, viewer: Viewer, resourceId: string): Promise<LinkRecord[]> {
  return tx.$queryRaw<LinkRecord[]>`
    select l.field, l.target_id as "targetId", t.kind, t.name
    from resource_link l
    left join lateral (select r.kind, r.name from resource r where r.id = l.target_id and ${sightSql(viewer)}) t on true
    where l.resource_id = ${resourceId}::uuid
      and exists (select 1 from resource r where r.id = l.resource_id and ${sightSql(viewer)})
    order by l.field, l.position, t.name`
}

export interface Attached {
  id: string
  kind: string
  name: string
  field: string
}

/** What refers to a resource, or stands in it (field ''), as far as the viewer sees it; at most `limit`, by name. */
export function attachedTo(tx: Tx, viewer: Viewer, targetId: string, limit: number): Promise<Attached[]> {
  return tx.$queryRaw<Attached[]>`
    select * from (
      select r.id, r.kind, r.name, l.field from resource_link l join resource r on r.id = l.resource_id
        where l.target_id = ${targetId}::uuid and ${sightSql(viewer)}
      union all
      select r.id, r.kind, r.name, '' from resource r where r.parent_id = ${targetId}::uuid and ${sightSql(viewer)}) x
    order by x.name, x.id limit ${limit}`
}

/** Makes a field refer to exactly these, in this order. */
export async function replaceLinks(
  tx: WriteTx,
  resourceId: string,
  field: string,
  targets: readonly string[],
): Promise<void> {
  await tx.$executeRaw`delete from resource_link where resource_id = ${resourceId}::uuid and field = ${field}`
  await tx.$executeRaw`
    insert into resource_link (resource_id, field, position, target_id)
    select ${resourceId}::uuid, ${field}, x.n, x.id from unnest(${[...targets]}::uuid[]) with ordinality x(id, n)`
}

export interface Choice {
  id: string
  kind: string
  name: string
}

/** Those of these ids that a field of these kinds may refer to: seen by the person, and not assigned away by the master (rule 2). */
export function usable(
  tx: Tx,
  viewer: Viewer,
  kinds: readonly string[],
  ids: readonly string[],
): Promise<Choice[]> {
  return tx.$queryRaw<Choice[]>`
    select r.id, r.kind, r.name from resource r
    where r.id = any (${[...ids]}::uuid[]) and r.kind = any (${[...kinds]}) and ${sightSql(viewer)}
      and (r.owner_id <> ${viewer.tenantId}::uuid or r.assigned_id = r.owner_id)
    order by r.name, r.id`
}
