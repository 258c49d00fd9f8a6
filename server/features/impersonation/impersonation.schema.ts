import { z } from 'zod'

/** How long, at the choice of who begins it; the database holds no longer one than an hour. */
const MINUTES = [15, 30, 60] as const
const DEFAULT_MINUTES = 30

/** Why: the tenant reads it in its log. Plain text on one line. */
const reason = z
  .string()
  .trim()
  .min(5, 'Say why, in a few words: the tenant reads it in its audit log')
  .max(500, 'Use at most 500 characters')
  .regex(/^[^\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069]*$/u, 'Use plain text on one line')

export const whomInput = z.strictObject({ tenantId: z.uuid(), userId: z.uuid() })

export const requestInput = whomInput.extend({
  reason,
  minutes: z.literal([...MINUTES]).default(DEFAULT_MINUTES),
  readOnly: z.boolean().default(true),
})
export type RequestInput = z.output<typeof requestInput>

/** `from`: path of the page that it is begun from, which quitting returns to. */
export const startInput = requestInput.extend({ from: z.string().max(500).default('/') })
export type StartInput = z.output<typeof startInput>

/** `next`: where this browser goes now. */
export const startOutput = z.strictObject({ id: z.uuid(), next: z.url() })
export const quitOutput = z.strictObject({ next: z.url() })
export const idOutput = z.strictObject({ id: z.uuid() })

export const POLICIES = ['always', 'ask', 'never'] as const
export const policy = z.enum(POLICIES)
export type Policy = z.output<typeof policy>

export const optionsOutput = z.strictObject({
  user: z.strictObject({ id: z.uuid(), name: z.string() }),
  tenant: z.strictObject({ id: z.uuid(), name: z.string() }),
  policy,
  /** Why it cannot be begun or asked for now; null: it can. */
  why: z.string().nullable(),
  /** What was asked of this tenant about this user within the last 24 hours, and not used yet. */
  request: z
    .strictObject({
      id: z.uuid(),
      state: z.enum(['waiting', 'approved', 'declined']),
      reason: z.string(),
      minutes: z.int(),
      readOnly: z.boolean(),
      /** ISO time at which it is void. */
      until: z.iso.datetime(),
    })
    .nullable(),
  /** The one that the person has under way: there is one at a time. */
  running: z
    .strictObject({
      subject: z.string(),
      tenant: z.string(),
      endsAt: z.iso.datetime(),
      /** Address of that tenant's console. */
      href: z.url(),
    })
    .nullable(),
})
export type ImpersonationOptions = z.output<typeof optionsOutput>
