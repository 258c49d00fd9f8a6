import { sightSql, type Viewer } from '@/server/authz/sight'
import type { GrantRole } from '@/server/authz/relation'
import type { Tx, WriteTx } from '@/server/db/scope'

/** Kinds of which the owner gives a tenant all. */
export const wholeKinds = (tx: Tx, ownerId: string, tenantId: string) =>
  tx.$queryRaw<{ kind: string; role: GrantRole; status: 'pending' | 'live' | 'suspended' }[]>`
    select g.kind, g.role, g.status from access_grant_all g
    where g.owner_id = ${ownerId}::uuid and g.tenant_id = ${tenantId}::uuid order by g.kind`

export const insertWhole = (tx: WriteTx, ownerId: string, tenantId: string, kind: string): Promise<number> =>
  tx.$executeRaw`
    insert into access_grant_all (owner_id, tenant_id, kind, role) values (${ownerId}::uuid, ${tenantId}::uuid, ${kind}, 'viewer')`

export const deleteWhole = (tx: WriteTx, ownerId: string, tenantId: string, kind: string): Promise<number> =>
  tx.$executeRaw`
    delete from access_grant_all g where g.owner_id = ${ownerId}::uuid and g.tenant_id = ${tenantId}::uuid and g.kind = ${kind}`

export interface Named {
  id: string
  name: string
}

/** Resources of a kind that the viewer sees, by name or by id as text. */
export const findNamed = (tx: Tx, viewer: Viewer, kind: string, items: readonly string[]): Promise<Named[]> =>
  tx.$queryRaw<Named[]>`
    select r.id, r.name from resource r
    where r.kind = ${kind} and (r.name = any (${[...items]}) or r.id::text = any (${items.map((one) => one.toLowerCase())}))
      and ${sightSql(viewer)}
    order by r.name, r.id`

/** Names among these of a kind that more than one resource of the viewer's bears. */
export async function ambiguous(
  tx: Tx,
  viewer: Viewer,
  kind: string,
  names: readonly string[],
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ name: string }[]>`
    select r.name from resource r where r.kind = ${kind} and r.name = any (${[...names]}) and ${sightSql(viewer)}
    group by r.name having count(*) > 1`
  return rows.map(({ name }) => name)
}
