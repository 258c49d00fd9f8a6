import { z } from 'zod'
import { pageInput, pageOutput } from '@/server/platform/page-schema'

/** So many hosts migrate at once: all of them or none (PRODUCT rule 13). */
export const MOST_HOSTS = 10_000
/** For so many days a migration can be undone. */
export const UNDO_DAYS = 7

const id = z.uuid('Not an id')
const iso = z.iso.datetime()
const verdict = z.strictObject({ allowed: z.boolean(), reason: z.string().optional() })
const lines = z.array(z.string())

export const hostMoveInput = z.strictObject({
  ids: z
    .array(id)
    .min(1, 'Choose a host')
    .max(MOST_HOSTS, `At most ${MOST_HOSTS.toLocaleString('en')} hosts at once`),
  /** Where they go. */
  tenantId: id,
})
export const hostMovePreview = z.strictObject({
  hosts: z.int(),
  /** That stand on them, and go along. */
  things: z.int(),
  /** What keeps them all, by name; none where nothing does. */
  blockers: lines,
  blocked: z.int(),
  /** Who gains and who loses what; none where something keeps them. */
  lines,
  /** What stays as it is. */
  notes: lines,
})
export type HostMovePreview = z.output<typeof hostMovePreview>

/** The task that does it; of a migration also the migration's own id, once it is done. */
export const hostMoveStarted = z.strictObject({ taskId: id })

const row = z.strictObject({
  id,
  to: z.string(),
  hosts: z.int(),
  createdAt: iso,
  createdBy: z.string(),
  undoneAt: iso.nullable(),
  undoneBy: z.string(),
  /** Until then it can be undone. */
  until: iso,
})
export type HostMoveRow = z.output<typeof row>
export const hostMoveListInput = z.strictObject({ cursor: pageInput.cursor, limit: pageInput.limit })
export const hostMoveListOutput = pageOutput(row).extend({ from: z.int() })
export type HostMoveList = z.output<typeof hostMoveListOutput>

export const hostMoveIdInput = z.strictObject({ id })
export const hostMoveDetail = row.extend({
  things: z.int(),
  /** Who gained and lost what, as the audit row says. */
  lines,
  /** The first hosts by name. */
  names: lines,
  undo: verdict,
})
export type HostMoveDetail = z.output<typeof hostMoveDetail>

export const hostMoveUndoPreview = z.strictObject({
  /** What keeps it from being undone, by name; none where nothing does. */
  blockers: lines,
  blocked: z.int(),
  lines,
  /** What does not come back, and what ends. */
  lost: lines,
})
export type HostMoveUndoPreview = z.output<typeof hostMoveUndoPreview>
