import type { Permission } from '@/lib/permissions'
import { KINDS, kindOf } from '@/lib/resource-kinds/registry'
import { claims, type Held, levelOf, type Reach, verbsOfClaim } from '@/server/authz/reach'
import { type Sql, sql } from '@/server/db/sql'

/** Where to look for what one assignment reaches; it may find more, never less. Null: anywhere. */
interface Places {
  /** What the person made. */
  own: boolean
  /** Groups of the acting tenant; all of them. */
  groups: readonly string[] | 'all'
  ids: readonly string[]
}

const NOWHERE: Places = { own: false, groups: [], ids: [] }

/** The ids of claims on these kinds; null where one is on all there is. */
function claimed(held: Held, kinds: readonly string[]): string[] | null {
  const fit = held.access.claims.filter((claim) =>
    kinds.some((kind) => claims(claim, kind) && verbsOfClaim(claim, kind).includes('see')),
  )
  return fit.some(({ resources }) => resources.includes('*'))
    ? null
    : fit.flatMap(({ resources }) => resources)
}

function placesOf(reach: Reach, held: Held, kinds: readonly string[]): Places | null {
  const permissions = new Set<Permission>(kinds.flatMap((kind) => kindOf(kind)?.permission ?? []))
  const levels = new Set([...permissions].map((permission) => levelOf(reach, held, permission)))
  if (levels.has('read') || levels.has('full')) return null
  const ids = claimed(held, kinds)
  if (ids === null) return null
  const { groups } = held.access
  const named = Object.entries(groups.entries).filter(([, access]) => access !== 'none')
  return {
    own: levels.has('user') || levels.has('group'),
    groups: !levels.has('group') ? [] : groups.default === 'none' ? named.map(([id]) => id) : 'all',
    ids,
  }
}

/** A scope holds whatever the assignment gives. */
function scoped(tenant: Sql, { scope }: Held): Sql[] {
  switch (scope?.kind) {
    case undefined:
      return []
    case 'cloud':
      return [sql`select r.id from resource r where r.cloud_id = ${scope.value}::uuid`]
    case 'group':
      return [membersOf(tenant, [scope.value])]
    case 'tag':
      return [
        sql`select t.resource_id from resource_tag t where t.tenant_id = ${tenant} and t.tag = ${scope.value}`,
      ]
    case 'resource':
      return [sql`select ${scope.value}::uuid`]
  }
}

const membersOf = (tenant: Sql, groups: readonly string[] | 'all'): Sql =>
  groups === 'all'
    ? sql`select m.resource_id from resource_group_member m where m.tenant_id = ${tenant}`
    : sql`select m.resource_id from resource_group_member m where m.tenant_id = ${tenant} and m.group_id = any (${[...groups]}::uuid[])`

/**
 * Where a list may start from for a person who reaches only certain places: queries of one column, resource ids, in which everything
 * stands that the person's roles let them see of these kinds, and perhaps more: `reachSql` and sight are still asked of each.
 * @param tenant as of reachSql
 * @returns null for a person who reaches all of something, so that there is no such place
 */
export function reachStarts(
  reach: Reach,
  kinds: readonly string[] = KINDS.map(({ kind }) => kind),
  tenant: Sql = sql`${reach.tenantId}::uuid`,
): Sql[] | null {
  const starts: Sql[] = []
  for (const held of reach.held) {
    const entries = held.access.resources.filter(({ access }) => access !== 'none').map(({ id }) => id)
    const places = held.scope ? NOWHERE : placesOf(reach, held, kinds)
    if (places === null) return null
    starts.push(...scoped(tenant, held))
    if (places.own) starts.push(sql`select r.id from resource r where r.created_by = ${reach.userId}::uuid`)
    if (places.groups.length > 0) starts.push(membersOf(tenant, places.groups))
    const ids = [...places.ids, ...entries]
    if (ids.length > 0) starts.push(sql`select unnest(${ids}::uuid[])`)
  }
  return starts.length > 0 ? starts : null
}
