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
  sharing: router({
    get: procedure({
      scope: 'master',
      permission: ['settings', 'read'],
      audit: 'none',
      summary: 'How shares between tenants are taken up',
    })
      .output(schema.sharing)
      .query(({ ctx }) => service.sharing(ctx.op)),
    set: procedure({
      scope: 'master',
      permission: ['settings', 'full'],
      audit: 'settings.sharing',
      summary: 'Say whether shares wait until their target accepts',
    })
      .input(schema.setSharingInput)
      .output(schema.sharing)
      .mutation(({ ctx, input }) => service.setSharing(ctx.op, input.requireAcceptance)),
  }),
})
