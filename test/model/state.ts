// The whole of a small installation as plain values: what the model knows instead of a database. Nothing of the product is imported.

export type Tenant = 'M' | 'A' | 'B' | 'N' | 'C'
export const TENANTS: readonly Tenant[] = ['M', 'A', 'B', 'N', 'C']
export type Access = 'none' | 'read' | 'full'
export type Level = 'none' | 'read' | 'user' | 'group' | 'full'
export type GrantRole = 'viewer' | 'editor' | 'admin'
export type Kind = 'cloud' | 'host' | 'virtual_machine' | 'virtual_image' | 'instance_type'
export type Area = 'clouds' | 'hosts' | 'virtualMachines' | 'library'
/** The permission that covers a kind. */
export const AREA: Record<Kind, Area> = {
  cloud: 'clouds',
  host: 'hosts',
  virtual_machine: 'virtualMachines',
  virtual_image: 'library',
  instance_type: 'library',
}
/** Permissions that the model's roles and caps name; of a built-in role those that are not here do not matter to it. */
export type Levels = Partial<Record<Area | 'users' | 'roles' | 'groups' | 'sharing' | 'tenants', Level>>

export interface Resource {
  kind: Kind
  name: string
  owner: Tenant
  assigned: Tenant
  visibility: 'private' | 'public'
  /** Slot of the cloud that it stands in; a cloud stands in itself. */
  cloud: string | null
  createdBy: string | null
}
export interface Cap {
  builtIn: boolean
  levels: Levels
  cloudDefault: Access
  clouds: Record<string, Access>
}
export interface Grant {
  resource: string
  owner: Tenant
  tenant: Tenant
  role: GrantRole
  status: 'pending' | 'live' | 'suspended'
  expired: boolean
}
export interface GrantAll {
  tenant: Tenant
  kind: Kind
  role: GrantRole
  expired: boolean
}
export interface Rule {
  default: Access
  entries: Record<string, Access>
}
export interface Claim {
  kinds: string[]
  actions: string[]
  resources: string[]
}
/** What a role says beside its levels; ids are slots. */
export interface RoleAccess {
  groups: Rule
  clouds: Rule
  instanceTypes: Rule
  resources: { id: string; kind: Kind; access: Access }[]
  claims: Claim[]
}
export interface Role {
  tenant: Tenant
  builtIn: boolean
  multi: boolean
  locked: boolean
  template: string | null
  levels: Levels
  access: RoleAccess
}
export interface Assignment {
  tenant: Tenant
  user: string
  role: string
  /** '', or `cloud:r0`, `group:gA`, `tag:red`, `resource:r3`. */
  scope: string
  expired: boolean
}

/** Keys are the model's own names ("slots"); the driver knows which id each has in the database. */
export interface State {
  acceptance: boolean
  tenants: Record<Tenant, { active: boolean; cap: string | null }>
  caps: Record<string, Cap>
  resources: Record<string, Resource>
  grants: Record<string, Grant>
  grantsOfAll: Record<string, GrantAll>
  /** Clouds that each tenant has added. */
  added: Record<Tenant, string[]>
  groups: Record<string, { tenant: Tenant; members: string[] }>
  /** `slot tag` of each tenant. */
  tags: Record<Tenant, string[]>
  roles: Record<string, Role>
  assignments: Record<string, Assignment>
}

/** Everything at full: what Customer leaves out is sharing, and no cap has what is the master's. */
export const INSIDE: Levels = {
  clouds: 'full',
  hosts: 'full',
  virtualMachines: 'full',
  library: 'full',
  users: 'full',
  roles: 'full',
  groups: 'full',
  sharing: 'full',
}
const READ: Levels = {
  clouds: 'read',
  hosts: 'read',
  virtualMachines: 'read',
  library: 'read',
  users: 'read',
  roles: 'read',
  groups: 'read',
  sharing: 'read',
}
export const PLAIN: RoleAccess = {
  groups: { default: 'none', entries: {} },
  clouds: { default: 'full', entries: {} },
  instanceTypes: { default: 'full', entries: {} },
  resources: [],
  claims: [],
}
const builtIn = (levels: Levels, multi: boolean, locked = false): Role => ({
  tenant: 'M',
  builtIn: true,
  multi,
  locked,
  template: null,
  levels,
  access: PLAIN,
})
const resource = (kind: Kind, owner: Tenant, more: Partial<Resource> = {}): Resource => ({
  kind,
  name: `${kind} of ${owner}`,
  owner,
  assigned: owner,
  visibility: 'private',
  cloud: null,
  createdBy: null,
  ...more,
})

