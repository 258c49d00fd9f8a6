import { z } from 'zod'
import { isCurrency } from '@/lib/currency'
import { pageInput, pageOutput } from '@/server/platform/page-schema'
import { TENANT_ACTIONS } from './tenants.policy'

/** One line of text without control characters or marks that turn the writing direction (they forge what is shown). */
const line = (max: number) =>
  z
    .string()
    .trim()
    .max(max, `Use at most ${max} characters`)
    .regex(/^[^\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069]*$/u, 'Use plain text on one line')
const EMOJI = new RegExp('^\\p{RGI_Emoji}$', 'v')

const tenantStatus = z.enum(['active', 'disabled', 'deleted'])

/** What a tenant says of itself and its customer. */
export const tenantFields = {
  name: line(100).min(1, 'Enter a name'),
  description: z.string().trim().max(2000, 'Use at most 2000 characters').default(''),
  icon: z
    .string()
    .trim()
    .max(32)
    .refine((text) => text === '' || EMOJI.test(text), 'Use one emoji, or leave it empty')
    .default(''),
  currency: z.string().max(3).refine(isCurrency, 'Choose a currency of ISO 4217'),
  accountNumber: line(100).default(''),
  accountName: line(200).default(''),
  customerNumber: line(100).default(''),
}

export const createTenantInput = z.strictObject({
  ...tenantFields,
  slug: z.string().trim().max(100),
  tenantRoleId: z.uuid('Choose a base role'),
})
export const updateTenantInput = z.strictObject({
  ...tenantFields,
  id: z.uuid(),
  /** The base role; null for the master tenant, which has none. */
  tenantRoleId: z.uuid('Choose a base role').nullable(),
  /** As it was when the form was opened: somebody else's change in between is not overwritten. */
  updatedAt: z.iso.datetime(),
})
export const baseRoleInput = z.strictObject({ id: z.uuid(), tenantRoleId: z.uuid('Choose a base role') })
export type CreateTenant = z.output<typeof createTenantInput>
export type UpdateTenant = z.output<typeof updateTenantInput>

const reason = line(500).min(
  1,
  'Say why: it is shown to the tenant’s administrators and stands in the audit log',
)
export const tenantIdInput = z.strictObject({ id: z.uuid() })
export const slugInput = z.strictObject({ slug: z.string().trim().max(100) })
export const disableTenantInput = z.strictObject({ id: z.uuid(), reason })
const ids = z
  .array(z.uuid())
  .min(1)
  .max(100)
  .refine((list) => new Set(list).size === list.length, 'Name each tenant once')
export const disableTenantsInput = z.strictObject({ ids, reason })
export const enableTenantsInput = z.strictObject({ ids })
export const deleteTenantInput = z.strictObject({ id: z.uuid(), confirmName: z.string().max(200) })
/** `name`: a new one, when another tenant took the old one meanwhile. */
export const restoreTenantInput = z.strictObject({ id: z.uuid(), name: tenantFields.name.optional() })

export const tenantFilter = {
  search: pageInput.search,
  desc: pageInput.desc,
  sort: z.enum(['name', 'status', 'createdAt']).default('name'),
  /** Empty: all but deleted ones. */
  status: z.array(tenantStatus).max(3).default([]),
}
export const listTenantsInput = z.strictObject({ ...pageInput, ...tenantFilter })
export type TenantFilter = Pick<z.output<typeof listTenantsInput>, 'search' | 'desc' | 'sort' | 'status'>

const actions = <Value extends z.ZodType>(value: Value) =>
  z.strictObject(
    Object.fromEntries(TENANT_ACTIONS.map((action) => [action, value])) as Record<
      (typeof TENANT_ACTIONS)[number],
      Value
    >,
  )
const iso = z.iso.datetime()

