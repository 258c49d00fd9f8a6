import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './settings.schema'
import * as service from './settings.service'

/** Settings of the installation, the master's. */
export const settingsRouter = router({
  multiTenancy: router({
    get: procedure({
      scope: 'master',
      permission: ['settings', 'read'],
      audit: 'none',
      summary: 'Whether multi-tenancy is on, and the licence',
    })
      .output(schema.multiTenancy)
      .query(({ ctx }) => service.multiTenancy(ctx.op)),
    set: procedure({
      scope: 'master',
      permission: ['settings', 'full'],
      audit: 'settings.multi_tenancy',
      summary: 'Turn multi-tenancy on or off',
    })
      .input(schema.setMultiTenancyInput)
      .output(schema.multiTenancy)
      .mutation(({ ctx, input }) => service.setMultiTenancy(ctx.op, input.enabled)),
  }),
})
