import { sightSql, type Viewer } from '@/server/authz/sight'
import type { Tx, WriteTx } from '@/server/db/scope'
import { nothing, sql } from '@/server/db/sql'

/** Tags by how much that the viewer sees carries them. */
export function listTags(
  tx: Tx,
  viewer: Viewer,
  { search, kind, limit }: { search: string; kind?: string; limit: number },
): Promise<{ tag: string; count: number }[]> {
  const ofKind = kind === undefined ? nothing : sql`and r.kind = ${kind}`
  return tx.$queryRaw<{ tag: string; count: number }[]>`
    select t.tag, count(*)::int as count from resource_tag t join resource r on r.id = t.resource_id
    where t.tenant_id = ${viewer.tenantId}::uuid and position(lower(${search}) in t.tag) > 0 ${ofKind} and ${sightSql(viewer)}
    group by t.tag order by count desc, t.tag limit ${limit}`
}

/** Makes these the tenant's tags on the resource. */
export async function replaceTags(
  tx: WriteTx,
  tenantId: string,
  resourceId: string,
  tags: readonly string[],
): Promise<void> {
  await tx.$executeRaw`
    delete from resource_tag where tenant_id = ${tenantId}::uuid and resource_id = ${resourceId}::uuid and tag <> all (${[...tags]}::text[])`
  await tx.$executeRaw`
    insert into resource_tag (tenant_id, resource_id, tag)
    select ${tenantId}::uuid, ${resourceId}::uuid, x.tag from unnest(${[...tags]}::text[]) x(tag)
    where not exists (select 1 from resource_tag t where t.tenant_id = ${tenantId}::uuid and t.resource_id = ${resourceId}::uuid and t.tag = x.tag)`
}

/** Those of these tags that say how far an assignment of a role reaches. */
export async function scopingTags(tx: Tx, tenantId: string, tags: readonly string[]): Promise<string[]> {
  const scopes = tags.map((tag) => `tag:${tag}`)
  const rows = await tx.$queryRaw<{ scope: string }[]>`
    select distinct a.scope from role_assignment a where a.tenant_id = ${tenantId}::uuid and a.scope = any (${scopes})`
  return rows.map(({ scope }) => scope.slice('tag:'.length))
}
