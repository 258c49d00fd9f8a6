import { z } from 'zod'
import { verdict } from '@/server/features/resources/resources.schema'

const id = z.uuid('Not an id')

export const cloudIdInput = z.strictObject({ id })
export const cloudRef = z.strictObject({ id, name: z.string() })
const level = z.enum(['read', 'full'])

/** Public clouds that the tenant role grants (rule 5). */
export const cloudOffers = z.strictObject({
  rows: z
    .array(
      z.strictObject({
        id,
        name: z.string(),
        description: z.string(),
        location: z.string(),
        /** read: its public things are seen; full: they may be used, and things may be placed in it. */
        level,
        added: z.boolean(),
      }),
    )
    .max(1000),
  can: z.strictObject({ add: verdict }),
})
export type CloudOffers = z.output<typeof cloudOffers>

export const cloudAdded = z.strictObject({
  id,
  name: z.string(),
  group: z.strictObject({ id, name: z.string() }),
})

export const movePreviewInput = z.strictObject({ id, tenantId: id })
export const movePreview = z.strictObject({
  total: z.int(),
  counts: z.array(z.strictObject({ kind: z.string(), label: z.string(), count: z.int() })),
  lines: z.array(z.string()),
  /** What third tenants own in it; with it the cloud does not move. At most 50 of them. */
  blockers: z.array(
    z.strictObject({ kind: z.string(), label: z.string(), name: z.string(), tenant: z.string() }),
  ),
  blocked: z.int(),
  /** It takes longer than a request. */
  background: z.boolean(),
})
export type MovePreview = z.output<typeof movePreview>

export const cloudOverview = z.strictObject({
  /** What stands in it, as far as the person sees it, by kind in the order of the menu. */
  counts: z.array(z.strictObject({ kind: z.string(), label: z.string(), count: z.int() })),
  /** How the acting tenant has it: as its own, assigned to it, or added from its provider's offer. */
  added: z
    .strictObject({ level, group: z.strictObject({ id, name: z.string() }).nullable(), remove: verdict })
    .nullable(),
  /** The master's to know: which tenant roles grant it while it is public, and how many tenants have added it. */
  offer: z
    .strictObject({
      public: z.boolean(),
      roles: z.array(z.strictObject({ id, name: z.string(), level })),
      tenants: z.int(),
    })
    .nullable(),
})
export type CloudOverview = z.output<typeof cloudOverview>

export const startsWithInput = z.strictObject({ tenantRoleId: id })
export const startsWith = z.strictObject({
  rows: z.array(z.strictObject({ id, name: z.string(), level })).max(1000),
})
