import { MASTER_TENANT_ID } from '@/lib/master'
import type { OpContext, OpTenant } from '@/server/context/op'
import type { Reach } from '@/server/authz/reach'
import { reachSql } from '@/server/authz/reach-sql'
import { joinSql, type Sql, sql } from '@/server/db/sql'
import { env } from '@/server/platform/env'

/** Whose sight it is: the acting tenant, or the subtenant that the master drills into. */
export interface Viewer {
  tenantId: string
  isMaster: boolean
  /** Of the person who looks; none where the tenant as a whole does. */
  reach?: Reach
}

/** Whose sight an operation has. */
export const viewerOf = (op: Pick<OpContext, 'reach'> & { tenant: OpTenant }): Viewer => ({
  tenantId: op.tenant.id,
  isMaster: op.tenant.isMaster,
  reach: op.reach,
})

/** Role of the viewer's best live grant on `resource r`: of it, or of all of its kind. */
export const grantRoleSql = (tenantId: string): Sql => sql`
  (select (array['viewer', 'editor', 'admin'])[max(array_position(array['viewer', 'editor', 'admin'], x.role))] from (
    select g.role from access_grant g where g.resource_id = r.id and g.tenant_id = ${tenantId}::uuid and ${live}
    union all
    select g.role from access_grant_all g where g.tenant_id = ${tenantId}::uuid and g.kind = r.kind and g.owner_id = r.owner_id and r.assigned_id = r.owner_id and ${live}) x)`

/** Ways in which a tenant sees resources; `server/authz/explain` has each as a question about one of them. */
export type Way = 'owned' | 'assigned' | 'public' | 'publicInCloud' | 'allOfKind' | 'shared'

/**
 * One way in which a tenant sees resources, as a place to start a list from: each has an index in the order of names.
 * `name`, `id` and `kind` are the columns of `from` that the list sorts and filters by.
 */
export interface Arm {
  /** Undefined only where the filters are switched off. */
  way?: Way
  /** Principals of which each has its own run in the index; `where` names them. */
  each?: Sql
  from: Sql
  where: Sql
  id: Sql
  name: Sql
  kind: Sql
  /** Its rows are `resource r`; of a grant's, the resource is looked up where more is asked of it. */
  isResource: boolean
}

const clouds = sql`(select wall.ctx_clouds())::uuid[]`
const kinds = sql`(select wall.ctx_granted_kinds())::text[]`
const live = sql`g.status = 'live' and (g.expires_at is null or g.expires_at > now())`
const OWN = { from: sql`resource r`, id: sql`r.id`, name: sql`r.name`, kind: sql`r.kind`, isResource: true }

/** Whether the filters of this layer are switched off, to show that the wall holds alone (test:layers). */
function filtersOff(): boolean {
  const { NODE_ENV, FREEHOLD_TEST_LAYER } = env()
  return NODE_ENV === 'test' && FREEHOLD_TEST_LAYER === 'no-filters'
}

/**
 * The application's own half of the wall (PRODUCT rules 1, 2 and 5): the arms through which a tenant sees resources. The
 * policies of `resource` say the same in the database; each holds without the other (attack A11).
 */
export function sightArms(viewer: Viewer): Arm[] {
  if (filtersOff()) return [{ ...OWN, where: sql`true` }]
  if (viewer.isMaster) return [{ ...OWN, way: 'owned', where: sql`r.owner_id = ${MASTER_TENANT_ID}::uuid` }]
  const tenant = sql`${viewer.tenantId}::uuid`
  return [
    { ...OWN, way: 'assigned', where: sql`r.assigned_id = ${tenant}` },
    { ...OWN, way: 'public', where: sql`r.visibility = 'public' and r.cloud_id is null` },
    {
      ...OWN,
      way: 'publicInCloud',
      each: sql`unnest(${clouds}) c(cloud)`,
      where: sql`r.visibility = 'public' and r.cloud_id = c.cloud`,
    },
    {
      ...OWN,
      way: 'allOfKind',
      // Started from the kinds, of which there are mostly none: `kind = any (…)` made a search of all that the master owns.
      each: sql`unnest(${kinds}) k(kind)`,
      where: sql`r.owner_id = ${MASTER_TENANT_ID}::uuid and r.assigned_id = r.owner_id and r.kind = k.kind`,
    },
    {
      way: 'shared',
      from: sql`access_grant g`,
      where: sql`g.tenant_id = ${tenant} and ${live}`,
      id: sql`g.resource_id`,
      name: sql`g.name`,
      kind: sql`g.kind`,
      isResource: false,
    },
  ]
}

/** Resources by ids that are known beforehand, of those that the tenant sees. @param ids a query of `id`, each once */
export const armOfIds = (viewer: Viewer, ids: Sql): Arm => ({
  ...OWN,
  each: sql`(${ids}) n`,
  where: sql`r.id = n.id and ${sightSql({ tenantId: viewer.tenantId, isMaster: viewer.isMaster })}`,
})

/**
 * The same sight, and the viewer's reach, as one condition on `resource r`: for what is looked up by id.
 * @param kind the only one that is looked for, where it is known: a condition on one kind is a tenth of that on all
 */
export function sightSql(viewer: Viewer, kind?: string): Sql {
  const arms = sightArms(viewer).map((arm) => {
    if (arm.each) return sql`exists (select 1 from ${arm.each} where ${arm.where})`
    return arm.from === OWN.from
      ? arm.where
      : sql`exists (select 1 from ${arm.from} where ${arm.id} = r.id and ${arm.where})`
  })
  const seen = sql`(${joinSql(
    arms.map((arm) => sql`(${arm})`),
    ' or ',
  )})`
  const reach = viewer.reach && reachSql(viewer.reach, 'see', kind === undefined ? undefined : [kind])
  const all = [kind === undefined ? null : sql`r.kind = ${kind}`, seen, reach].filter((one) => one != null)
  return all.length === 1 ? seen : sql`(${joinSql(all, ' and ')})`
}

/** The name of a resource by its id, for who sees it; null for others: a thing that is seen may stand in one that is not. */
export const seenNameSql = (viewer: Viewer, id: Sql, kind?: string): Sql => sql`
  (select c.name from (select ${id} as id) o cross join lateral (select r.name from resource r where r.id = o.id and ${sightSql(viewer, kind)}) c)`

/** The name of the cloud that `resource r` stands in, for who sees the cloud; null for others, and on a cloud itself. */
export const seenCloudNameSql = (viewer: Viewer): Sql =>
  seenNameSql(viewer, sql`nullif(r.cloud_id, r.id)`, 'cloud')
