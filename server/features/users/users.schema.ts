import { z } from 'zod'
import { pageInput, pageOutput } from '@/server/platform/page-schema'
import { USER_ACTIONS, USER_KINDS } from './users.policy'

/** Plain text on one line, without characters that turn its direction. */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .max(max, `Use at most ${max} characters`)
    .regex(/^[^\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069]*$/u, 'Use plain text on one line')

const person = {
  firstName: line(100).default(''),
  lastName: line(100).default(''),
  username: z.string().min(1, 'Enter a username').max(256),
  email: z.email('Enter an e-mail address, such as ada@example.com').max(254),
}
const roleIds = z
  .array(z.uuid())
  .min(1, 'Choose a role')
  .max(20)
  .refine((list) => new Set(list).size === list.length, 'Name each role once')
/** A role as somebody is to have it: everywhere in the tenant or in a scope, for good or until a date (features.md, D11). */
const assignment = z.strictObject({
  roleId: z.uuid(),
  /** Empty, or `cloud:<id>`, `group:<id>`, `resource:<id>`, `tag:<tag>`. */
  scope: z.string().max(80).default(''),
  expiresAt: z.iso.datetime().nullable().default(null),
})
const assignments = z.array(assignment).max(50)
export type AssignmentInput = z.output<typeof assignment>
/** Typed twice, or left out: then one is made and shown once. */
const password = {
  password: z.string().max(1000).optional(),
  passwordConfirm: z.string().max(1000).optional(),
}

const userStatus = z.enum(['active', 'disabled'])

/** Inputs for users of the acting tenant; `provided` adds the subtenant that the provider acts in. */
export const listUsers = z.strictObject({
  ...pageInput,
  sort: z.enum(['name', 'username', 'email', 'status', 'lastSignIn']).default('name'),
  status: z.array(userStatus).max(2).default([]),
  /** Homed here, guests, the provider's; none named: all. */
  kind: z.array(z.enum(USER_KINDS)).max(3).default([]),
})
export const userId = z.strictObject({ id: z.uuid() })
export const createUser = z.strictObject({
  ...person,
  ...password,
  /** Roles in the whole tenant, for good; `assignments` says more of each. One of the two is needed. */
  roleIds: roleIds.optional(),
  assignments: assignments.default([]),
})
/** Of a new user, who it will be and what they will have; the names may be still to come. */
export const previewUser = z.strictObject({
  firstName: person.firstName,
  lastName: person.lastName,
  username: z.string().max(256).default(''),
  assignments: assignments.min(1, 'Choose a role'),
})
export const updateUser = z.strictObject({ ...person, id: z.uuid() })
export const setPassword = z.strictObject({ ...password, id: z.uuid() })
export const setRoles = z.strictObject({ id: z.uuid(), roleIds })
export const setAssignments = z.strictObject({
  id: z.uuid(),
  assignments: assignments.min(1, 'Choose a role'),
})
/** Somebody homed in another tenant, and what they will have in this one. */
export const addGuest = z.strictObject({
  userId: z.uuid(),
  assignments: assignments.min(1, 'Choose a role'),
})
export const searchElsewhere = z.strictObject({ search: z.string().trim().max(200).default('') })

const tenantId = { tenantId: z.uuid() }
export const provided = {
  listUsers: listUsers.extend(tenantId),
  userId: userId.extend(tenantId),
  createUser: createUser.extend(tenantId),
  previewUser: previewUser.extend(tenantId),
  updateUser: updateUser.extend(tenantId),
  setPassword: setPassword.extend(tenantId),
  setRoles: setRoles.extend(tenantId),
  setAssignments: setAssignments.extend(tenantId),
  addGuest: addGuest.extend(tenantId),
  searchElsewhere: searchElsewhere.extend(tenantId),
}

export type ListUsers = z.output<typeof listUsers>
export type CreateUser = z.output<typeof createUser>
export type PreviewUser = z.output<typeof previewUser>
export type UpdateUser = z.output<typeof updateUser>
export type AddGuest = z.output<typeof addGuest>
export type NewPassword = Pick<CreateUser, 'password' | 'passwordConfirm'>

const actions = <Value extends z.ZodType>(value: Value) =>
  z.strictObject(
    Object.fromEntries(USER_ACTIONS.map((action) => [action, value])) as Record<
      (typeof USER_ACTIONS)[number],
      Value
    >,
  )

export const userRow = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  username: z.string(),
  email: z.string(),
  status: userStatus,
  roles: z.array(z.strictObject({ id: z.uuid(), name: z.string() })),
  /** Every assignment, ended ones too until they are taken out. */
  assignments: z.array(
    z.strictObject({
      roleId: z.uuid(),
      name: z.string(),
      scope: z.string(),
      /** `in group Staging`; empty for the whole tenant. */
      scopeWords: z.string(),
      expiresAt: z.iso.datetime().nullable(),
      ended: z.boolean(),
    }),
  ),
  createdAt: z.iso.datetime(),
  lastSignInAt: z.iso.datetime().nullable(),
  /** Homed here, a member from elsewhere, or somebody of the provider who reaches every tenant. */
  kind: z.enum(USER_KINDS),
  parentLevel: z.boolean(),
  /** Where a guest is homed: for the provider; a tenant is not told of others. */
  homeTenant: z.strictObject({ id: z.uuid(), name: z.string(), slug: z.string() }).nullable(),
  /** Names of the master's roles of somebody of the provider; empty for all others. */
  providerRoles: z.array(z.string()),
  you: z.boolean(),
  /** Name of the identity source by which they sign in; null: by a password. */
  source: z.string().nullable(),
  /** Name of the SCIM connection that provisions them; null: none. */
  provisionedBy: z.string().nullable(),
  /** What an administrator typed must be changed at the first sign-in; `expired`: it was not, in time. */
  password: z.enum(['set', 'temporary', 'expired', 'elsewhere']),
  can: actions(z.boolean()),
  why: actions(z.string()).partial(),
  /** Why the provider cannot act as this user; null: nothing about the user stands in the way. */
  whyNotImpersonate: z.string().nullable(),
})
/** `from`: how many rows come before the page. */
export const userPage = pageOutput(userRow).extend({
  from: z.int(),
  can: z.strictObject({ create: z.boolean() }),
  why: z.strictObject({ create: z.string().optional() }),
  /** Whether there are other tenants from which this person could add people. */
  elsewhere: z.boolean(),
})
export type UserPage = z.output<typeof userPage>
export type UserRow = z.output<typeof userRow>

const homeTenant = z.strictObject({ id: z.uuid(), name: z.string(), slug: z.string() })
export const elsewhere = z.strictObject({
  rows: z
    .array(
      z.strictObject({
        id: z.uuid(),
        name: z.string(),
        firstName: z.string(),
        lastName: z.string(),
        username: z.string(),
        email: z.string(),
        home: homeTenant,
      }),
    )
    .max(20),
  /** There are others that fit: search for them. */
  more: z.boolean(),
})
export type Elsewhere = z.output<typeof elsewhere>

export const userRef = z.strictObject({ id: z.uuid(), name: z.string() })
/** `generatedPassword` is in this answer and nowhere else. */
export const passwordAnswer = userRef.extend({ generatedPassword: z.string().optional() })
export const sessionsAnswer = userRef.extend({ sessionsEnded: z.int() })

/** Where to go: nothing of the tenant is there any more. */
export const leaveAnswer = z.strictObject({ next: z.string() })
