import { z } from 'zod'

/** Largest page of any list. */
const MAX_PAGE = 100
/** Lists count up to here; beyond it they say "10,000+". */
export const COUNT_CAP = 10_000

/** What every list takes: text to search for, and a page. */
export const pageInput = {
  search: z.string().trim().max(200).default(''),
  desc: z.boolean().default(false),
  cursor: z.string().max(2000).optional(),
  limit: z.int().min(1).max(MAX_PAGE).default(50),
}

/** What every list answers. `total` is exact up to COUNT_CAP and then a lower bound. */
export const pageOutput = <Row extends z.ZodType>(row: Row) =>
  z.strictObject({
    rows: z.array(row).max(MAX_PAGE),
    nextCursor: z.string().optional(),
    prevCursor: z.string().optional(),
    total: z.int(),
    totalCapped: z.boolean(),
  })

/** `total` and `totalCapped` of a count that stopped at COUNT_CAP + 1. */
export const totals = (counted: number) => ({
  total: Math.min(counted, COUNT_CAP),
  totalCapped: counted > COUNT_CAP,
})

/** A pattern for ILIKE that finds the text anywhere; what is special to LIKE in it stands for itself. */
export const likeAnywhere = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`
