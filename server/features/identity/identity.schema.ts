import { z } from 'zod'
import { text } from './fields.schema'
import { KIND_NAMES, provider } from './provider.schema'

const claim = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9_.:/-]{1,100}$/, 'The name of a claim, such as groups.')

const MAPPINGS_MAX = 100

const fields = {
  name: text(60, 'a name'),
  provider,
  usernameClaim: claim,
  emailClaim: claim,
  nameClaim: claim,
  groupsClaim: claim,
  /** Of who is in none of the groups; left out: they are turned away. */
  defaultRoleId: z.uuid().optional(),
  createUsers: z.boolean(),
  roles: z
    .array(z.strictObject({ claim: text(200, 'a group'), roleId: z.uuid() }))
    .max(MAPPINGS_MAX, `At most ${MAPPINGS_MAX} groups.`),
}
/** Of the kinds that have one: what this console proves itself with. */
const secret = z.string().trim().min(1, 'Enter the secret.').max(500, 'At most 500 characters.').optional()

export const createSource = z.strictObject({
  /** Of identity.list: it holds the id whose addresses were shown. */
  draft: z.string().max(200),
  ...fields,
  secret,
})
/** As the database has it: null where none is named. */
type Stored<Input extends { defaultRoleId?: string }> = Omit<Input, 'defaultRoleId'> & {
  defaultRoleId: string | null
}
export const withRole = <Input extends { defaultRoleId?: string }>(input: Input): Stored<Input> => ({
  ...input,
  defaultRoleId: input.defaultRoleId ?? null,
})
export type CreateSource = Stored<z.output<typeof createSource>>
/** Without `secret` the stored one stays. */
export const updateSource = z.strictObject({ id: z.uuid(), ...fields, secret })
export type UpdateSource = Stored<z.output<typeof updateSource>>
export type SourceFields = Omit<UpdateSource, 'id' | 'secret'>

export const sourceId = z.strictObject({ id: z.uuid() })
export const deleteSource = sourceId.extend({ confirmName: z.string().max(200).optional() })
const names = z.strictObject({
  usernameClaim: claim,
  emailClaim: claim,
  nameClaim: claim,
  groupsClaim: claim,
})
export const testSource = z.strictObject({
  provider,
  /** Of a source that is there: where no secret is given, its own is tried. */
  id: z.uuid().optional(),
  secret,
  /** What it is asked for; left out: what is usual. */
  names: names.optional(),
})
export type TestSource = z.output<typeof testSource>

export const SOURCE_ACTIONS = ['edit', 'enable', 'disable', 'delete'] as const
export type SourceAction = (typeof SOURCE_ACTIONS)[number]
const actions = <T extends z.ZodType>(value: T) =>
  z.strictObject({ edit: value, enable: value, disable: value, delete: value })
const role = z.strictObject({ id: z.uuid(), name: z.string() })

/** Things with their names. */
const lines = z.array(z.strictObject({ label: z.string(), value: z.string() }))

export const sourceRow = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  enabled: z.boolean(),
  /** Says, with the subject, who somebody is. */
  issuer: z.string(),
  provider,
  usernameClaim: z.string(),
  emailClaim: z.string(),
  nameClaim: z.string(),
  groupsClaim: z.string(),
  createUsers: z.boolean(),
  defaultRole: role.nullable(),
  roles: z.array(z.strictObject({ claim: z.string(), role })),
  /** People with an account by it. */
  users: z.int(),
  /** Of ours, to be registered at the other side. */
  addresses: lines,
  /** More of it, in words. */
  facts: lines,
  can: actions(z.boolean()),
  why: actions(z.string()).partial(),
})
export type SourceRow = z.output<typeof sourceRow>

export const sourceList = z.strictObject({
  sources: z.array(sourceRow).max(20),
  /** Of the next source: its addresses, for each kind that it can be, are known before it is made. */
  draft: z.strictObject({ token: z.string(), addresses: z.record(z.enum(KIND_NAMES), lines) }),
  /** Roles for groups, and why this person may not give them. */
  roleChoices: z.array(role.extend({ why: z.string().nullable() })),
  can: z.strictObject({ create: z.boolean() }),
  why: z.strictObject({ create: z.string().optional() }),
})
export type SourceList = z.output<typeof sourceList>
export const sourceRef = z.strictObject({ id: z.uuid(), name: z.string() })
export const sessionsAnswer = sourceRef.extend({ sessionsEnded: z.int() })
export const testAnswer = z.strictObject({
  ok: z.boolean(),
  /** What was found, one after the other; the last says what is wrong. */
  steps: z.array(z.strictObject({ ok: z.boolean(), text: z.string() })),
})
export type TestAnswer = z.output<typeof testAnswer>
