import { z } from 'zod'

const text = z.string().trim().max(100)

const filters = {
  search: text.optional(),
  result: z
    .array(z.enum(['ok', 'denied', 'failed']))
    .max(3)
    .optional(),
  /** First word of the event's name: tenant, user, host, session … */
  area: z
    .array(z.string().regex(/^[a-z_]{1,40}$/))
    .max(20)
    .optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  cursor: z.string().max(2000).optional(),
  limit: z.number().int().min(1).max(100).default(50),
}

export const auditListInput = z.strictObject(filters)
export const auditAllInput = z.strictObject({ ...filters, tenantId: z.uuid().optional() })
export const auditOfTenantInput = z.strictObject({ ...filters, tenantId: z.uuid() })
/** What narrows a log: what a person asks for, and what other pages do. */
export type AuditFilters = z.output<typeof auditListInput> & {
  /** Rows of one session in which the provider acted as a user. */
  actingSession?: string
  /** Rows of the provider's people under their own names. */
  ofProvider?: boolean
}

const event = z.strictObject({
  id: z.uuid(),
  /** Number in the tenant's chain; 1 is the first. */
  n: z.number().int(),
  at: z.iso.datetime({ offset: true }),
  tenant: z.strictObject({ id: z.uuid(), name: z.string(), slug: z.string(), icon: z.string() }),
  actor: z.strictObject({ id: z.uuid().nullable(), name: z.string(), fromProvider: z.boolean() }),
  /** As whom, where the provider acted as somebody; why, and in which session. */
  acting: z
    .strictObject({
      id: z.uuid().nullable(),
      name: z.string(),
      reason: z.string(),
      sessionId: z.uuid().nullable(),
    })
    .nullable(),
  event: z.string(),
  target: z.strictObject({ kind: z.string(), id: z.string(), name: z.string() }),
  result: z.enum(['ok', 'denied', 'failed']),
  reason: z.string(),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
  ip: z.string(),
  requestId: z.string(),
})
export type AuditRow = z.output<typeof event>

export const auditListOutput = z.strictObject({
  rows: z.array(event),
  nextCursor: z.string().optional(),
  prevCursor: z.string().optional(),
})

export const auditVerifyOutput = z.strictObject({
  /** Events whose place in the chain was checked. */
  checked: z.number().int(),
  intact: z.boolean(),
  /** Number of the first event that does not fit, if any. */
  brokenAt: z.number().int().nullable(),
  /** Hash of the newest seal, hex: write it down elsewhere to notice a log cut short. */
  head: z.string(),
})
