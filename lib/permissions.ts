/** Levels of a permission, weakest first. `user` reaches what one created, `group` what is in one's groups. */
export const LEVELS = ['none', 'read', 'user', 'group', 'full'] as const
export type Level = (typeof LEVELS)[number]

interface PermissionEntry {
  label: string
  description: string
  /** Heading under which pages list it. */
  area: (typeof AREAS)[number]
  /** The levels that make sense, weakest first; always begins with `none`. */
  levels: readonly Level[]
  /** Held in the master tenant only: a subtenant's cap never contains it. */
  masterOnly?: true
}

export const AREAS = ['Provider', 'People', 'Infrastructure', 'Library', 'Tenant'] as const

const SEE = ['none', 'read'] as const
const MANAGE = ['none', 'read', 'full'] as const
/** Of permissions that cover kinds of resources: also one's own things, and those of one's groups. */
const REACH = ['none', 'read', 'user', 'group', 'full'] as const

/** Who may do what, in one place: feeds the checks, the pages, the golden matrix and the docs. PRODUCT rules 6 and 8. */
export const PERMISSIONS = {
  tenants: {
    area: 'Provider',
    label: 'Tenants',
    description:
      'See all subtenants (read); create, edit, disable and delete them ("Manage multi-tenancy", full).',
    levels: MANAGE,
    masterOnly: true,
  },
  tenantUsers: {
    area: 'Provider',
    label: 'Users of tenants',
    description: 'See the users of every subtenant (read); create, edit, disable and delete them (full).',
    levels: MANAGE,
    masterOnly: true,
  },
  impersonate: {
    area: 'Provider',
    label: 'Impersonate',
    description: 'Act in a subtenant as one of its users, recorded in both logs.',
    levels: ['none', 'full'],
    masterOnly: true,
  },
  settings: {
    area: 'Provider',
    label: 'Installation settings',
    description: 'See the settings of this installation (read); change them, such as multi-tenancy (full).',
    levels: MANAGE,
    masterOnly: true,
  },
  mail: {
    area: 'Provider',
    label: 'Mail',
    description:
      'See which mail goes out to whom; without a mail server also what it says, with the links that let people in (read); send a test and try again (full).',
    levels: MANAGE,
    masterOnly: true,
  },
  users: {
    area: 'People',
    label: 'Users',
    description: "See the tenant's users (read); create, edit, disable and delete them (full).",
    levels: MANAGE,
  },
  roles: {
    area: 'People',
    label: 'Roles',
    description: 'See roles and what they allow (read); create, edit and delete them (full).',
    levels: MANAGE,
  },
  groups: {
    area: 'People',
    label: 'Groups',
    description: 'See groups of resources (read); create and fill them (full).',
    levels: MANAGE,
  },
  sharing: {
    area: 'People',
    label: 'Sharing',
    description: 'See what is shared with others and by others (read); share, accept and revoke (full).',
    levels: MANAGE,
  },
  clouds: {
    area: 'Infrastructure',
    label: 'Clouds',
    description: 'Clouds, resource pools and folders; adding clouds that the provider offers.',
    levels: REACH,
  },
  hosts: {
    area: 'Infrastructure',
    label: 'Hosts',
    description:
      'Hosts and bare metal: see them (read); rename and remove what the tenant owns, assign what the master owns (full).',
    levels: REACH,
  },
  virtualMachines: {
    area: 'Infrastructure',
    label: 'Virtual machines',
    description: 'Virtual machines and containers.',
    levels: REACH,
  },
  networks: { area: 'Infrastructure', label: 'Networks', description: 'Networks.', levels: REACH },
  storage: { area: 'Infrastructure', label: 'Storage', description: 'Data stores.', levels: REACH },
  agents: {
    area: 'Infrastructure',
    label: 'Agents',
    description: 'See enrolment tokens (read); create and revoke them, so that machines can enrol (full).',
    levels: MANAGE,
  },
  library: {
    area: 'Library',
    label: 'Images and library',
    description: 'Virtual images, blueprints and instance types.',
    levels: REACH,
  },
  profiles: {
    area: 'Library',
    label: 'Profiles',
    description: 'Profiles of parameters and boot environments.',
    levels: REACH,
  },
  packages: { area: 'Library', label: 'Packages', description: 'Packages of software.', levels: REACH },
  workflows: { area: 'Library', label: 'Workflows', description: 'Workflows.', levels: REACH },
  policies: { area: 'Library', label: 'Policies', description: 'Policies and their limits.', levels: REACH },
  pricing: { area: 'Library', label: 'Pricing', description: 'Prices.', levels: REACH },
  alerts: {
    area: 'Tenant',
    label: 'Alerts',
    description: 'See alerts (read); change their rules (full).',
    levels: MANAGE,
  },
  reports: {
    area: 'Tenant',
    label: 'Reports',
    description: 'Read reports (read); make and schedule them (full).',
    levels: MANAGE,
  },
  audit: {
    area: 'Tenant',
    label: 'Audit log',
    description: "Read the tenant's audit log; in the master tenant, the logs of all tenants.",
    levels: SEE,
  },
  branding: {
    area: 'Tenant',
    label: 'Branding',
    description: "See the tenant's name, colours and logo as set (read); change them (full).",
    levels: MANAGE,
  },
  identity: {
    area: 'Tenant',
    label: 'Identity',
    description: 'See how people sign in (read); change it (full).',
    levels: MANAGE,
  },
  tokens: {
    area: 'Tenant',
    label: 'API tokens',
    description: 'See the tokens of programs (read); create and revoke them (full).',
    levels: MANAGE,
  },
  billing: {
    area: 'Tenant',
    label: 'Billing',
    description: 'See plan, usage and invoices (read); change the plan (full).',
    levels: MANAGE,
  },
} as const satisfies Record<string, PermissionEntry>

