import { sightSql, type Viewer } from '@/server/authz/sight'
import type { Tx } from '@/server/db/scope'
import { joinSql, sql } from '@/server/db/sql'
import type { Spec } from '@/lib/resource-kinds/kind'

/** What the machines in a pool or folder take together; bytes. */
export interface Sums {
  machines: number
  cores: number
  memory: number
  disk: number
}

/**
 * Sums over the virtual machines and bare metal that the viewer sees inside a resource, through the pools and folders in it. What
 * runs on a server inside is a part of that server and not counted again.
 */
export async function sumsInside(tx: Tx, viewer: Viewer, id: string): Promise<Sums> {
  const number = (name: string) =>
    sql`coalesce(sum(case when jsonb_typeof(i.spec -> ${name}) = 'number' then (i.spec ->> ${name})::numeric end), 0)::float8`
  const [row] = await tx.$queryRaw<Sums[]>`
    with recursive inside as (
      select r.id, r.kind, r.spec from resource r where r.parent_id = ${id}::uuid and ${sightSql(viewer)}
      union
      select r.id, r.kind, r.spec from inside p join resource r on r.parent_id = p.id
      where p.kind in ('resource_pool', 'folder') and ${sightSql(viewer)})
    select count(*)::int as machines, ${joinSql([sql`${number('cores')} as cores`, sql`${number('memory')} as memory`, sql`${number('disk')} as disk`], ', ')}
    from inside i where i.kind in ('virtual_machine', 'bare_metal')`
  return row ?? { machines: 0, cores: 0, memory: 0, disk: 0 }
}

/** Names and fields of what a resource refers to, as far as the viewer sees it, in the order of its fields. */
export function referred(
  tx: Tx,
  viewer: Viewer,
  id: string,
): Promise<{ field: string; id: string; name: string; spec: Spec }[]> {
  return tx.$queryRaw`
    select l.field, r.id, r.name, r.spec from resource_link l join resource r on r.id = l.target_id
    where l.resource_id = ${id}::uuid and ${sightSql(viewer)} order by l.field, l.position, r.name`
}

/** What a machine's parameters come to, with the profile each comes from; all null where that profile is not seen. */
export function parametersOf(
  tx: Tx,
  id: string,
): Promise<{ name: string | null; value: string | null; profileId: string | null }[]> {
  return tx.$queryRaw`select p.name, p.value, p.profile_id as "profileId" from wall.ctx_parameters(${id}::uuid) p`
}
