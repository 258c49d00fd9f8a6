import { z } from 'zod'
import { POLICIES } from '@/server/features/impersonation/impersonation.schema'

const iso = z.iso.datetime({ offset: true })
const policy = z.enum(POLICIES)

export const access = z.strictObject({
  /** What the tenant chose. */
  own: policy,
  /** What its tenant role says for it; null: the tenant chooses. */
  locked: policy.nullable(),
  /** What holds. */
  effective: policy,
  can: z.strictObject({ change: z.boolean() }),
  why: z.strictObject({ change: z.string().optional() }),
})
export type ProviderAccess = z.output<typeof access>

export const setInput = z.strictObject({ policy })
export const idInput = z.strictObject({ id: z.uuid() })
export const decideInput = z.strictObject({ id: z.uuid(), approve: z.boolean() })
export const pageInput = z.strictObject({
  cursor: z.string().max(2000).optional(),
  limit: z.int().min(1).max(100).default(20),
})
export type PageInput = z.output<typeof pageInput>
export const actsInput = pageInput.extend({ id: z.uuid() })

const VISIT_STATES = ['waiting', 'approved', 'declined', 'void', 'live', 'ended'] as const

const visit = z.strictObject({
  id: z.uuid(),
  /** Who of the provider, and as whom of the tenant's own. */
  who: z.string(),
  subject: z.string(),
  reason: z.string(),
  minutes: z.int(),
  readOnly: z.boolean(),
  state: z.enum(VISIT_STATES),
  /** When it began, or was asked for. */
  at: iso,
  /** When it ended; while it is live, when it will at the latest; null: it never began. */
  until: iso.nullable(),
  /** Why it ended, or who answered; a few words. */
  note: z.string(),
  /** Rows of the tenant's audit log that were written in it; 100 at most are counted. */
  acts: z.int(),
})
export type Visit = z.output<typeof visit>
export const visits = z.strictObject({
  rows: z.array(visit).max(100),
  nextCursor: z.string().optional(),
  prevCursor: z.string().optional(),
})
export const changed = z.strictObject({ id: z.uuid() })
