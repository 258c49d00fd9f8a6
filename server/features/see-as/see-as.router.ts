import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './see-as.schema'
import * as drill from './see-as.service'

const drillIn = {
  scope: 'master',
  permission: ['tenants', 'read'],
  licence: 'use',
  ids: { tenantId: 'tenant' },
} as const

export const tenantResourcesRouter = router({
  open: procedure({
    ...drillIn,
    audit: 'tenant.drill_in',
    summary: 'Say in both logs that one looks at what a tenant sees',
  })
    .input(schema.tenantResourcesOpenInput)
    .output(schema.tenantResourcesOpenOutput)
    .mutation(async ({ ctx, input }) => ({ recorded: await drill.openDrill(ctx.op, input.tenantId) })),

  list: procedure({ ...drillIn, audit: 'none', summary: 'What a tenant sees, read-only' })
    .input(schema.tenantResourcesInput)
    .output(schema.tenantResourcesOutput)
    .query(({ ctx, input }) => drill.listTenantResources(ctx.op, input)),
})
