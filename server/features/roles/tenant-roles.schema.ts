import { z } from 'zod'
import { access, anyLevels, landing, levels, roleDescription, roleName } from './roles.schema'

const clouds = z.array(z.strictObject({ id: z.uuid(), level: access })).max(500)
/** How the provider gets in as one of a tenant's users (PRODUCT rule 12): as each tenant says, or the same for all that have the role. */
const providerAccess = z.enum(['free', 'always', 'ask', 'never'])
const content = {
  name: roleName,
  description: roleDescription.default(''),
  levels: levels.optional(),
  /** Access to public clouds that are not named. */
  defaultCloudLevel: access.optional(),
  clouds: clouds.optional(),
  landing: landing.optional(),
  providerAccess: providerAccess.optional(),
}
export const createCap = z.strictObject({ ...content, baseRoleId: z.uuid().optional() })
export const updateCap = z.strictObject({
  ...content,
  id: z.uuid(),
  levels,
  defaultCloudLevel: access,
  clouds,
  landing,
  updatedAt: z.iso.datetime(),
})
export const previewCap = z.strictObject({ id: z.uuid(), levels, defaultCloudLevel: access, clouds })
export const capId = z.strictObject({ id: z.uuid() })
export const CLOUD_IDS = { 'clouds.id': 'resource' } as const
export type CreateCap = z.output<typeof createCap>
export type UpdateCap = z.output<typeof updateCap>
export type PreviewCap = z.output<typeof previewCap>

/** Base roles that a tenant can have, to choose from. */
export const capOptions = z.array(
  z.strictObject({ id: z.uuid(), name: z.string(), description: z.string(), sharing: z.boolean() }),
)

export type CapAction = 'edit' | 'copy' | 'delete'
const actions = <Value extends z.ZodType>(value: Value) =>
  z.strictObject({ edit: value, copy: value, delete: value })
export const capRow = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  description: z.string(),
  builtIn: z.boolean(),
  sharing: z.boolean(),
  /** Subtenants that have it. */
  tenants: z.int(),
  defaultCloudLevel: access,
  /** Public clouds that it names, by level. */
  named: z.strictObject({ none: z.int(), read: z.int(), full: z.int() }),
  updatedAt: z.iso.datetime(),
  can: actions(z.boolean()),
  why: actions(z.string()).partial(),
})
export type CapRow = z.output<typeof capRow>
export const capList = z.strictObject({
  rows: z.array(capRow),
  can: z.strictObject({ create: z.boolean() }),
  why: z.strictObject({ create: z.string().optional() }),
})
export type CapList = z.output<typeof capList>

export const publicClouds = z.array(z.strictObject({ id: z.uuid(), name: z.string() }))
export const capDetail = capRow.extend({
  levels: anyLevels,
  landing: z.string(),
  providerAccess,
  /** Of a built-in one the levels come with the version; only its access to clouds is chosen. */
  fixedLevels: z.boolean(),
  /** The master's public clouds, and what the role says of each; null: the default. One that is not public any more is kept. */
  clouds: z.array(
    z.strictObject({ id: z.uuid(), name: z.string(), public: z.boolean(), level: access.nullable() }),
  ),
  usedBy: z.array(z.strictObject({ id: z.uuid(), name: z.string(), status: z.string() })),
})
export type CapDetail = z.output<typeof capDetail>
export const capRef = z.strictObject({ id: z.uuid(), name: z.string() })
