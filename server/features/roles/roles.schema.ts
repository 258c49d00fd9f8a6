import { z } from 'zod'
import { ACCESS_LEVELS, CLAIM_ACTIONS } from '@/lib/access'
import { LANDING_KEYS } from '@/lib/landing'
import { type Level, LEVELS, PERMISSION_NAMES, type Permission, PERMISSIONS } from '@/lib/permissions'
import { KINDS } from '@/lib/resource-kinds/registry'

/** Most effects and results that one answer names. */
export const MAX_EFFECTS = 200

const text = (max: number) =>
  z
    .string()
    .trim()
    .max(max, `Use at most ${max} characters`)
    .regex(/^[^\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069]*$/u, 'Use plain text on one line')
export const roleName = text(60).min(1, 'Enter a name')
export const roleDescription = text(300)
export const landing = z.enum(LANDING_KEYS)

const levelOf = (name: Permission) => z.enum(PERMISSIONS[name].levels as readonly Level[]).optional()
/** A level for each permission, of those that make sense for it; what is left out is none. */
export const levels = z.strictObject(
  Object.fromEntries(PERMISSION_NAMES.map((name) => [name, levelOf(name)])) as Record<
    Permission,
    ReturnType<typeof levelOf>
  >,
)

export const access = z.enum(ACCESS_LEVELS)
const rule = z.strictObject({
  default: access,
  entries: z
    .array(z.strictObject({ id: z.uuid(), access }))
    .max(200)
    .default([]),
})
const kindNames = ['*', ...KINDS.map(({ kind }) => kind)] as const
export const claim = z.strictObject({
  kinds: z.array(z.enum(kindNames)).min(1, 'Choose a kind').max(30),
  actions: z
    .array(z.enum([...CLAIM_ACTIONS, '*']))
    .min(1, 'Choose an action')
    .max(7),
  resources: z
    .array(z.union([z.literal('*'), z.uuid()]))
    .min(1)
    .max(200),
})

/** What a role says beside its levels; what is left out is as in a plain role. */
export const roleAccess = z.strictObject({
  groups: rule.optional(),
  clouds: rule.optional(),
  instanceTypes: rule.optional(),
  resources: z
    .array(z.strictObject({ id: z.uuid(), access }))
    .max(200)
    .optional(),
  claims: z.array(claim).max(30).optional(),
})
export type AccessInput = z.output<typeof roleAccess>
/** The ids in a role's content, for declarations. */
export const ACCESS_IDS = {
  'access.groups.entries.id': 'group',
  'access.clouds.entries.id': 'resource',
  'access.instanceTypes.entries.id': 'resource',
  'access.resources.id': 'resource',
  'access.claims.resources': 'resource',
} as const

const content = {
  name: roleName,
  description: roleDescription.default(''),
  levels: levels.optional(),
  access: roleAccess.optional(),
  landing: landing.optional(),
}
export const createRole = z.strictObject({
  ...content,
  /** Where levels, access and landing page come from that are not given (seed 002). */
  baseRoleId: z.uuid().optional(),
  /** A template for every subtenant; chosen once. Master only. */
  multiTenant: z.boolean().default(false),
})
export const updateRole = z.strictObject({
  ...content,
  id: z.uuid(),
  levels,
  access: roleAccess,
  landing,
  updatedAt: z.iso.datetime(),
})
export const previewRole = z.strictObject({ id: z.uuid(), levels, access: roleAccess })
export const limitsInput = z.strictObject({ multiTenant: z.boolean().default(false) })
export const roleId = z.strictObject({ id: z.uuid() })
export const lockRole = z.strictObject({ id: z.uuid(), locked: z.boolean() })
/** Groups and tags of the tenant, to choose from. */
export const choiceInput = z.strictObject({
  what: z.enum(['group', 'tag']),
  search: z.string().trim().max(200).default(''),
})
export const choices = z.strictObject({
  rows: z.array(z.strictObject({ id: z.string(), name: z.string() })).max(50),
})
/** What a role of a subtenant or its assignment can name, as its provider chooses it. */
const PLACES = ['group', 'tag', 'cloud', 'instanceType', 'resource'] as const
export const placeChoices = z.strictObject({
  rows: z.array(z.strictObject({ id: z.string(), name: z.string(), kind: z.string() })).max(50),
})
export const searchInput = z.strictObject({ search: z.string().trim().min(1).max(200) })
export const foundRoles = z.strictObject({
  rows: z.array(z.strictObject({ id: z.uuid(), name: z.string(), multiTenant: z.boolean() })).max(20),
})
/** A file as it was exported: checked inside, role by role. */
export const importText = z.strictObject({ text: z.string().min(1, 'Choose a file').max(1_000_000) })
export type CreateRole = z.output<typeof createRole>
export type UpdateRole = z.output<typeof updateRole>
export type PreviewRole = z.output<typeof previewRole>

const tenantId = { tenantId: z.uuid() }
export const tenantInput = z.strictObject(tenantId)
export const provided = {
  createRole: createRole.omit({ multiTenant: true }).extend(tenantId),
  updateRole: updateRole.extend(tenantId),
  previewRole: previewRole.extend(tenantId),
  roleId: roleId.extend(tenantId),
  choiceInput: choiceInput.extend({ ...tenantId, what: z.enum(PLACES) }),
}
export type ProvidedChoice = z.output<typeof provided.choiceInput>

