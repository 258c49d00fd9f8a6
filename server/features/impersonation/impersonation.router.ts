import type { Declaration } from '@/server/rpc/declaration'
import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './impersonation.schema'
import * as service from './impersonation.service'

const master = { scope: 'master', permission: ['impersonate', 'full'], licence: 'use' } as const
const whom = { tenantId: 'tenant', userId: 'user' } satisfies Declaration['ids']

/** Acting in a subtenant as one of its users (PRODUCT rule 12). */
export const impersonationRouter = router({
  options: procedure({
    ...master,
    audit: 'none',
    ids: whom,
    summary: 'Whether a user of a subtenant can be impersonated now, and what stands in the way',
  })
    .input(schema.whomInput)
    .output(schema.optionsOutput)
    .query(({ ctx, input }) => service.impersonationOptions(ctx.op, input)),

  request: procedure({
    ...master,
    audit: 'impersonation.request',
    ids: whom,
    summary: 'Ask a subtenant to be let in as one of its users',
  })
    .input(schema.requestInput)
    .output(schema.idOutput)
    .mutation(({ ctx, input }) => service.requestImpersonation(ctx.op, input)),

  start: procedure({
    ...master,
    audit: 'impersonation.start',
    ids: whom,
    summary: 'Begin to act as a user of a subtenant, for a reason and a time',
  })
    .input(schema.startInput)
    .output(schema.startOutput)
    .mutation(({ ctx, input }) => service.startImpersonation(ctx.op, input)),

  end: procedure({
    ...master,
    audit: 'impersonation.quit',
    summary: 'End the impersonation that one has under way, from the master’s side',
  })
    .output(schema.idOutput)
    .mutation(({ ctx }) => service.endRunning(ctx.op)),

  quit: procedure({
    scope: 'self',
    audit: 'impersonation.quit',
    impersonating: 'quits',
    summary: 'Stop acting as somebody else and go back to the page that it began from',
  })
    .output(schema.quitOutput)
    .mutation(async ({ ctx }) => {
      const { next, cookie } = await service.quitImpersonation(ctx.op)
      ctx.resHeaders?.append('set-cookie', cookie)
      return { next }
    }),
})
