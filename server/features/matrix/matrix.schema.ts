import { z } from 'zod'
import { CELL_LEVELS, MOST_CHANGES, REASONS, TARGETS } from '@/lib/matrix'
import { KINDS } from '@/lib/resource-kinds/registry'
import { pageInput, pageOutput } from '@/server/platform/page-schema'

const id = z.uuid('Not an id')
const iso = z.iso.datetime()
const kind = z.enum(KINDS.map((one) => one.kind) as [string, ...string[]], 'Unknown kind')
/** Ids travel in the URL: as many cells a call as fit there. */
const TILE = 50

export const matrixRowsInput = z.strictObject({
  kind: kind.optional(),
  cloudId: id.optional(),
  search: pageInput.search,
  /** Only resources that not every tenant has alike. */
  differing: z.boolean().default(false),
  cursor: pageInput.cursor,
  limit: pageInput.limit,
})
const row = z.strictObject({
  id,
  kind: z.string(),
  name: z.string(),
  visibility: z.enum(['private', 'public']),
  cloud: z.strictObject({ id, name: z.string() }).nullable(),
  /** Who uses it: the master, or the tenant that it is assigned to. */
  assigned: z.strictObject({ id, name: z.string() }),
})
export type MatrixRow = z.output<typeof row>
export const matrixRowsOutput = pageOutput(row)
export type MatrixRows = z.output<typeof matrixRowsOutput>

export const matrixTenantsInput = z.strictObject({
  search: pageInput.search,
  cursor: pageInput.cursor,
  limit: pageInput.limit,
})
const tenant = z.strictObject({ id, name: z.string(), icon: z.string() })
export type MatrixTenant = z.output<typeof tenant>
export const matrixTenantsOutput = pageOutput(tenant)
export type MatrixTenants = z.output<typeof matrixTenantsOutput>

export const matrixCellsInput = z.strictObject({
  resourceIds: z.array(id).min(1).max(TILE),
  tenantIds: z.array(id).min(1).max(TILE),
})
export const matrixCellsOutput = z.strictObject({
  rows: z.array(
    z.strictObject({
      id,
      /** Why each of the tenants that were asked for, in that order, has what it has; none for no access. */
      cells: z.array(z.array(z.enum(REASONS))),
    }),
  ),
})
export type MatrixCells = z.output<typeof matrixCellsOutput>

const cellChange = z.strictObject({
  resourceId: id,
  tenantId: id,
  /** What it was when the person looked: changed since, the change is refused. */
  from: z.enum(CELL_LEVELS),
  to: z.enum(TARGETS),
})
export type CellChange = z.output<typeof cellChange>
const rowChange = z.strictObject({ resourceId: id, to: z.enum(['public', 'private']) })
export type RowChange = z.output<typeof rowChange>
export const matrixChangeInput = z
  .strictObject({
    cells: z.array(cellChange).max(MOST_CHANGES).default([]),
    rows: z.array(rowChange).max(MOST_CHANGES).default([]),
  })
  .refine(({ cells, rows }) => cells.length + rows.length > 0, 'Nothing to change')
  .refine(({ cells, rows }) => cells.length + rows.length <= MOST_CHANGES, `At most ${MOST_CHANGES} at once`)
  .refine(
    ({ cells, rows }) =>
      new Set([...cells.map((c) => `${c.resourceId} ${c.tenantId}`), ...rows.map((r) => r.resourceId)])
        .size ===
      cells.length + rows.length,
    'Each cell once',
  )
export type MatrixChange = z.output<typeof matrixChangeInput>

const problem = z.strictObject({
  resourceId: id,
  /** Null: the whole row. */
  tenantId: id.nullable(),
  reason: z.string(),
})
export type Problem = z.output<typeof problem>
export const matrixPreviewOutput = z.strictObject({
  /** Who gains and loses what; none where something stands in the way. */
  lines: z.array(z.string()),
  problems: z.array(problem),
})
export const matrixApplyOutput = z.strictObject({ id, changed: z.int(), lines: z.array(z.string()) })

export const matrixHistoryInput = z.strictObject({ cursor: pageInput.cursor, limit: pageInput.limit })
const change = z.strictObject({
  id,
  createdAt: iso,
  createdBy: z.string(),
  changed: z.int(),
  lines: z.array(z.string()),
  undoneAt: iso.nullable(),
  undoneBy: z.string(),
  /** Until then it can be undone. */
  until: iso,
})
export type MatrixHistoryRow = z.output<typeof change>
export const matrixHistoryOutput = pageOutput(change)
export const matrixChangeId = z.strictObject({ id })
export const matrixLines = z.strictObject({ lines: z.array(z.string()) })
