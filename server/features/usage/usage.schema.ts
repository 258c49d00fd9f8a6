import { z } from 'zod'
import { pageInput, pageOutput } from '@/server/platform/page-schema'

/** Months that are kept, the one that runs among them. */
export const MONTHS_KEPT = 25

const id = z.uuid('Not an id')
const count = z.int().min(0)
/** As 2026-11, in UTC. */
const monthText = z
  .string()
  .max(7)
  .regex(/^20\d\d-(0[1-9]|1[0-2])$/, 'Give a month as 2026-11')
/** How full, in per cent: below 80, from 80 on, from 100 on. */
const level = z.union([z.literal(0), z.literal(80), z.literal(100)])
export type PoolLevel = z.output<typeof level>

/** One month of what was counted day by day. Days on which nothing was counted are no part of it. */
const month = z.strictObject({
  month: monthText,
  days: count,
  /** Hosts: the highest day, and the mean of all days, to a tenth. */
  peak: count,
  average: z.number(),
  /** On the last day that was counted. */
  users: count,
  machines: count,
})
export type UsageMonth = z.output<typeof month>
const months = z.array(month).max(MONTHS_KEPT + 1)

export const poolView = z.strictObject({
  /** Hosts that the licence counts, over all tenants but deleted ones. */
  used: count,
  /** Hosts that it covers; null: any number. */
  limit: count.nullable(),
  level,
  /** Tenants that have a slice, and how many hosts these are together. */
  slices: z.strictObject({ tenants: count, hosts: count }),
  months: z
    .array(z.strictObject({ month: monthText, peak: count, average: z.number(), limit: count.nullable() }))
    .max(MONTHS_KEPT + 1),
  can: z.strictObject({ slice: z.boolean() }),
  why: z.strictObject({ slice: z.string().optional() }),
})
export type PoolView = z.output<typeof poolView>

export const USAGE_SORTS = ['name', 'hosts', 'slice', 'peak'] as const
export const usageListInput = z.strictObject({
  ...pageInput,
  sort: z.enum(USAGE_SORTS).default('name'),
  /** Whose peak and average; unset: the one that runs. */
  month: monthText.optional(),
})
export type UsageListInput = z.output<typeof usageListInput>

const tenantNow = {
  hosts: count,
  /** At most so many; null: as many as the licence has. */
  slice: count.nullable(),
  /** Of the slice. */
  level,
}
export const usageRow = z.strictObject({
  id,
  name: z.string(),
  icon: z.string(),
  master: z.boolean(),
  status: z.enum(['active', 'disabled', 'deleted']),
  ...tenantNow,
  /** Of the month; null: not counted in it. */
  peak: count.nullable(),
  average: z.number().nullable(),
  users: count.nullable(),
  machines: count.nullable(),
})
export type UsageRow = z.output<typeof usageRow>
export const usagePage = pageOutput(usageRow).extend({ from: z.int(), month: monthText })
export type UsagePage = z.output<typeof usagePage>

export const tenantUsageInput = z.strictObject({ tenantId: id })
export const tenantUsage = z.strictObject({ ...tenantNow, months })
export type TenantUsage = z.output<typeof tenantUsage>

export const setSliceInput = z.strictObject({
  tenantId: id,
  /** Null: no slice. */
  hosts: z
    .int('Enter a whole number')
    .min(0, 'Enter 0 or more')
    .max(1_000_000, 'Enter at most 1,000,000')
    .nullable(),
})
export const sliceView = z.strictObject({ tenantId: id, hosts: count, slice: count.nullable() })

export const ownUsage = z.strictObject({
  plan: z.strictObject({
    /** Who provides it; null: the tenant is the provider itself. */
    provider: z.string().nullable(),
    /** `none`: there never was a licence; `ended`: nothing new until it is renewed. */
    state: z.enum(['current', 'ended', 'none']),
    /** The provider's own only. */
    licence: z
      .strictObject({
        source: z.enum(['trial', 'stripe', 'key']),
        hostLimit: count.nullable(),
        capabilities: z.array(z.string()),
        expiresAt: z.iso.datetime({ offset: true }),
        /** A subscription that goes on by itself. */
        renews: z.boolean(),
      })
      .nullable(),
  }),
  status: z.enum(['active', 'disabled', 'deleted']),
  currency: z.string(),
  ...tenantNow,
  users: count,
  machines: count,
  clouds: count,
  months,
})
export type OwnUsage = z.output<typeof ownUsage>

/** What a list of hosts warns of; null: nothing. Of the licence for the provider alone. */
export const hostWarning = z
  .strictObject({ of: z.enum(['licence', 'slice']), level, used: count, most: count })
  .nullable()
export type HostWarning = z.output<typeof hostWarning>

/** Of a download: the first and the last month; unset: all that is kept. */
export const usageRange = z.object({ from: monthText.optional(), to: monthText.optional() })
