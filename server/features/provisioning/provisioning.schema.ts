import { z } from 'zod'
import { text } from '@/server/features/identity/fields.schema'

const MAPPINGS_MAX = 100
/** A token that is never renewed is a risk; none at all is the directory's usual way. */
const YEARS = 5 * 365

const fields = {
  name: text(60, 'a name'),
  /** Of whoever is in none of the groups; left out: no role. */
  defaultRoleId: z.uuid().optional(),
  roles: z
    .array(z.strictObject({ group: text(200, 'a group'), roleId: z.uuid() }))
    .max(MAPPINGS_MAX, `At most ${MAPPINGS_MAX} groups.`),
}
/** Days until the token ends; left out: it does not. */
const tokenDays = z
  .int('Enter a whole number of days.')
  .min(1, 'At least a day.')
  .max(YEARS, `At most ${YEARS} days.`)
  .optional()

export const createConnection = z.strictObject({
  ...fields,
  /** By which its people sign in: externalId is their subject there. Left out: by a password that they set by mail. */
  sourceId: z.uuid().optional(),
  tokenDays,
})
export const updateConnection = z.strictObject({ id: z.uuid(), ...fields })
export type ConnectionFields = Pick<z.output<typeof updateConnection>, 'name' | 'roles'> & {
  defaultRoleId: string | null
}
export type CreateConnection = z.output<typeof createConnection>
export type UpdateConnection = z.output<typeof updateConnection>

export const connectionId = z.strictObject({ id: z.uuid() })
export const rotateToken = connectionId.extend({ tokenDays })
export const deleteConnection = connectionId.extend({ confirmName: z.string().max(200).optional() })

export const CONNECTION_ACTIONS = ['edit', 'rotate', 'enable', 'disable', 'delete'] as const
export type ConnectionAction = (typeof CONNECTION_ACTIONS)[number]
const actions = <T extends z.ZodType>(value: T) =>
  z.strictObject({ edit: value, rotate: value, enable: value, disable: value, delete: value })
const role = z.strictObject({ id: z.uuid(), name: z.string() })

export const connectionRow = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  enabled: z.boolean(),
  tokenExpiresAt: z.iso.datetime().nullable(),
  tokenExpired: z.boolean(),
  /** Within a minute. */
  lastUsedAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  source: z.strictObject({ id: z.uuid(), name: z.string() }).nullable(),
  defaultRole: role.nullable(),
  roles: z.array(z.strictObject({ group: z.string(), role })),
  /** People and groups that it provisioned. */
  users: z.int(),
  groups: z.int(),
  can: actions(z.boolean()),
  why: actions(z.string()).partial(),
})
export type ConnectionRow = z.output<typeof connectionRow>

export const connectionList = z.strictObject({
  connections: z.array(connectionRow).max(20),
  /** Address of SCIM on this tenant's host. */
  baseUrl: z.string(),
  sources: z.array(z.strictObject({ id: z.uuid(), name: z.string() })),
  /** Roles for groups, and why this person may not give them. */
  roleChoices: z.array(role.extend({ why: z.string().nullable() })),
  can: z.strictObject({ create: z.boolean() }),
  why: z.strictObject({ create: z.string().optional() }),
})
export type ConnectionList = z.output<typeof connectionList>

export const connectionRef = z.strictObject({ id: z.uuid(), name: z.string() })
/** The only time that the token is shown: the database holds its hash. */
export const tokenAnswer = connectionRef.extend({ token: z.string(), baseUrl: z.string() })
export const updateAnswer = connectionRef.extend({ sessionsEnded: z.int() })
