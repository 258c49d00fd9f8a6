import { grantRoleSql, sightSql, type Viewer } from '@/server/authz/sight'
import type { Tx, WriteTx } from '@/server/db/scope'
import { sql } from '@/server/db/sql'

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

/** Makes a field refer to exactly these, in this order. What it refers to already is not asked for again: it may be lost to the tenant. */
export async function replaceLinks(
  tx: WriteTx,
  resourceId: string,
  field: string,
  targets: readonly string[],
): Promise<void> {
  const wanted = sql`unnest(${[...targets]}::uuid[]) with ordinality x(id, n)`
  await tx.$executeRaw`
    delete from resource_link where resource_id = ${resourceId}::uuid and field = ${field} and target_id <> all (${[...targets]}::uuid[])`
  await tx.$executeRaw`
    update resource_link l set position = x.n from ${wanted}
    where l.resource_id = ${resourceId}::uuid and l.field = ${field} and l.target_id = x.id and l.position <> x.n`
  await tx.$executeRaw`
    insert into resource_link (resource_id, field, position, target_id)
    select ${resourceId}::uuid, ${field}, x.n, x.id from ${wanted}
    where not exists (select 1 from resource_link l where l.resource_id = ${resourceId}::uuid and l.field = ${field} and l.target_id = x.id)`
}

/** Public clouds that the tenant role lets the acting tenant use, not only look at (rule 5). */
export async function usableClouds(tx: Tx): Promise<string[]> {
  const rows = await tx.$queryRaw<
    { id: string }[]
  >`select o.cloud_id as id from wall.ctx_offers() o where o.level = 'full'`
  return rows.map(({ id }) => id)
}

export interface Choice {
  id: string
  kind: string
  name: string
}

/**
 * Those of these ids that a field of these kinds may refer to: seen by the person, not assigned away by the master (rule 2), and
 * not merely public in a cloud that one may only look at (rule 5).
 * @param place for what is to stand in it, as wall.ctx_may_place says: the master adds to a cloud that it assigned away (rule 4), a
 * parent is the tenant's to use, and what is merely shared with it holds nothing of its own
 */
export function usable(
  tx: Tx,
  viewer: Viewer,
  kinds: readonly string[],
  ids: readonly string[],
  place: 'cloud' | 'parent' | null = null,
): Promise<Choice[]> {
  const [toStand, inParent] = [place === 'cloud', place === 'parent']
  return tx.$queryRaw<Choice[]>`
    select r.id, r.kind, r.name from resource r
    where r.id = any (${[...ids]}::uuid[]) and r.kind = any (${[...kinds]}) and ${sightSql(viewer)}
      and case when r.owner_id = ${viewer.tenantId}::uuid then (${toStand} or r.assigned_id = r.owner_id)
        else r.assigned_id = ${viewer.tenantId}::uuid
          or ${place === null} and (r.cloud_id is null or ${grantRoleSql(viewer.tenantId)} is not null)
          or not ${inParent} and exists (select 1 from wall.ctx_offers() o where o.cloud_id = r.cloud_id and o.level = 'full') end
    order by r.name, r.id`
}
