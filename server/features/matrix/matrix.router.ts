import { procedure, router } from '@/server/rpc/procedure'
import * as change from './matrix.change.service'
import * as schema from './matrix.schema'
import * as matrix from './matrix.service'
import * as undo from './matrix.undo.service'

const read = { scope: 'master', permission: ['tenants', 'read'], licence: 'use', audit: 'none' } as const
// What may be done with each resource is asked of that one, as on its own page.
const write = { scope: 'master', permission: ['tenants', 'read'], licence: 'use' } as const
const CHANGE_IDS = {
  'cells.resourceId': 'resource',
  'cells.tenantId': 'tenant',
  'rows.resourceId': 'resource',
} as const
const OF_CHANGE = { id: 'matrixChange' } as const

export const matrixRouter = router({
  rows: procedure({
    ...read,
    ids: { cloudId: 'resource' },
    summary: 'Rows of the access matrix: what the master owns',
  })
    .input(schema.matrixRowsInput)
    .output(schema.matrixRowsOutput)
    .query(({ ctx, input }) => matrix.rowsOfMatrix(ctx.op, input)),

  tenants: procedure({ ...read, summary: 'Columns of the access matrix: active tenants' })
    .input(schema.matrixTenantsInput)
    .output(schema.matrixTenantsOutput)
    .query(({ ctx, input }) => matrix.tenantsOfMatrix(ctx.op, input)),

  cells: procedure({
    ...read,
    ids: { resourceIds: 'resource', tenantIds: 'tenant' },
    summary: 'Cells of the access matrix: what tenants have of resources, and why',
  })
    .input(schema.matrixCellsInput)
    .output(schema.matrixCellsOutput)
    .query(({ ctx, input }) => matrix.cellsOfMatrix(ctx.op, input)),

  preview: procedure({
    ...read,
    ids: CHANGE_IDS,
    summary: 'Who would gain and lose what by a change of the access matrix, and what stands in its way',
  })
    .input(schema.matrixChangeInput)
    .output(schema.matrixPreviewOutput)
    .query(({ ctx, input }) => change.previewChange(ctx.op, input)),

  change: procedure({
    ...write,
    audit: 'matrix.change',
    ids: CHANGE_IDS,
    summary: 'Change up to 500 cells of the access matrix, all or nothing',
  })
    .input(schema.matrixChangeInput)
    .output(schema.matrixApplyOutput)
    .mutation(({ ctx, input }) => change.applyChange(ctx.op, input)),

  history: procedure({ ...read, summary: 'Changes of the access matrix that can be undone' })
    .input(schema.matrixHistoryInput)
    .output(schema.matrixHistoryOutput)
    .query(({ ctx, input }) => matrix.historyOfMatrix(ctx.op, input)),

  undoPreview: procedure({
    ...read,
    ids: OF_CHANGE,
    summary: 'Who would gain and lose what by undoing a change of the access matrix',
  })
    .input(schema.matrixChangeId)
    .output(schema.matrixLines)
    .query(({ ctx, input }) => undo.previewUndo(ctx.op, input.id)),

  undo: procedure({
    ...write,
    audit: 'matrix.undo',
    ids: OF_CHANGE,
    summary: 'Undo a change of the access matrix, all or nothing',
  })
    .input(schema.matrixChangeId)
    .output(schema.matrixApplyOutput)
    .mutation(({ ctx, input }) => undo.undoChange(ctx.op, input.id)),
})
