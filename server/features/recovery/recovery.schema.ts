import { z } from 'zod'
import { newPassword } from '@/server/platform/password-policy'

// Of any form: a cut-off token is answered like one that never was (attack C04).
const token = z.string().min(1).max(200)

/** POST /api/sign-in/forgot. One text: never a list of addresses (attack C05). */
export const forgotInput = z.strictObject({
  login: z.string().min(1, 'Enter your username or e-mail address.').max(320),
})

/** POST /api/sign-in/reset/check and /api/sign-in/verify/check */
export const linkInput = z.strictObject({ token })

/** POST /api/sign-in/reset */
export const resetInput = z
  .strictObject({ token, password: newPassword, confirm: z.string().max(200) })
  .refine(({ password, confirm }) => password === confirm, {
    path: ['confirm'],
    message: 'The two passwords differ.',
  })
export type ResetInput = z.output<typeof resetInput>
