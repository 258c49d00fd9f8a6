import { randomInt } from 'node:crypto'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const LENGTHS: Record<string, number> = { cus: 14, prod: 14, si: 14, cs_test: 58 }

/** `cus_` and letters that nobody guesses, as long as Stripe's own. */
export const newId = (prefix: string): string =>
  `${prefix}_${Array.from({ length: LENGTHS[prefix] ?? 24 }, () => LETTERS[randomInt(LETTERS.length)]).join('')}`
