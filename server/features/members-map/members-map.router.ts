import { effects } from '@/server/features/resources/resources.schema'
import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './members-map.schema'
import * as service from './members-map.service'

const ofTenant = { scope: 'master', licence: 'use', ids: { tenantId: 'tenant' } } as const

/** Seed 004's members map: what the master gives a tenant, by type (PRODUCT rule 17). */
export const membersMapRouter = router({
  get: procedure({
    ...ofTenant,
    permission: ['tenants', 'read'],
    audit: 'none',
    summary: 'What the master gives a tenant, by type',
  })
    .input(schema.tenantInput)
    .output(schema.membersMap)
    .query(({ ctx, input }) => service.getMap(ctx.op, input.tenantId)),

  set: procedure({
    ...ofTenant,
    permission: ['tenants', 'full'],
    audit: 'grant.map',
    summary: 'Replace what the master gives a tenant',
  })
    .input(schema.setInput)
    .output(schema.membersMap)
    .mutation(({ ctx, input }) => service.setMap(ctx.op, input)),

  preview: procedure({
    ...ofTenant,
    permission: ['tenants', 'full'],
    audit: 'none',
    summary: 'Who would gain and lose what by a members map',
  })
    .input(schema.setInput)
    .output(effects)
    .query(async ({ ctx, input }) => ({ lines: await service.previewMap(ctx.op, input) })),
})
