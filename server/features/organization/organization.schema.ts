import { z } from 'zod'
import { deletionPlan, tenantFields } from '@/server/features/tenants/tenants.schema'
import { ORGANIZATION_ACTIONS } from './organization.policy'

const actions = <Value extends z.ZodType>(value: Value) =>
  z.strictObject(
    Object.fromEntries(ORGANIZATION_ACTIONS.map((action) => [action, value])) as Record<
      (typeof ORGANIZATION_ACTIONS)[number],
      Value
    >,
  )

const owner = z.strictObject({ id: z.uuid(), name: z.string(), you: z.boolean() })
export const organization = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  description: z.string(),
  icon: z.string(),
  slug: z.string(),
  address: z.string(),
  createdAt: z.iso.datetime(),
  master: z.boolean(),
  /** Empty: the provider runs it. */
  owners: z.array(owner),
  can: actions(z.boolean()),
  why: actions(z.string()).partial(),
})
export type Organization = z.output<typeof organization>

const { name, description, icon } = tenantFields
export const updateOrganization = z.strictObject({ name, description, icon })
export type UpdateOrganization = z.output<typeof updateOrganization>
/** The person's own password, once more: a session that somebody left open does not give an organization away (features.md, C6). */
const password = z.string().min(1, 'Enter your password').max(1000)
export const transferOwnership = z.strictObject({ userId: z.uuid('Choose a person'), password })
export const ownerRef = z.strictObject({ id: z.uuid(), name: z.string() })
export const candidatesInput = z.strictObject({ search: z.string().trim().max(200).default('') })
export const candidates = z
  .array(z.strictObject({ id: z.uuid(), name: z.string(), username: z.string() }))
  .max(20)
export const organizationPlan = deletionPlan
export const deleteOrganization = z.strictObject({ confirmName: z.string().max(200), password })
/** Where the person is sent: nothing of the tenant is there any more. */
export const deletedOrganization = z.strictObject({ restoreDays: z.int(), next: z.string() })
