import { z } from 'zod'
import { LONGEST_VALUE, MOST_IMPORTED } from '@/lib/inventory'
import { KINDS } from '@/lib/resource-kinds/registry'

const kind = z.enum(KINDS.map((one) => one.kind) as [string, ...string[]], 'Unknown kind')
const row = z.strictObject({
  /** Checked with the rest: a wrong name is told beside its row. */
  name: z.string().max(1000),
  /** Texts by field, as the file has them. */
  values: z.record(z.string().max(40), z.string().max(LONGEST_VALUE)),
})
const base = {
  kind,
  /** Where the things stand; without it in none. */
  cloudId: z.uuid('Not an id').optional(),
  rows: z.array(row).min(1, 'There is nothing to import').max(MOST_IMPORTED, `At most ${MOST_IMPORTED} rows`),
  /** What to do with a thing of this kind and name that the tenant has there already. */
  existing: z.enum(['update', 'skip']).default('update'),
}
export const importPreviewInput = z.strictObject(base)
export const importRunInput = z.strictObject({
  ...base,
  /** Leaves wrong rows out instead of refusing all. */
  leaveOutWrong: z.boolean().default(false),
})

const OUTCOMES = ['create', 'update', 'same', 'skip', 'wrong'] as const
export const importPlan = z.strictObject({
  /** In the order of the rows that were sent. */
  rows: z.array(
    z.strictObject({
      name: z.string(),
      outcome: z.enum(OUTCOMES),
      /** What is wrong, by field; `name` is the name. */
      problems: z.record(z.string(), z.string()),
    }),
  ),
  counts: z.strictObject({
    create: z.int(),
    update: z.int(),
    same: z.int(),
    skip: z.int(),
    wrong: z.int(),
  }),
})
export type ImportPlan = z.output<typeof importPlan>
export const importResult = z.strictObject({
  created: z.int(),
  updated: z.int(),
  /** Already as the file has them, or left alone as asked. */
  untouched: z.int(),
  /** Wrong rows that were left out. */
  leftOut: z.int(),
})
