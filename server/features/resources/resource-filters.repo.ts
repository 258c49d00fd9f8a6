import type { Viewer } from '@/server/authz/sight'
import type { Tx } from '@/server/db/scope'

const OFFERED = 50

/** Groups of the acting tenant, by name. */
export function groupsOf(tx: Tx, viewer: Viewer): Promise<{ id: string; name: string }[]> {
  return tx.$queryRaw`
    select g.id, g.name from resource_group g where g.tenant_id = ${viewer.tenantId}::uuid order by lower(g.name), g.id limit ${OFFERED}`
}

/** Tags that the acting tenant has given, by name. */
export async function tagsOf(tx: Tx, viewer: Viewer): Promise<string[]> {
  const rows = await tx.$queryRaw<{ tag: string }[]>`
    select distinct t.tag from resource_tag t where t.tenant_id = ${viewer.tenantId}::uuid order by t.tag limit ${OFFERED}`
  return rows.map(({ tag }) => tag)
}
