import { z } from 'zod'
import { pageInput, pageOutput } from '@/server/platform/page-schema'

const HOUR = 1
const YEAR = 365 * 24

export const enrolmentTokenListInput = z.strictObject({ cursor: pageInput.cursor, limit: pageInput.limit })

/** `state`: whether a machine can enrol with it now, and why not. */
const enrolmentTokenRow = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  maxUses: z.int(),
  uses: z.int(),
  expiresAt: z.iso.datetime(),
  createdAt: z.iso.datetime(),
  state: z.enum(['live', 'used', 'expired', 'revoked']),
})
export type EnrolmentTokenRow = z.output<typeof enrolmentTokenRow>

export const enrolmentTokenListOutput = pageOutput(enrolmentTokenRow).extend({
  from: z.int(),
  can: z.strictObject({ create: z.boolean(), revoke: z.boolean() }),
})

export const enrolmentTokenCreateInput = z.strictObject({
  name: z.string().trim().min(1, 'Enter a name').max(100, 'At most 100 characters'),
  /** Machines that may enrol with it. */
  maxUses: z
    .int('Enter a whole number')
    .min(1, 'At least 1 machine')
    .max(10_000, 'At most 10,000 machines')
    .default(1),
  expiresInHours: z
    .int('Enter a whole number')
    .min(HOUR, 'At least an hour')
    .max(YEAR, 'At most 365 days')
    .default(24),
})

/** The only time the token is shown: the database holds its hash. */
export const enrolmentTokenCreated = z.strictObject({
  id: z.uuid(),
  token: z.string(),
  expiresAt: z.iso.datetime(),
  /** What to run on the machine; the token is in no argument and no address. */
  command: z.string(),
  /** The same for Windows, in an elevated PowerShell. */
  windowsCommand: z.string(),
})
export type EnrolmentTokenCreated = z.output<typeof enrolmentTokenCreated>

export const enrolmentTokenIdInput = z.strictObject({ id: z.uuid('Not an id') })
export const enrolmentTokenRevoked = z.strictObject({ id: z.uuid() })
