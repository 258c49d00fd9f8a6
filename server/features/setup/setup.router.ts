import { setupInput, setupOutput } from '@/server/features/setup/setup.schema'
import { finishSetup } from '@/server/features/setup/setup.service'
import { publicProcedure, router } from '@/server/rpc/procedure'

export const setupRouter = router({
  finish: publicProcedure({
    scope: 'public',
    audit: 'setup.finish',
    summary: 'First-run set-up, once, with the code from the terminal',
  })
    .input(setupInput)
    .output(setupOutput)
    .mutation(({ ctx, input }) => finishSetup(ctx.op, input)),
})
