import * as schema from '@/server/features/host-moves/host-moves.schema'
import * as moves from '@/server/features/host-moves/host-moves.service'
import * as undo from '@/server/features/host-moves/host-moves.undo.service'
import { procedure, router } from '@/server/rpc/procedure'

// Of the master's people, parent-level ones only: the services ask (PRODUCT rule 13).
const migrate = { scope: 'master', permission: ['hosts', 'full'], licence: 'use' } as const
const read = { scope: 'master', permission: ['hosts', 'read'], licence: 'use', audit: 'none' } as const
const IDS = { ids: 'anyHost', tenantId: 'tenant' } as const
const OF_MOVE = { id: 'hostMove' } as const

export const hostMovesRouter = router({
  preview: procedure({
    ...migrate,
    audit: 'none',
    ids: IDS,
    summary: 'What migrating hosts to another tenant would change, and what keeps them',
  })
    .input(schema.hostMoveInput)
    .output(schema.hostMovePreview)
    .query(({ ctx, input }) => moves.previewMove(ctx.op, input)),

  start: procedure({
    ...migrate,
    audit: 'host.migrate',
    ids: IDS,
    rest: { method: 'POST', path: '/api/v1/host-migrations' },
    summary: 'Migrate hosts of any tenant to another one, all or nothing, in the background',
  })
    .input(schema.hostMoveInput)
    .output(schema.hostMoveStarted)
    .mutation(async ({ ctx, input }) => ({ taskId: await moves.startMove(ctx.op, input) })),

  list: procedure({
    ...read,
    rest: { method: 'GET', path: '/api/v1/host-migrations' },
    summary: 'Migrations of the last 7 days, which can be undone',
  })
    .input(schema.hostMoveListInput)
    .output(schema.hostMoveListOutput)
    .query(({ ctx, input }) => moves.listMoves(ctx.op, input)),

  get: procedure({
    ...read,
    ids: OF_MOVE,
    rest: { method: 'GET', path: '/api/v1/host-migrations/{id}' },
    summary: 'One migration, and whether it can be undone',
  })
    .input(schema.hostMoveIdInput)
    .output(schema.hostMoveDetail)
    .query(({ ctx, input }) => moves.getMove(ctx.op, input.id)),

  undoPreview: procedure({
    ...migrate,
    audit: 'none',
    ids: OF_MOVE,
    summary: 'What undoing a migration would change, what keeps it, and what does not come back',
  })
    .input(schema.hostMoveIdInput)
    .output(schema.hostMoveUndoPreview)
    .query(({ ctx, input }) => undo.previewUndo(ctx.op, input.id)),

  undo: procedure({
    ...migrate,
    audit: 'host.migrate_undo',
    ids: OF_MOVE,
    rest: { method: 'POST', path: '/api/v1/host-migrations/{id}/undo' },
    summary: 'Undo a migration, all or nothing, in the background',
  })
    .input(schema.hostMoveIdInput)
    .output(schema.hostMoveStarted)
    .mutation(async ({ ctx, input }) => ({ taskId: await undo.startUndo(ctx.op, input.id) })),
})
