import { z } from 'zod'

// Not trimmed: a trailing blank is a wrong name (attack B14). Bounds only keep a megabyte away from the hash.
const login = z.string().min(1, 'Enter your username.').max(256)
const password = z.string().min(1, 'Enter your password.').max(1000)
const next = z.string().max(2048).optional()

/** POST /api/auth/callback/credentials */
export const credentialsInput = z.strictObject({ login, password, csrfToken: z.string().max(200), next })

/** POST /api/auth/signout */
export const signOutInput = z.strictObject({ csrfToken: z.string().max(200) })

/** POST /api/sign-in/hand-off */
export const handOffInput = z.strictObject({ login, password })

/** POST /api/emergency */
export const emergencyInput = z.strictObject({ login, password })

/** GET /api/sign-in/hand-off/continue: whose nonce it is, by its hash. */
export const continueInput = z.strictObject({
  tenant: z.string().max(63),
  n: z.string().regex(/^[0-9a-f]{64}$/),
})

/** GET /api/sign-in/hand-off/finish */
export const finishInput = z.strictObject({ code: z.string().regex(/^[\w-]{43}$/) })