export const tenantRow = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  slug: z.string(),
  icon: z.string(),
  master: z.boolean(),
  status: tenantStatus,
  statusReason: z.string(),
  role: z.strictObject({ id: z.uuid(), name: z.string() }).nullable(),
  totalInstances: z.int(),
  totalUsers: z.int(),
  createdAt: iso,
  /** Of a deleted tenant: until when it can be restored. */
  purgeAfter: iso.nullable(),
  can: actions(z.boolean()),
  /** For what cannot be done: why. */
  why: actions(z.string()).partial(),
})
/** `from`: how many rows come before the page. */
export const tenantPage = pageOutput(tenantRow).extend({
  from: z.int(),
  can: z.strictObject({ create: z.boolean() }),
  why: z.strictObject({ create: z.string().optional() }),
})
export type TenantPage = z.output<typeof tenantPage>

export const tenantDetail = tenantRow.extend({
  description: z.string(),
  currency: z.string(),
  currencyLabel: z.string(),
  accountNumber: z.string(),
  accountName: z.string(),
  customerNumber: z.string(),
  /** Where its users sign in. */
  address: z.url(),
  updatedAt: iso,
  disabledAt: iso.nullable(),
  deletedAt: iso.nullable(),
})
export type TenantRow = z.output<typeof tenantRow>
export type TenantDetail = z.output<typeof tenantDetail>

export const tenantRef = z.strictObject({ id: z.uuid(), name: z.string() })
export const slugAnswer = z.strictObject({
  state: z.enum(['free', 'refused', 'later']),
  slug: z.string(),
  why: z.string(),
})
export const bulkResult = z.array(
  z.strictObject({ id: z.uuid(), name: z.string(), ok: z.boolean(), why: z.string() }),
)
export type BulkResult = z.output<typeof bulkResult>

export const formOptions = z.strictObject({
  currencies: z.array(z.strictObject({ value: z.string(), label: z.string() })),
  /** What stands before and after the subdomain in a tenant's address. */
  address: z.strictObject({ before: z.string(), after: z.string() }),
})

const named = z.strictObject({ total: z.int(), names: z.array(z.string()) })
const ofKind = named.extend({ kind: z.string(), label: z.string(), plural: z.string() })
export const deletionPlan = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  slug: z.string(),
  users: named,
  /** What the tenant owns, by kind: it goes with it. */
  owned: z.array(ofKind),
  /** What the master assigned to it: it comes back. */
  returned: z.array(ofKind),
  roles: z.int(),
  groups: z.int(),
  /** Shares with others, and of others with it: both end. */
  sharesOut: z.int(),
  sharesIn: z.int(),
  /** Machines whose agent is told to uninstall. */
  agents: z.int(),
  enrolmentTokens: z.int(),
  sessions: z.int(),
  restoreDays: z.int(),
  restDays: z.int(),
})
export type DeletionPlan = z.output<typeof deletionPlan>

const tenantAgent = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  /** gone: it said so; told: it got the order and has not answered; silent: it has not reported since the tenant was deleted. */
  state: z.enum(['gone', 'told', 'silent']),
  lastSeenAt: iso.nullable(),
  toldAt: iso.nullable(),
  goneAt: iso.nullable(),
})
export type TenantAgent = z.output<typeof tenantAgent>
export const tenantAgentsInput = z.strictObject({
  id: z.uuid('Not an id'),
  cursor: pageInput.cursor,
  limit: pageInput.limit,
})
export const tenantAgents = pageOutput(tenantAgent).extend({
  from: z.int(),
  /** How many were told, and how many of these said that they are gone. */
  told: z.int(),
  gone: z.int(),
})
export type TenantAgents = z.output<typeof tenantAgents>

const setupStepId = z.enum(['role', 'infrastructure', 'users', 'handover'])
export const setupState = z.strictObject({
  steps: z.array(z.strictObject({ id: setupStepId, done: z.boolean(), skipped: z.boolean() })),
  finished: z.boolean(),
})
export const setupStepInput = z.strictObject({ id: z.uuid(), step: setupStepId, skipped: z.boolean() })
export type SetupState = z.output<typeof setupState>
