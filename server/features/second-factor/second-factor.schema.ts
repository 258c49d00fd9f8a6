import { z } from 'zod'

/** Six digits; blanks in between are how apps show them. */
export const totpCode = z
  .string()
  .max(20)
  .transform((text) => text.replace(/\s/g, ''))
  .pipe(z.string().regex(/^\d{6}$/, 'Enter the six digits that your app shows.'))
const current = z.string().min(1, 'Enter your password.').max(1000)

export const passkeyRow = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  host: z.string(),
  /** Whether it works on the host of this very page. */
  here: z.boolean(),
  createdAt: z.string(),
  lastUsedAt: z.string().nullable(),
})
export type PasskeyRow = z.output<typeof passkeyRow>

export const mineOutput = z.strictObject({
  totpSince: z.string().nullable(),
  recoveryLeft: z.int(),
  passkeys: z.array(passkeyRow).max(10),
  /** A tenant asks for a second factor: the last one stays. */
  required: z.boolean(),
  /** Characters that a new password of mine needs. */
  passwordMin: z.int(),
})
export type MyFactors = z.output<typeof mineOutput>

export const setUpOutput = z.strictObject({ secret: z.string(), qr: z.string(), ticket: z.string() })
export const enableInput = z.strictObject({ ticket: z.string().max(1000), code: totpCode, current })
export type EnableInput = z.output<typeof enableInput>
export const currentInput = z.strictObject({ current })
/** Shown this once; empty where the former codes stay. */
export const codesOutput = z.strictObject({ recoveryCodes: z.array(z.string()).max(10) })
export const doneOutput = z.strictObject({ done: z.boolean() })
