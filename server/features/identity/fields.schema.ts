import { z } from 'zod'

/** Printable and bounded; what is stored has no line breaks. */
export const text = (max: number, what: string) =>
  z
    .string()
    .trim()
    .min(1, `Enter ${what}.`)
    .max(max, `At most ${max} characters.`)
    .regex(/^[^\p{C}]*$/u, 'No control characters.')
