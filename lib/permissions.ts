/** Levels of a permission, weakest first. `user` reaches what one created, `group` what is in one's groups. */
export const LEVELS = ['none', 'read', 'user', 'group', 'full'] as const
export type Level = (typeof LEVELS)[number]

interface PermissionEntry {
  label: string
  description: string
  /** The levels that make sense, weakest first; always begins with `none`. */
  levels: readonly Level[]
  /** Held in the master tenant only: a subtenant's cap never contains it. */
  masterOnly?: true
}

/** Who may do what, in one place: feeds the checks, the pages, the golden matrix and the docs. PRODUCT rules 6 and 8. */
export const PERMISSIONS = {
  tenants: {
    label: 'Tenants',
    description:
      'See all subtenants (read); create, edit, disable and delete them ("Manage multi-tenancy", full).',
    levels: ['none', 'read', 'full'],
    masterOnly: true,
  },
  tenantUsers: {
    label: 'Users of tenants',
    description: 'See the users of every subtenant (read); create, edit, disable and delete them (full).',
    levels: ['none', 'read', 'full'],
    masterOnly: true,
  },
  settings: {
    label: 'Installation settings',
    description: 'See the settings of this installation (read); change them, such as multi-tenancy (full).',
    levels: ['none', 'read', 'full'],
    masterOnly: true,
  },
  users: {
    label: 'Users',
    description: "See the tenant's users (read); create, edit, disable and delete them (full).",
    levels: ['none', 'read', 'full'],
  },
  hosts: {
    label: 'Hosts',
    description:
      'See hosts (read); rename and remove what the tenant owns, assign what the master owns (full).',
    levels: ['none', 'read', 'full'],
  },
  agents: {
    label: 'Agents',
    description: 'See enrolment tokens (read); create and revoke them, so that machines can enrol (full).',
    levels: ['none', 'read', 'full'],
  },
  audit: {
    label: 'Audit log',
    description: "Read the tenant's audit log; in the master tenant, the logs of all tenants.",
    levels: ['none', 'read'],
  },
} as const satisfies Record<string, PermissionEntry>

export type Permission = keyof typeof PERMISSIONS
export const PERMISSION_NAMES = Object.keys(PERMISSIONS) as Permission[]
/** Level per permission; what is not named is `none`. */
export type Levels = Partial<Record<Permission, Level>>
export type Rights = Readonly<Record<Permission, Level>>

export const rank = (level: Level): number => LEVELS.indexOf(level)
export const atLeast = (held: Level, wanted: Level): boolean => rank(held) >= rank(wanted)

const everything = Object.fromEntries(
  PERMISSION_NAMES.map((name) => [name, PERMISSIONS[name].levels.at(-1)]),
) as Record<Permission, Level>
const insideTenant = Object.fromEntries(
  PERMISSION_NAMES.filter((name) => !('masterOnly' in PERMISSIONS[name])).map((name) => [
    name,
    everything[name],
  ]),
) as Levels

/** Levels of the built-in user roles: Owner, Admin, Editor and Viewer as seed 000 defines them, and the master's own. */
export const BUILT_IN_USER_ROLES = {
  super_admin: everything,
  support: { tenants: 'read', tenantUsers: 'read', users: 'read', hosts: 'read', audit: 'read' },
  owner: insideTenant,
  admin: insideTenant,
  editor: { users: 'read', hosts: 'full', agents: 'full', audit: 'read' },
  viewer: { users: 'read', hosts: 'read', agents: 'read', audit: 'read' },
} as const satisfies Record<string, Levels>
export type BuiltInUserRole = keyof typeof BUILT_IN_USER_ROLES

/** Levels of the built-in tenant roles (caps): both allow all that makes sense inside a tenant. */
export const BUILT_IN_TENANT_ROLES = {
  customer: insideTenant,
  organization: insideTenant,
} as const satisfies Record<string, Levels>
