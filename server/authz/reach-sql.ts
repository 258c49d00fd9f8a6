import { type Access, type AccessRule, ACCESS_LEVELS, type Scope, type Verb } from '@/lib/access'
import type { Level, Permission } from '@/lib/permissions'
import { KINDS, kindOf } from '@/lib/resource-kinds/registry'
import { allVerbs, capOf, claims, type Held, levelOf, type Reach, verbsOfClaim } from '@/server/authz/reach'
import { joinSql, type Sql, sql } from '@/server/db/sql'

/** `tenant`: whose groups and tags count, in SQL: of a list over several tenants, the one whose row it is. */
type Asked = Reach & { tenant: Sql }

/** A condition on `resource r`; what is known beforehand is not asked of the database. */
type Condition = Sql | boolean

const and = (...all: Condition[]): Condition => {
  const open = all.filter((one): one is Sql => typeof one !== 'boolean')
  if (all.includes(false)) return false
  if (open.length === 0) return true
  return open.length === 1 ? (open[0] as Sql) : sql`(${joinSql(open, ' and ')})`
}
const or = (...all: Condition[]): Condition => {
  const open = all.filter((one): one is Sql => typeof one !== 'boolean')
  if (all.includes(true)) return true
  if (open.length === 0) return false
  return open.length === 1 ? (open[0] as Sql) : sql`(${joinSql(open, ' or ')})`
}
const not = (one: Condition): Condition => (typeof one === 'boolean' ? !one : sql`not ${one}`)

/** Which ids of a rule give access to the verb, as a condition on an id that is there. */
function allows(rule: AccessRule, verb: Verb, id: Sql): Condition {
  const good = (access: Access) => access === 'full' || (access === 'read' && verb === 'see')
  const ids = (wanted: boolean) =>
    Object.entries(rule.entries)
      .filter(([, access]) => good(access) === wanted)
      .map(([one]) => one)
  if (good(rule.default)) {
    const bad = ids(false)
    return bad.length === 0 ? true : sql`${id} <> all (${bad}::uuid[])`
  }
  const fine = ids(true)
  return fine.length === 0 ? false : sql`${id} = any (${fine}::uuid[])`
}

/** The member rows of the acting tenant's groups; its own filter beside the policy's, so that each layer holds alone. */
const inGroups = (reach: Asked, which: Condition): Condition =>
  which === false
    ? false
    : sql`exists (select 1 from resource_group_member m where m.resource_id = r.id and m.tenant_id = ${reach.tenant} ${
        which === true ? sql`` : sql`and ${which}`
      })`

function scopeOf(reach: Asked, scope: Scope): Condition {
  switch (scope?.kind) {
    case undefined:
      return true
    case 'cloud':
      return sql`r.cloud_id is not distinct from ${scope.value}::uuid`
    case 'group':
      return inGroups(reach, sql`m.group_id = ${scope.value}::uuid`)
    case 'tag':
      return sql`exists (select 1 from resource_tag t where t.resource_id = r.id and t.tenant_id = ${reach.tenant} and t.tag = ${scope.value})`
    case 'resource':
      return sql`r.id = ${scope.value}::uuid`
  }
}

function ofLevel(level: Level, verb: Verb, reach: Asked, held: Held): Condition {
  if (level === 'none') return false
  if (level === 'read') return verb === 'see'
  if (level === 'full') return true
  const own = sql`r.created_by is not distinct from ${reach.userId}::uuid`
  if (level === 'user') return own
  return or(own, inGroups(reach, allows(held.access.groups, verb, sql`m.group_id`)))
}

/** What one assignment's claims on the kinds allow, under the cap. */
function ofClaims(reach: Asked, held: Held, verb: Verb, kinds: readonly string[], cap: Level): Condition {
  const each = held.access.claims.map((claim) => {
    const fit = kinds.filter((kind) => claims(claim, kind) && verbsOfClaim(claim, kind).includes(verb))
    if (fit.length === 0) return false
    const what = claim.resources.includes('*') ? true : sql`r.id = any (${[...claim.resources]}::uuid[])`
    return and(fit.length === kinds.length ? true : sql`r.kind = any (${fit})`, what)
  })
  return and(or(...each), ofLevel(cap, verb, reach, held))
}

