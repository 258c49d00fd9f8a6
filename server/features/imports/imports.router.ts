import * as schema from '@/server/features/imports/imports.schema'
import * as imports from '@/server/features/imports/imports.service'
import { procedure, router } from '@/server/rpc/procedure'

// As for making one thing: a claim or an entry may allow it in one cloud beyond the level.
const base = { scope: 'tenant', permission: { ofKind: 'read' }, ids: { cloudId: 'resource' } } as const

export const importsRouter = router({
  preview: procedure({
    ...base,
    audit: 'none',
    summary: 'What an import of an inventory would do, row by row',
  })
    .input(schema.importPreviewInput)
    .output(schema.importPlan)
    .query(({ ctx, input }) => imports.previewImport(ctx.op, input)),

  run: procedure({
    ...base,
    audit: 'resource.import',
    impersonating: 'allowed',
    rest: { method: 'POST', path: '/api/v1/resources/{kind}/import' },
    summary: 'Import an inventory: make and change many resources of a kind, all or none',
  })
    .input(schema.importRunInput)
    .output(schema.importResult)
    .mutation(({ ctx, input }) => imports.runImport(ctx.op, input)),
})