/** The people of the model, where they are at home, and the built-in role that they begin with. Those of the master reach every tenant. */
export const PEOPLE = {
  Mara: { home: 'M', role: 'super_admin' },
  Sam: { home: 'M', role: 'support' },
  Ada: { home: 'A', role: 'owner' },
  Eve: { home: 'A', role: 'editor' },
  Tom: { home: 'A', role: 'viewer' },
  Nora: { home: 'A', role: null },
  Bo: { home: 'B', role: 'admin' },
  'Bolt Tom': { home: 'B', role: 'viewer' },
  Cai: { home: 'C', role: 'owner' },
} as const satisfies Record<string, { home: Tenant; role: string | null }>
export type Person = keyof typeof PEOPLE
export const PERSONS = Object.keys(PEOPLE) as Person[]
export const homeOf = (person: Person): Tenant => PEOPLE[person].home

const starting = PERSONS.flatMap((user): [string, Assignment][] => {
  const { home, role } = PEOPLE[user]
  return role === null
    ? []
    : [[`${home} ${user} ${role} `, { tenant: home, user, role, scope: '', expired: false }]]
})

/** Where each sequence begins; test/model/plant.ts plants it. */
export const INITIAL: State = {
  acceptance: false,
  tenants: {
    M: { active: true, cap: null },
    A: { active: true, cap: 'customer' },
    B: { active: true, cap: 'custom' },
    N: { active: true, cap: 'organization' },
    C: { active: false, cap: 'organization' },
  },
  caps: {
    customer: {
      builtIn: true,
      levels: { ...INSIDE, sharing: 'read' },
      cloudDefault: 'none',
      clouds: { r0: 'full' },
    },
    organization: { builtIn: true, levels: INSIDE, cloudDefault: 'none', clouds: { r0: 'read' } },
    custom: { builtIn: false, levels: INSIDE, cloudDefault: 'none', clouds: { r0: 'read' } },
  },
  resources: {
    r0: resource('cloud', 'M', { cloud: 'r0', visibility: 'public' }),
    r1: resource('cloud', 'M', { cloud: 'r1', visibility: 'public' }),
    r2: resource('cloud', 'M', { cloud: 'r2' }),
    r3: resource('host', 'M', { cloud: 'r0', visibility: 'public' }),
    r4: resource('virtual_machine', 'M', { cloud: 'r0' }),
    r5: resource('host', 'M'),
    r6: resource('instance_type', 'M', { visibility: 'public' }),
    r7: resource('host', 'A', { createdBy: 'Eve' }),
    r8: resource('virtual_machine', 'B', { createdBy: 'Bo' }),
    r9: resource('virtual_image', 'M', { cloud: 'r2' }),
  },
  grants: {
    'r5 A': { resource: 'r5', owner: 'M', tenant: 'A', role: 'editor', status: 'live', expired: false },
    'r4 B': { resource: 'r4', owner: 'M', tenant: 'B', role: 'admin', status: 'pending', expired: false },
    'r9 A': { resource: 'r9', owner: 'M', tenant: 'A', role: 'admin', status: 'live', expired: true },
    'r7 B': { resource: 'r7', owner: 'A', tenant: 'B', role: 'viewer', status: 'suspended', expired: false },
    'r8 A': { resource: 'r8', owner: 'B', tenant: 'A', role: 'viewer', status: 'live', expired: false },
  },
  grantsOfAll: { 'B virtual_image': { tenant: 'B', kind: 'virtual_image', role: 'viewer', expired: false } },
  added: { M: [], A: ['r0'], B: [], N: [], C: [] },
  groups: {
    gM: { tenant: 'M', members: ['r5'] },
    gA: { tenant: 'A', members: ['r7'] },
    gA2: { tenant: 'A', members: [] },
    gB: { tenant: 'B', members: [] },
  },
  tags: { M: [], A: [], B: [], N: [], C: [] },
  roles: {
    super_admin: builtIn({ ...INSIDE, tenants: 'full' }, false),
    support: builtIn({ ...READ, tenants: 'read' }, false),
    owner: builtIn(INSIDE, true, true),
    admin: builtIn(INSIDE, true),
    editor: builtIn({ ...INSIDE, users: 'read', roles: 'read', sharing: 'read' }, true),
    viewer: builtIn(READ, true),
    role0: {
      ...builtIn({ clouds: 'read', hosts: 'group', virtualMachines: 'user', library: 'full' }, true),
      builtIn: false,
      access: { ...PLAIN, groups: { default: 'read', entries: { gA2: 'full' } } },
    },
  },
  assignments: {
    ...Object.fromEntries(starting),
    'A Nora role0 ': { tenant: 'A', user: 'Nora', role: 'role0', scope: '', expired: false },
  },
}
