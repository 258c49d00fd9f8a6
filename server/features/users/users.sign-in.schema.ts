import { z } from 'zod'
import { userId, userRef } from './users.schema'

/** How somebody signs in, and where they are signed in in this tenant. */
export const userSignIn = z.strictObject({
  user: userRef.extend({ username: z.string(), email: z.string(), home: z.boolean() }),
  emailVerified: z.boolean(),
  /** Null where the account belongs to another tenant, which alone knows. */
  factors: z.strictObject({ app: z.boolean(), passkeys: z.int() }).nullable(),
  sessions: z
    .array(
      z.strictObject({
        id: z.uuid(),
        device: z.string(),
        ip: z.string(),
        createdAt: z.string(),
        lastSeenAt: z.string(),
      }),
    )
    .max(100),
  can: z.strictObject({ endSessions: z.boolean(), removeFactors: z.boolean() }),
  why: z.strictObject({ endSessions: z.string().optional(), removeFactors: z.string().optional() }),
})
export type UserSignIn = z.output<typeof userSignIn>

export const endSessionInput = userId.extend({ sessionId: z.uuid() })
