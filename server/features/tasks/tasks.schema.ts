import { z } from 'zod'
import { pageInput, pageOutput } from '@/server/platform/page-schema'

const id = z.uuid('Not an id')
const iso = z.iso.datetime()

export const taskIdInput = z.strictObject({ id })
export const taskListInput = z.strictObject({ cursor: pageInput.cursor, limit: pageInput.limit })
export const taskRow = z.strictObject({
  id,
  kind: z.string(),
  title: z.string(),
  status: z.enum(['queued', 'running', 'done', 'failed']),
  /** Of `total`, how much the present attempt has done. */
  done: z.int(),
  total: z.int(),
  /** Who asked for it; empty where they are no user of this tenant. */
  by: z.string(),
  mine: z.boolean(),
  error: z.string(),
  /** Who gained and who lost what, once it is done. */
  lines: z.array(z.string()),
  createdAt: iso,
  startedAt: iso.nullable(),
  finishedAt: iso.nullable(),
})
export type TaskRow = z.output<typeof taskRow>
export const taskListOutput = pageOutput(taskRow).extend({ from: z.int() })
export type TaskList = z.output<typeof taskListOutput>
