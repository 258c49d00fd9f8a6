/** What somebody may do to a resource (docs/decisions/0012). */
export const VERBS = ['see', 'act', 'edit', 'delete'] as const
export type Verb = (typeof VERBS)[number]

/** How far a role reaches into a group, a cloud, an instance type or one resource. */
export const ACCESS_LEVELS = ['none', 'read', 'full'] as const
export type Access = (typeof ACCESS_LEVELS)[number]

/** A default, and what beats it for single ids. */
export interface AccessRule {
  default: Access
  entries: Readonly<Record<string, Access>>
}

/** Actions of claims as seed 004 has them. */
export const CLAIM_ACTIONS = ['list', 'get', 'create', 'update', 'delete', 'action'] as const
export type ClaimAction = (typeof CLAIM_ACTIONS)[number]

/** Object kinds x actions x specific objects; `*` stands for all. */
export interface Claim {
  kinds: readonly string[]
  actions: readonly (ClaimAction | '*')[]
  resources: readonly string[]
}

/** What a role says of one resource. */
export interface Entry {
  id: string
  kind: string
  access: Access
}

/** What a role says beside its levels. */
export interface RoleAccess {
  /** Groups that level `group` reaches: read sees, full changes. */
  groups: AccessRule
  /** Cuts what this role gives inside a cloud, and on the cloud. */
  clouds: AccessRule
  /** Cuts what this role gives on instance types. */
  instanceTypes: AccessRule
  /** Single resources: beats everything else the role says of them. */
  resources: readonly Entry[]
  claims: readonly Claim[]
}

/** A role that says nothing beside its levels. */
export const PLAIN_ACCESS: RoleAccess = {
  groups: { default: 'none', entries: {} },
  clouds: { default: 'full', entries: {} },
  instanceTypes: { default: 'full', entries: {} },
  resources: [],
  claims: [],
}

/** As stored: only what differs from `PLAIN_ACCESS`. */
export type StoredAccess = Partial<RoleAccess>

export const readAccess = (stored: StoredAccess | undefined): RoleAccess => ({ ...PLAIN_ACCESS, ...stored })

export const rankAccess = (access: Access): number => ACCESS_LEVELS.indexOf(access)

/** What of a rule holds for one id. */
export const accessOf = (rule: AccessRule, id: string): Access => rule.entries[id] ?? rule.default

/** Where an assignment of a role holds; null: in the whole tenant. */
export type Scope = { kind: 'cloud' | 'group' | 'resource' | 'tag'; value: string } | null

/** @param text as `role_assignment.scope` has it: `cloud:<id>`, `group:<id>`, `resource:<id>`, `tag:<tag>` or nothing */
export function parseScope(text: string): Scope {
  const at = text.indexOf(':')
  if (at < 0) return null
  return { kind: text.slice(0, at) as NonNullable<Scope>['kind'], value: text.slice(at + 1) }
}

export const formatScope = (scope: Scope): string => (scope ? `${scope.kind}:${scope.value}` : '')