export type Permission = keyof typeof PERMISSIONS
export const PERMISSION_NAMES = Object.keys(PERMISSIONS) as Permission[]
/** Level per permission; what is not named is `none`. */
export type Levels = Partial<Record<Permission, Level>>
export type Rights = Readonly<Record<Permission, Level>>

export const rank = (level: Level): number => LEVELS.indexOf(level)
export const atLeast = (held: Level, wanted: Level): boolean => rank(held) >= rank(wanted)

/** Whether the level exists for the permission: a role cannot wish for another. */
const hasLevel = (permission: Permission, level: Level): boolean =>
  (PERMISSIONS[permission].levels as readonly Level[]).includes(level)

/** Whether only the master tenant has it: it is never offered in a subtenant. */
export const isMasterOnly = (permission: Permission): boolean => 'masterOnly' in PERMISSIONS[permission]

/** Permissions that cover kinds of resources: those with the levels `user` and `group`. */
export const OF_KINDS = PERMISSION_NAMES.filter((name) => hasLevel(name, 'group'))

const everything = Object.fromEntries(
  PERMISSION_NAMES.map((name) => [name, PERMISSIONS[name].levels.at(-1)]),
) as Record<Permission, Level>
const insideTenant = Object.fromEntries(
  PERMISSION_NAMES.filter((name) => !isMasterOnly(name)).map((name) => [name, everything[name]]),
) as Levels
const kindsAt = (level: Level): Levels => Object.fromEntries(OF_KINDS.map((name) => [name, level]))
const seesTenant = {
  ...kindsAt('read'),
  users: 'read',
  roles: 'read',
  groups: 'read',
  sharing: 'read',
  agents: 'read',
  alerts: 'read',
  reports: 'read',
  audit: 'read',
  branding: 'read',
} as const satisfies Levels

/** Levels of the built-in user roles: Owner, Admin, Editor and Viewer as seed 000 defines them, and the master's own. */
export const BUILT_IN_USER_ROLES: Record<
  'super_admin' | 'support' | 'owner' | 'admin' | 'editor' | 'viewer',
  Levels
> = {
  super_admin: everything,
  support: { ...seesTenant, agents: 'none', tenants: 'read', tenantUsers: 'read' },
  owner: insideTenant,
  admin: insideTenant,
  // Cannot manage members, shares, or what binds the tenant itself
  editor: {
    ...seesTenant,
    ...kindsAt('full'),
    policies: 'read',
    pricing: 'read',
    groups: 'full',
    agents: 'full',
    alerts: 'full',
    reports: 'full',
  },
  viewer: seesTenant,
}

/** Levels of the built-in tenant roles (caps): all that makes sense inside a tenant; Customer does not share out of it. */
export const BUILT_IN_TENANT_ROLES: Record<'customer' | 'organization', Levels> = {
  customer: { ...insideTenant, sharing: 'read' },
  organization: insideTenant,
}
