import { z } from 'zod'

const iso = z.iso.datetime({ offset: true })

export const multiTenancy = z.strictObject({
  /** What holds now, of environment and toggle. */
  enabled: z.boolean(),
  source: z.enum(['environment', 'toggle']),
  state: z.enum(['on', 'off', 'unlicensed', 'expired']),
  /** Subtenants there are; they stay when it is turned off. */
  tenants: z.int(),
  licence: z
    .strictObject({
      source: z.enum(['trial', 'stripe', 'key']),
      capabilities: z.array(z.string()),
      /** Hosts over all tenants; null: no limit. */
      hostLimit: z.int().nullable(),
      startsAt: iso,
      expiresAt: iso,
      expired: z.boolean(),
      /** Goes on by itself. */
      renews: z.boolean(),
      /** Whole days until it ends, 0 on the last one; negative after it. */
      daysLeft: z.int(),
    })
    .nullable(),
  hostsUsed: z.int(),
  can: z.strictObject({ set: z.boolean() }),
  why: z.strictObject({ set: z.string().optional() }),
})
export type MultiTenancy = z.output<typeof multiTenancy>

/** `confirm` says that the person read what it changes. */
export const setMultiTenancyInput = z.strictObject({
  enabled: z.boolean(),
  confirm: z.literal(true, 'Confirm it first'),
})

export const sharing = z.strictObject({
  /** Whether shares wait until an admin of their target accepts (PRODUCT rule 16). */
  requireAcceptance: z.boolean(),
  can: z.strictObject({ set: z.boolean() }),
  why: z.strictObject({ set: z.string().optional() }),
})
export type SharingSettings = z.output<typeof sharing>
export const setSharingInput = z.strictObject({ requireAcceptance: z.boolean() })
