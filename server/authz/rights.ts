import { readAccess, type StoredAccess } from '@/lib/access'
import {
  BUILT_IN_TENANT_ROLES,
  BUILT_IN_USER_ROLES,
  type Level,
  type Levels,
  OF_KINDS,
  PERMISSION_NAMES,
  type Permission,
  rank,
  type Rights,
} from '@/lib/permissions'
import { kindOf, KINDS } from '@/lib/resource-kinds/registry'

/** A role or cap as stored: built-in ones take their levels from the catalogue, so that an upgrade can extend them. */
export interface StoredRole {
  builtIn: string | null
  levels: Levels
  access?: StoredAccess
  /** Of an assignment: '' or `cloud:<id>` and the like. */
  scope?: string
}

const levelsIn = (catalogue: Record<string, Levels>, role: StoredRole): Levels =>
  role.builtIn === null ? role.levels : (catalogue[role.builtIn] ?? {})

/** What a user role wishes for. */
export const wishOf = (role: StoredRole): Levels => levelsIn(BUILT_IN_USER_ROLES, role)
/** What a tenant role allows at most. */
export const ceilingOf = (cap: StoredRole): Levels => levelsIn(BUILT_IN_TENANT_ROLES, cap)

const higher = (a: Level, b: Level): Level => (rank(a) >= rank(b) ? a : b)
export const lower = (a: Level, b: Level): Level => (rank(a) <= rank(b) ? a : b)

/** Permissions on which claims or entries of a role say something: enough to look at their lists. */
function touched(role: StoredRole): Set<Permission> {
  const { claims, resources } = readAccess(role.access)
  const kinds = [
    ...claims.flatMap((claim) => (claim.kinds.includes('*') ? KINDS.map(({ kind }) => kind) : claim.kinds)),
    ...resources.filter(({ access }) => access !== 'none').map(({ kind }) => kind),
  ]
  return new Set(kinds.flatMap((kind) => kindOf(kind)?.permission ?? []))
}

const OF_KIND: ReadonlySet<Permission> = new Set(OF_KINDS)

/**
 * Effective rights: per permission the best of the roles, cut by the tenant's cap. Worked out at decision time, never
 * stored (PRODUCT rule 6). How far they reach inside the tenant says `server/authz/reach.ts`. A role that is held in a scope
 * gives what concerns resources only: users, roles or the audit log are of the whole tenant, and it is not held there.
 * @param cap the tenant role; null in the master tenant, which has none
 */
export function effectiveRights(roles: readonly StoredRole[], cap: StoredRole | null): Rights {
  const ceiling = cap && ceilingOf(cap)
  const held = roles.map((role) => ({ wish: wishOf(role), touched: touched(role), whole: !role.scope }))
  const entries = PERMISSION_NAMES.map((name): [Permission, Level] => {
    const best = held
      .filter(({ whole }) => whole || OF_KIND.has(name))
      .map(({ wish, touched: of }) => higher(wish[name] ?? 'none', of.has(name) ? 'read' : 'none'))
      .reduce(higher, 'none')
    return [name, ceiling ? lower(best, ceiling[name] ?? 'none') : best]
  })
  return Object.fromEntries(entries) as Rights
}
