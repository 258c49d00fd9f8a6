import {
  type Access,
  accessOf,
  type Claim,
  parseScope,
  readAccess,
  type RoleAccess,
  type Scope,
  type Verb,
  VERBS,
} from '@/lib/access'
import type { Level, Levels, Permission } from '@/lib/permissions'
import { kindOf } from '@/lib/resource-kinds/registry'
import { ceilingOf, lower, type StoredRole, wishOf } from '@/server/authz/rights'

/** A live assignment of a role. */
export type HeldRole = StoredRole

/** One assignment, read: what it wishes for and where. */
export interface Held {
  levels: Levels
  access: RoleAccess
  scope: Scope
  /** The built-in Owner role, everywhere in the tenant: what it may beyond its levels, no other role gives (PRODUCT rule 8). */
  owns: boolean
}

/** How far one person reaches inside the acting tenant (docs/decisions/0012). Never stored. */
export interface Reach {
  tenantId: string
  userId: string
  /** Null in the master tenant, which has no cap. */
  cap: Levels | null
  held: readonly Held[]
}

/** What decides reach, of one resource as the acting tenant has it. */
export interface ReachRow {
  id: string
  kind: string
  cloudId: string | null
  createdBy: string | null
  /** Groups and tags of the acting tenant. */
  groups: readonly string[]
  tags: readonly string[]
}

export function reachOf(
  tenantId: string,
  userId: string,
  roles: readonly HeldRole[],
  cap: StoredRole | null,
): Reach {
  return { tenantId, userId, cap: cap && ceilingOf(cap), held: roles.map(readHeld) }
}

/** An assignment as decisions read it. */
export const readHeld = (role: HeldRole): Held => ({
  levels: wishOf(role),
  access: readAccess(role.access),
  scope: parseScope(role.scope ?? ''),
  owns: role.builtIn === 'owner' && (role.scope ?? '') === '',
})

/** The most that the cap leaves of a permission. */
export const capOf = (reach: Pick<Reach, 'cap'>, permission: Permission): Level =>
  reach.cap ? (reach.cap[permission] ?? 'none') : 'full'

/** The level that one assignment gives, after the cap. */
export const levelOf = (reach: Reach, held: Held, permission: Permission): Level =>
  lower(held.levels[permission] ?? 'none', capOf(reach, permission))

const NONE: readonly Verb[] = []
const SEE: readonly Verb[] = ['see']
/** What full access to a thing of the kind is. */
export const allVerbs = (kind: string): readonly Verb[] =>
  kindOf(kind)?.canBeActedOn ? VERBS : VERBS.filter((verb) => verb !== 'act')

const verbsAt = (access: Access, kind: string): readonly Verb[] =>
  access === 'none' ? NONE : access === 'read' ? SEE : allVerbs(kind)

/** Verbs that a claim's actions stand for (seed 004). */
export function verbsOfClaim({ actions }: Claim, kind: string): readonly Verb[] {
  const has = (...names: readonly string[]) =>
    actions.some((action) => action === '*' || names.includes(action))
  const verbs: [Verb, boolean][] = [
    ['see', has('list', 'get')],
    ['act', has('action')],
    ['edit', has('update')],
    ['delete', has('delete')],
  ]
  const given = verbs.filter(([, given]) => given).map(([verb]) => verb)
  return given.filter((verb) => allVerbs(kind).includes(verb))
}

export const claims = (claim: Claim, kind: string): boolean =>
  claim.kinds.includes('*') || claim.kinds.includes(kind)

function isInScope(scope: Scope, row: ReachRow): boolean {
  switch (scope?.kind) {
    case undefined:
      return true
    case 'cloud':
      return row.cloudId === scope.value
    case 'group':
      return row.groups.includes(scope.value)
    case 'tag':
      return row.tags.includes(scope.value)
    case 'resource':
      return row.id === scope.value
  }
}

/** What a level gives on a row: nothing, seeing, or all; `user` on one's own, `group` by the groups it reaches. */
function verbsOfLevel(level: Level, reach: Reach, held: Held, row: ReachRow): readonly Verb[] {
  if (level === 'none') return NONE
  if (level === 'read') return SEE
  if (level === 'full' || row.createdBy === reach.userId) return allVerbs(row.kind)
  if (level === 'user') return NONE
  const best = row.groups.map((id) => accessOf(held.access.groups, id))
  return verbsAt(best.includes('full') ? 'full' : best.includes('read') ? 'read' : 'none', row.kind)
}

/** Claims and entries under a cap: what its level leaves of them. */
const cut = (verbs: readonly Verb[], cap: Level, reach: Reach, held: Held, row: ReachRow): readonly Verb[] =>
  cap === 'full' ? verbs : verbs.filter((verb) => verbsOfLevel(cap, reach, held, row).includes(verb))

function verbsOfTerms(reach: Reach, held: Held, row: ReachRow, permission: Permission): readonly Verb[] {
  const cap = capOf(reach, permission)
  const { clouds, instanceTypes, claims: list } = held.access
  const claimed = list
    .filter(
      (claim) =>
        claims(claim, row.kind) && (claim.resources.includes('*') || claim.resources.includes(row.id)),
    )
    .flatMap((claim) => cut(verbsOfClaim(claim, row.kind), cap, reach, held, row))
  const all = [...verbsOfLevel(levelOf(reach, held, permission), reach, held, row), ...claimed]
  const inCloud = row.cloudId === null ? 'full' : accessOf(clouds, row.cloudId)
  const ofType = row.kind === 'instance_type' ? accessOf(instanceTypes, row.id) : 'full'
  return all.filter(
    (verb) => verbsAt(inCloud, row.kind).includes(verb) && verbsAt(ofType, row.kind).includes(verb),
  )
}

/** What the person's roles let them do with this row, whatever the tenant may: `reachSql` says the same in SQL. */
export function verbsOn(reach: Reach, row: ReachRow): Set<Verb> {
  const permission = kindOf(row.kind)?.permission
  if (!permission) return new Set()
  const inScope = reach.held.filter((held) => isInScope(held.scope, row))
  const entries = inScope.flatMap((held) =>
    held.access.resources.filter(({ id }) => id === row.id).map((entry) => ({ held, entry })),
  )
  if (entries.length > 0) {
    const cap = capOf(reach, permission)
    return new Set(
      entries.flatMap(({ held, entry }) => cut(verbsAt(entry.access, row.kind), cap, reach, held, row)),
    )
  }
  return new Set(inScope.flatMap((held) => verbsOfTerms(reach, held, row, permission)))
}

/** Whether the person may make a thing of the kind, in this cloud or in none. A scope other than that cloud does not hold what is new. */
export function mayCreate(reach: Reach, kind: string, cloudId: string | null): boolean {
  const permission = kindOf(kind)?.permission
  if (!permission) return false
  return reach.held.some((held) => {
    if (held.scope && !(held.scope.kind === 'cloud' && held.scope.value === cloudId)) return false
    if (cloudId !== null && accessOf(held.access.clouds, cloudId) !== 'full') return false
    const claimed = held.access.claims.some(
      (claim) =>
        claims(claim, kind) &&
        claim.resources.includes('*') &&
        claim.actions.some((a) => a === '*' || a === 'create'),
    )
    const cap = capOf(reach, permission)
    const level = levelOf(reach, held, permission)
    return ['user', 'group', 'full'].includes(level) || (claimed && ['user', 'group', 'full'].includes(cap))
  })
}
