import { z } from 'zod'

const iso = z.string()

export const sessionRow = z.strictObject({
  id: z.uuid(),
  /** The session of this very request. */
  current: z.boolean(),
  /** "Firefox on Linux", as far as the browser says. */
  device: z.string(),
  ip: z.string(),
  createdAt: iso,
  lastSeenAt: iso,
  expiresAt: iso,
})
export type SessionRow = z.output<typeof sessionRow>

export const sessionsOutput = z.strictObject({ rows: z.array(sessionRow).max(100) })
export const sessionInput = z.strictObject({ id: z.uuid() })
export const endedOutput = z.strictObject({ ended: z.number().int() })
