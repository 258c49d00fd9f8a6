import {
  BUILT_IN_USER_ROLES,
  type BuiltInUserRole,
  type Level,
  type Levels,
  PERMISSION_NAMES,
  PERMISSIONS,
  rank,
  type Rights,
} from '@/lib/permissions'
import type { PermissionRow } from '@/server/features/account/account.schema'

export interface NamedRole {
  name: string
  builtIn: string | null
  /** Of roles that are not built in. */
  levels: Levels
}

const levelsOf = ({ builtIn, levels }: NamedRole): Levels =>
  builtIn === null ? levels : (BUILT_IN_USER_ROLES[builtIn as BuiltInUserRole] ?? {})

/** The effective rights with where each comes from (PRODUCT rule 6). Explains what was decided; decides nothing. */
export function explainRights(
  rights: Rights,
  roles: readonly NamedRole[],
  capName: string | null,
): PermissionRow[] {
  // What only the master can hold would puzzle in a subtenant: it can never be had there.
  const names = PERMISSION_NAMES.filter((name) => capName === null || !('masterOnly' in PERMISSIONS[name]))
  return names.map((permission) => {
    const { label, description } = PERMISSIONS[permission]
    const level = rights[permission]
    const given = roles.map((role) => ({ name: role.name, level: levelsOf(role)[permission] ?? 'none' }))
    return { permission, label, description, level, reason: reasonOf(level, given, capName) }
  })
}

function reasonOf(level: Level, given: { name: string; level: Level }[], capName: string | null): string {
  const best = Math.max(0, ...given.map((role) => rank(role.level)))
  const names = given.filter((role) => rank(role.level) === best).map((role) => role.name)
  if (best === 0) return given.length === 0 ? 'You have no role here' : 'None of your roles includes it'
  const from = `${names.length === 1 ? 'Role' : 'Roles'} ${names.join(', ')}`
  if (rank(level) >= best) return from
  return `${from}, limited by the tenant's base role${capName === null ? '' : ` ${capName}`}`
}