function ofTerms(
  reach: Asked,
  held: Held,
  verb: Verb,
  permission: Permission,
  kinds: readonly string[],
): Condition {
  const { clouds, instanceTypes } = held.access
  const inCloud = allows(clouds, verb, sql`r.cloud_id`)
  const ofType = kinds.includes('instance_type') ? allows(instanceTypes, verb, sql`r.id`) : true
  return and(
    or(
      ofLevel(levelOf(reach, held, permission), verb, reach, held),
      ofClaims(reach, held, verb, kinds, capOf(reach, permission)),
    ),
    inCloud === true ? true : or(sql`r.cloud_id is null`, inCloud),
    ofType === true ? true : or(sql`r.kind <> 'instance_type'`, ofType),
  )
}

/** One permission's kinds. */
function ofPermission(reach: Asked, permission: Permission, kinds: readonly string[], verb: Verb): Condition {
  const terms = or(
    ...reach.held.map((held) =>
      and(scopeOf(reach, held.scope), ofTerms(reach, held, verb, permission, kinds)),
    ),
  )
  const entries = reach.held.map((held) => {
    const ids = (good: readonly Access[]) =>
      held.access.resources.filter(({ access }) => good.includes(access)).map(({ id }) => id)
    const among = (list: readonly string[]): Condition =>
      list.length === 0 ? false : and(sql`r.id = any (${[...list]}::uuid[])`, scopeOf(reach, held.scope))
    const fine = among(ids(verb === 'see' ? ['read', 'full'] : ['full']))
    return {
      any: among(ids(ACCESS_LEVELS)),
      fine: and(fine, ofLevel(capOf(reach, permission), verb, reach, held)),
    }
  })
  const any = or(...entries.map((one) => one.any))
  return or(and(any, or(...entries.map((one) => one.fine))), and(not(any), terms))
}

/**
 * Whether the person's roles let them do `verb` with `resource r`: the same as `verbsOn`, as a condition.
 * @param tenant the acting one; in a list over several tenants, the column that names the row's
 * @returns null where it holds for every row of these kinds, so that there is nothing to ask
 */
export function reachSql(
  reach: Reach,
  verb: Verb,
  kinds: readonly string[] = KINDS.map(({ kind }) => kind),
  tenant: Sql = sql`${reach.tenantId}::uuid`,
): Sql | null {
  const asked = { ...reach, tenant }
  const permissions = [...new Set(kinds.flatMap((kind) => kindOf(kind)?.permission ?? []))]
  const parts = permissions.map((permission) => {
    const of = kinds.filter(
      (kind) => kindOf(kind)?.permission === permission && allVerbs(kind).includes(verb),
    )
    return { of, holds: of.length > 0 && ofPermission(asked, permission, of, verb) }
  })
  const free = parts.filter(({ holds }) => holds === true).flatMap(({ of }) => of)
  if (free.length === kinds.length) return null
  const all = or(
    free.length > 0 && sql`r.kind = any (${free})`,
    ...alike(parts).map(({ of, holds }) => and(sql`r.kind = any (${of})`, holds)),
  )
  return typeof all === 'boolean' ? sql`false` : all
}

/** Kinds with the very same condition, asked once: a role mostly has one level for all of them, and each question costs a plan. */
function alike(parts: readonly { of: string[]; holds: Condition }[]): { of: string[]; holds: Sql }[] {
  const found = new Map<string, { of: string[]; holds: Sql }>()
  for (const { of, holds } of parts) {
    if (typeof holds === 'boolean') continue
    const key = JSON.stringify([holds.sql, holds.values])
    found.set(key, { of: [...(found.get(key)?.of ?? []), ...of], holds })
  }
  return [...found.values()]
}

/** How much of a kind the person's roles let them see: all, nothing whatever there is, or some. */
export function extentOf(reach: Reach, kind: string): 'all' | 'some' | 'none' {
  const condition = reachSql(reach, 'see', [kind])
  if (condition === null) return 'all'
  return condition.sql === 'false' ? 'none' : 'some'
}