export const assignableRoles = z.array(
  z.strictObject({
    id: z.uuid(),
    name: z.string(),
    description: z.string(),
    /** A template of the master; otherwise the tenant's own. */
    multiTenant: z.boolean(),
    can: z.strictObject({ grant: z.boolean() }),
    why: z.strictObject({ grant: z.string().optional() }),
  }),
)
export type AssignableRole = z.output<typeof assignableRoles>[number]

export const ROLE_ACTIONS = ['edit', 'copy', 'delete', 'relink', 'lock'] as const
export type RoleAction = (typeof ROLE_ACTIONS)[number]
const actions = <Value extends z.ZodType>(value: Value) =>
  z.strictObject(Object.fromEntries(ROLE_ACTIONS.map((name) => [name, value])) as Record<RoleAction, Value>)

export const roleRow = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  description: z.string(),
  builtIn: z.boolean(),
  /** own: made here; provider: a template of the master, followed; diverged: a template that was edited here. */
  origin: z.enum(['own', 'provider', 'diverged']),
  /** A template for all subtenants, in the master's own list. */
  multiTenant: z.boolean(),
  locked: z.boolean(),
  /** People who hold it now; of a template in the master: over all subtenants. */
  users: z.int(),
  /** Subtenants in which somebody holds it, and those that edited it; in the master's list of templates. */
  tenants: z.int().nullable(),
  diverged: z.int().nullable(),
  updatedAt: z.iso.datetime(),
  can: actions(z.boolean()),
  why: actions(z.string()).partial(),
})
export type RoleRow = z.output<typeof roleRow>
const creating = {
  can: z.strictObject({ create: z.boolean() }),
  why: z.strictObject({ create: z.string().optional() }),
}
export const roleList = z.strictObject({ rows: z.array(roleRow), ...creating })
export type RoleList = z.output<typeof roleList>

const named = z.strictObject({ id: z.uuid(), name: z.string().nullable(), access })
const namedRule = z.strictObject({ default: access, entries: z.array(named) })
/** Access with the names of what it is about; null: gone, or not to be seen by whoever asks. */
export const accessView = z.strictObject({
  groups: namedRule,
  clouds: namedRule,
  instanceTypes: namedRule,
  resources: z.array(named.extend({ kind: z.string() })),
  claims: z.array(
    z.strictObject({
      kinds: z.array(z.string()),
      actions: z.array(z.string()),
      resources: z.array(z.strictObject({ id: z.string(), name: z.string().nullable() })),
    }),
  ),
})
export type AccessView = z.output<typeof accessView>

const anyLevel = z.enum(LEVELS)
export const anyLevels = z.strictObject(
  Object.fromEntries(PERMISSION_NAMES.map((name) => [name, anyLevel])) as Record<Permission, typeof anyLevel>,
)
/** What an editor may choose from. */
export const roleLimits = z.strictObject({
  /** Name of the tenant role that caps; null in the master. */
  cap: z.string().nullable(),
  /** The most that may be chosen: cut by the cap, and by what the person holds. */
  capLevels: anyLevels,
  ownLevels: anyLevels.nullable(),
})
export const roleDetail = roleRow.extend({
  levels: anyLevels,
  access: accessView,
  landing: z.string(),
  template: z.strictObject({ id: z.uuid(), name: z.string(), locked: z.boolean() }).nullable(),
  /** Who holds it, the first 20 by name. */
  holders: z.array(
    z.strictObject({
      id: z.uuid(),
      name: z.string(),
      scope: z.string(),
      /** `Cloud nw-dc1`; empty for the whole tenant. */
      place: z.string(),
      expiresAt: z.iso.datetime().nullable(),
      ended: z.boolean(),
    }),
  ),
  /** Subtenants in which it is held; in the master's page of a template. */
  usedIn: z.array(z.strictObject({ id: z.uuid(), name: z.string(), users: z.int(), diverged: z.boolean() })),
  limits: roleLimits,
})
export type RoleDetail = z.output<typeof roleDetail>

export const roleRef = z.strictObject({ id: z.uuid(), name: z.string() })
export const effects = z.strictObject({
  lines: z.array(
    z.strictObject({
      tenantId: z.uuid(),
      tenant: z.string(),
      who: z.string(),
      change: z.enum(['gains', 'loses']),
      what: z.string(),
    }),
  ),
  /** How many more there are. */
  more: z.int(),
})
export type Effects = z.output<typeof effects>
export const difference = z.strictObject({
  template: z.strictObject({ id: z.uuid(), name: z.string() }),
  rows: z.array(z.strictObject({ what: z.string(), here: z.string(), template: z.string() })),
})
export type Difference = z.output<typeof difference>
export const importResult = z.strictObject({
  rows: z.array(z.strictObject({ name: z.string(), ok: z.boolean(), why: z.string() })),
})
export type ImportResult = z.output<typeof importResult>
