import type { ConsolePaths } from '@/lib/paths'
import type { Permission } from '@/lib/permissions'

interface Landing {
  key: string
  label: string
  path: (paths: ConsolePaths) => string
  /** Needed to see the page, at level read; none: everybody does. */
  permission?: Permission
  /** There in the master tenant only. */
  masterOnly?: true
}

/**
 * Pages that somebody may begin on after signing in, by role (features.md 1.2: the user role's beats the tenant role's). By key, so
 * that no role can lead anywhere else (attack B11).
 */
export const LANDINGS: readonly Landing[] = [
  { key: 'hosts', label: 'Hosts', path: (paths) => paths.hosts, permission: 'hosts' },
  { key: 'users', label: 'Users', path: (paths) => paths.settingsUsers, permission: 'users' },
  { key: 'roles', label: 'Roles', path: (paths) => paths.settingsRoles, permission: 'roles' },
  { key: 'audit', label: 'Audit log', path: (paths) => paths.audit, permission: 'audit' },
  { key: 'account', label: 'Account', path: (paths) => paths.account },
  {
    key: 'tenants',
    label: 'Tenants',
    path: (paths) => paths.tenants,
    permission: 'tenants',
    masterOnly: true,
  },
]

/** As `landing` columns have it; empty: home. */
export const LANDING_KEYS = ['', ...LANDINGS.map(({ key }) => key)] as const

interface Person {
  isMaster: boolean
  rights: Readonly<Record<Permission, string>>
  /** Keys that the person's roles name, in the order that counts. */
  roles: readonly string[]
  /** What the tenant role names. */
  cap: string
}

/** Where the person begins: the first page named by a role, then by the tenant role, that they may see; null: home. */
export function landingOf(person: Person, paths: ConsolePaths): string | null {
  for (const key of [...person.roles, person.cap]) {
    const found = LANDINGS.find((one) => one.key === key)
    if (!found || (found.masterOnly && !person.isMaster)) continue
    if (found.permission === undefined || person.rights[found.permission] !== 'none') return found.path(paths)
  }
  return null
}
