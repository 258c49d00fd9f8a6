import { z } from 'zod'
import { normaliseUsername } from '@/lib/login-name'
import { newPassword } from '@/server/platform/password-policy'

const words = (what: string, max: number) =>
  z.string().trim().min(1, `Enter ${what}.`).max(max, `Use at most ${max} characters.`)

const username = z
  .string()
  .max(256)
  .transform((text, context) => {
    const name = normaliseUsername(text.trim())
    if (name !== null) return name
    context.addIssue({
      code: 'custom',
      message: 'Use up to 64 of a-z, 0-9 and . _ @ + -, beginning with a letter or digit.',
    })
    return z.NEVER
  })

export const setupInput = z
  .strictObject({
    code: z.string().trim().min(1, 'Enter the code from the terminal.').max(100),
    organisation: words("your organisation's name", 100),
    firstName: words('your first name', 100),
    lastName: words('your last name', 100),
    username,
    email: z.email('Enter an e-mail address, such as mara@example.com.').max(254),
    password: newPassword,
    confirm: z.string().max(200),
  })
  .refine(({ password, confirm }) => password === confirm, {
    path: ['confirm'],
    message: 'The two passwords differ.',
  })
export type SetupInput = z.output<typeof setupInput>

/** The name to sign in with now. */
export const setupOutput = z.strictObject({ username: z.string() })
