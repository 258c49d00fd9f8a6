import type { Spec } from '@/lib/resource-kinds/kind'
import { reachSql } from '@/server/authz/reach-sql'
import { sightSql, type Viewer } from '@/server/authz/sight'
import type { Tx, WriteTx } from '@/server/db/scope'
import { sql } from '@/server/db/sql'

/** A thing that the tenant owns already. */
export interface Held {
  id: string
  name: string
  assignedId: string
  spec: Spec
  updatedAt: Date
  mayEdit: boolean
}

/** Things of the tenant's own with these names, of one kind and in one cloud (or none), as the viewer sees them. */
export function heldByName(
  tx: Tx,
  viewer: Viewer,
  place: { ownerId: string; kind: string; cloudId: string | null },
  names: readonly string[],
): Promise<Held[]> {
  const edits = viewer.reach ? (reachSql(viewer.reach, 'edit') ?? sql`true`) : sql`false`
  return tx.$queryRaw<Held[]>`
    select r.id, r.name, r.assigned_id as "assignedId", r.spec, r.updated_at as "updatedAt",
      (${edits} and wall.ctx_may_edit(r.id)) as "mayEdit"
    from resource r
    where r.owner_id = ${place.ownerId}::uuid and r.kind = ${place.kind} and r.cloud_id is not distinct from ${place.cloudId}::uuid
      and r.name = any (${[...names]}::text[]) and ${sightSql(viewer)}
    order by r.name, r.id`
}

export interface Made {
  id: string
  name: string
  spec: Spec
}

/** Makes many of one kind, owned by the acting tenant, and private. */
export async function insertMany(
  tx: WriteTx,
  place: { ownerId: string; assignedId: string; kind: string; cloudId: string | null; createdBy: string },
  rows: readonly Made[],
): Promise<void> {
  await tx.$executeRaw`
    insert into resource (id, kind, name, owner_id, assigned_id, cloud_id, created_by, spec)
    select x.id, ${place.kind}, x.name, ${place.ownerId}::uuid, ${place.assignedId}::uuid, ${place.cloudId}::uuid, ${place.createdBy}::uuid, x.spec
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) x(id uuid, name text, spec jsonb)`
}

/** Gives many of the tenant's own their new fields. @returns how many were still as they were read */
export function updateMany(
  tx: WriteTx,
  ownerId: string,
  rows: readonly { id: string; spec: Spec; updatedAt: Date }[],
): Promise<number> {
  return tx.$executeRaw`
    update resource r set spec = x.spec, updated_at = now()
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) x(id uuid, spec jsonb, "updatedAt" timestamptz)
    where r.id = x.id and r.owner_id = ${ownerId}::uuid and date_trunc('milliseconds', r.updated_at) = x."updatedAt"
      and wall.ctx_may_edit(r.id)`
}
