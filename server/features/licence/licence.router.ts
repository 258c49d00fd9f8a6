import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './licence.schema'
import * as service from './licence.service'

/** Licences of the installation, and the plans there are; the master's. */
export const licenceRouter = router({
  list: procedure({
    scope: 'master',
    permission: ['settings', 'read'],
    audit: 'none',
    summary: 'The licences, what they give together, and the plans there are',
  })
    .output(schema.licences)
    .query(({ ctx }) => service.list(ctx.op)),
  readKey: procedure({
    scope: 'master',
    permission: ['settings', 'full'],
    audit: 'none',
    summary: 'Say what a licence key holds, before it is activated',
  })
    .input(schema.keyInput)
    .output(schema.keyContent)
    .query(({ ctx, input }) => service.readLicenceKey(ctx.op, input.key)),
  activate: procedure({
    scope: 'master',
    permission: ['settings', 'full'],
    audit: 'licence.activate',
    summary: 'Activate a licence key',
  })
    .input(schema.keyInput)
    .output(schema.licenceId)
    .mutation(({ ctx, input }) => service.activate(ctx.op, input.key)),
  end: procedure({
    scope: 'master',
    permission: ['settings', 'full'],
    audit: 'licence.end',
    ids: { id: 'licence' },
    summary: 'End a licence key, or the trial, before its time',
  })
    .input(schema.licenceId)
    .output(schema.licenceId)
    .mutation(({ ctx, input }) => service.end(ctx.op, input.id)),
})
