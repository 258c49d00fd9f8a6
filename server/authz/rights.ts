import {
  atLeast,
  BUILT_IN_TENANT_ROLES,
  BUILT_IN_USER_ROLES,
  type Level,
  type Levels,
  PERMISSION_NAMES,
  type Permission,
  rank,
  type Rights,
} from '@/lib/permissions'

/** A role or cap as stored: built-in ones take their levels from the catalogue, so that an upgrade can extend them. */
export interface StoredRole {
  builtIn: string | null
  levels: Levels
}

const levelsOf = (catalogue: Record<string, Levels>, role: StoredRole): Levels =>
  role.builtIn === null ? role.levels : (catalogue[role.builtIn] ?? {})

const higher = (a: Level, b: Level): Level => (rank(a) >= rank(b) ? a : b)
const lower = (a: Level, b: Level): Level => (rank(a) <= rank(b) ? a : b)

/**
 * Effective rights: per permission the best of the roles, cut by the tenant's cap. Worked out at decision time, never
 * stored (PRODUCT rule 6).
 * @param cap the tenant role; null in the master tenant, which has none
 */
export function effectiveRights(roles: readonly StoredRole[], cap: StoredRole | null): Rights {
  const ceiling = cap && levelsOf(BUILT_IN_TENANT_ROLES, cap)
  const held = roles.map((role) => levelsOf(BUILT_IN_USER_ROLES, role))
  const entries = PERMISSION_NAMES.map((name): [Permission, Level] => {
    const best = held.map((levels) => levels[name] ?? 'none').reduce(higher, 'none')
    return [name, ceiling ? lower(best, ceiling[name] ?? 'none') : best]
  })
  return Object.fromEntries(entries) as Rights
}

/** Whether rights `held` cover all of `wanted`: nobody gives more than they hold (PRODUCT rule 8). */
export function covers(held: Rights, wanted: Rights): boolean {
  return PERMISSION_NAMES.every((name) => atLeast(held[name], wanted[name]))
}
