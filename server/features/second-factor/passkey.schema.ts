import { z } from 'zod'

const base64url = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[\w-]+$/)

const current = z.string().min(1, 'Enter your password.').max(1000)

/** What an authenticator answers to a sign-in, of which the rest is not needed. */
export const assertion = z.strictObject({
  id: base64url(1400),
  clientDataJSON: base64url(4000),
  authenticatorData: base64url(4000),
  signature: base64url(2000),
})
export type Assertion = z.output<typeof assertion>

export const addPasskeyInput = z.strictObject({
  name: z.string().trim().min(1, 'Give it a name.').max(60),
  current,
  id: base64url(1400),
  clientDataJSON: base64url(4000),
  attestationObject: base64url(20_000),
  transports: z.array(z.string().max(30)).max(10),
})
export type AddPasskey = z.output<typeof addPasskeyInput>

export const removePasskeyInput = z.strictObject({ id: z.uuid(), current })

/** As the browser's own interface takes it; JSON. */
export const optionsOutput = z.strictObject({ options: z.string() })
