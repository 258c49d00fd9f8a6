import { z } from 'zod'
import { pageInput, pageOutput } from '@/server/platform/page-schema'

/** Everywhere with the same role; in the master only; in the tenants of their memberships (PRODUCT, "parent-level user"). */
export const LEVELS = ['parent', 'master', 'tenant'] as const
export type Level = (typeof LEVELS)[number]
const level = z.enum(LEVELS)
const status = z.enum(['active', 'disabled'])

export const listPeople = z.strictObject({
  ...pageInput,
  sort: z.enum(['name', 'username', 'email', 'tenant', 'lastSignIn']).default('name'),
  levels: z.array(level).max(3).default([]),
  /** Those homed in it or guests there. */
  tenantId: z.uuid().optional(),
  status: z.array(status).max(2).default([]),
})
export type ListPeople = z.output<typeof listPeople>
export const personId = z.strictObject({ id: z.uuid() })

export const searchTenants = z.strictObject({ search: z.string().trim().max(200).default('') })
export const tenantId = z.strictObject({ id: z.uuid() })
export const tenantName = z.strictObject({ id: z.uuid(), name: z.string() })
export const tenantRows = z.strictObject({ rows: z.array(tenantName).max(100) })

export const setLevel = z.strictObject({
  id: z.uuid(),
  level,
  /** Another username, where the new home has somebody of the old one. */
  username: z.string().max(256).optional(),
  /** The new home of who becomes a tenant-level user. */
  tenantId: z.uuid().optional(),
  /** Roles in the new home, where it moves: the master's, or the tenant's. */
  roleIds: z
    .array(z.uuid())
    .max(20)
    .refine((list) => new Set(list).size === list.length, 'Name each role once')
    .default([]),
})
export type SetLevel = z.output<typeof setLevel>

const tenant = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  slug: z.string(),
  status: z.enum(['active', 'disabled', 'deleted']),
  master: z.boolean(),
})

export const personRow = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  username: z.string(),
  email: z.string(),
  status,
  level,
  home: tenant,
  /** In how many tenants they are a member; a parent-level user reaches all. */
  tenants: z.int(),
  lastSignInAt: z.iso.datetime().nullable(),
  you: z.boolean(),
})
export type PersonRow = z.output<typeof personRow>
export const peoplePage = pageOutput(personRow).extend({ from: z.int() })
export type PeoplePage = z.output<typeof peoplePage>

const membership = z.strictObject({
  tenant,
  home: z.boolean(),
  since: z.iso.datetime(),
  assignments: z.array(
    z.strictObject({
      roleId: z.uuid(),
      name: z.string(),
      scope: z.string(),
      expiresAt: z.iso.datetime().nullable(),
      ended: z.boolean(),
    }),
  ),
})
export type Membership = z.output<typeof membership>

export const personDetail = personRow.extend({
  firstName: z.string(),
  lastName: z.string(),
  createdAt: z.iso.datetime(),
  memberships: z.array(membership).max(10_000),
  can: z.strictObject({ setLevel: z.boolean(), addToTenant: z.boolean(), change: z.boolean() }),
  why: z.strictObject({
    setLevel: z.string().optional(),
    addToTenant: z.string().optional(),
    /** Of the account and the roles in each tenant. */
    change: z.string().optional(),
  }),
})
export type PersonDetail = z.output<typeof personDetail>

export const levelAnswer = z.strictObject({ id: z.uuid(), name: z.string(), sessionsEnded: z.int() })
