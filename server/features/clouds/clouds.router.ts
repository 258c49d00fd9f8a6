import * as schema from '@/server/features/clouds/clouds.schema'
import * as clouds from '@/server/features/clouds/clouds.service'
import { procedure, router } from '@/server/rpc/procedure'

const read = { scope: 'tenant', permission: ['clouds', 'read'], audit: 'none' } as const
const change = { scope: 'tenant', permission: ['clouds', 'full'], ids: { id: 'resource' } } as const

export const cloudsRouter = router({
  offered: procedure({
    ...read,
    rest: { method: 'GET', path: '/api/v1/clouds/offered' },
    summary: 'Public clouds that the provider offers this tenant, added or not',
  })
    .output(schema.cloudOffers)
    .query(({ ctx }) => clouds.offered(ctx.op)),

  overview: procedure({
    ...read,
    ids: { id: 'resource' },
    summary: 'What stands in a cloud, how one has it and, for the master, who is offered it',
  })
    .input(schema.cloudIdInput)
    .output(schema.cloudOverview)
    .query(({ ctx, input }) => clouds.overview(ctx.op, input.id)),

  add: procedure({
    ...change,
    audit: 'cloud.add',
    impersonating: 'allowed',
    rest: { method: 'POST', path: '/api/v1/clouds/{id}/add' },
    summary: 'Add an offered cloud, with a group of its name',
  })
    .input(schema.cloudIdInput)
    .output(schema.cloudAdded)
    .mutation(({ ctx, input }) => clouds.addCloud(ctx.op, input.id)),

  removeAdded: procedure({
    ...change,
    audit: 'cloud.remove_added',
    impersonating: 'allowed',
    rest: { method: 'DELETE', path: '/api/v1/clouds/{id}/add' },
    summary: 'Take an added cloud off the list',
  })
    .input(schema.cloudIdInput)
    .output(schema.cloudRef)
    .mutation(({ ctx, input }) => clouds.removeAdded(ctx.op, input.id)),

  movePreview: procedure({
    scope: 'master',
    permission: ['clouds', 'full'],
    licence: 'use',
    audit: 'none',
    ids: { id: 'resource', tenantId: 'tenant' },
    summary: 'What assigning a cloud would move, for whom, and what stands in its way',
  })
    .input(schema.movePreviewInput)
    .output(schema.movePreview)
    .query(({ ctx, input }) => clouds.movePreview(ctx.op, input.id, input.tenantId)),

  startsWith: procedure({
    scope: 'master',
    permission: ['tenants', 'read'],
    licence: 'use',
    audit: 'none',
    ids: { tenantRoleId: 'tenantRole' },
    summary: 'Clouds that a new tenant with a tenant role has from the start',
  })
    .input(schema.startsWithInput)
    .output(schema.startsWith)
    .query(({ ctx, input }) => clouds.startsWith(ctx.op, input.tenantRoleId)),
})
