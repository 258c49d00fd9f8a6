import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './see-as.schema'
import * as drill from './see-as.service'
import * as things from './see-as.thing.service'

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

  list: procedure({
    ...drillIn,
    ids: { tenantId: 'tenant', roleId: 'role' },
    audit: 'none',
    summary: 'What a tenant sees, read-only',
  })
    .input(schema.tenantResourcesInput)
    .output(schema.tenantResourcesOutput)
    .query(({ ctx, input }) => drill.listTenantResources(ctx.op, input)),

  overview: procedure({
    ...drillIn,
    ids: { tenantId: 'tenant', roleId: 'role' },
    audit: 'none',
    summary: 'How much of each kind a tenant sees, and the roles to look through',
  })
    .input(schema.seeAsOverviewInput)
    .output(schema.seeAsOverview)
    .query(({ ctx, input }) => things.overviewOf(ctx.op, input)),

  get: procedure({
    ...drillIn,
    ids: { tenantId: 'tenant', id: 'resource', roleId: 'role' },
    audit: 'none',
    summary: 'One thing as a tenant has it, and what its people could do with it',
  })
    .input(schema.seeAsThingInput)
    .output(schema.seeAsThing)
    .query(({ ctx, input }) => things.thingOf(ctx.op, input)),
})
