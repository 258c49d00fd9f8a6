import { effects } from '@/server/features/resources/resources.schema'
import { procedure, router } from '@/server/rpc/procedure'
import * as answer from './grants.answer.service'
import * as schema from './grants.schema'
import * as service from './grants.service'
import * as several from './grants.tenants.service'
import * as write from './grants.write.service'

const read = { scope: 'tenant', permission: ['sharing', 'read'], licence: 'use', audit: 'none' } as const
const give = { scope: 'tenant', permission: ['sharing', 'full'], licence: 'use' } as const
// Decided by the role's own level: a cap without sharing stops giving, not taking (mayAnswer).
const decide = { scope: 'tenant', permission: ['sharing', 'read'], licence: 'use' } as const

/** Shares between tenants (PRODUCT rule 16). */
export const grantsRouter = router({
  outgoing: procedure({
    ...read,
    ids: { resourceId: 'resource' },
    summary: 'What the tenant shares with others',
  })
    .input(schema.outgoingInput)
    .output(schema.outgoingOutput)
    .query(({ ctx, input }) => service.outgoing(ctx.op, input)),

  incoming: procedure({ ...read, summary: 'What others share with the tenant, waiting ones first' })
    .input(schema.incomingInput)
    .output(schema.incomingOutput)
    .query(({ ctx, input }) => service.incoming(ctx.op, input)),

  target: procedure({
    ...give,
    audit: 'none',
    ids: { tenantId: 'tenant' },
    summary: 'The name behind a sharing address',
  })
    .input(schema.targetInput)
    .output(schema.target)
    .query(({ ctx, input }) => service.target(ctx.op, input.tenantId)),

  tenants: procedure({
    ...give,
    scope: 'master',
    audit: 'none',
    summary: 'Tenants that the master may share with',
  })
    .input(schema.tenantsInput)
    .output(schema.tenantsOutput)
    .query(({ ctx, input }) => service.tenants(ctx.op, input.search)),

  create: procedure({
    ...give,
    audit: 'grant.create',
    ids: { resourceId: 'resource', tenantId: 'tenant' },
    summary: 'Share a resource with another tenant',
  })
    .input(schema.createInput)
    .output(schema.saved)
    .mutation(({ ctx, input }) => write.create(ctx.op, input)),

  createPreview: procedure({
    ...give,
    audit: 'none',
    ids: { resourceId: 'resource', tenantId: 'tenant' },
    summary: 'Who would gain what by a share',
  })
    .input(schema.createInput)
    .output(effects)
    .query(async ({ ctx, input }) => ({ lines: await write.createPreview(ctx.op, input) })),

  update: procedure({
    ...give,
    audit: 'grant.update',
    ids: { id: 'grant' },
    summary: 'Change role and end of a share',
  })
    .input(schema.updateInput)
    .output(schema.saved)
    .mutation(({ ctx, input }) => write.update(ctx.op, input)),

  updatePreview: procedure({
    ...give,
    audit: 'none',
    ids: { id: 'grant' },
    summary: 'Who would gain or lose what by a change of a share',
  })
    .input(schema.updateInput)
    .output(effects)
    .query(async ({ ctx, input }) => ({ lines: await write.updatePreview(ctx.op, input) })),

  revoke: procedure({
    ...decide,
    audit: 'grant.revoke',
    ids: { ids: 'grant' },
    summary: 'Take shares back, all or nothing',
  })
    .input(schema.revokeInput)
    .output(schema.changed)
    .mutation(async ({ ctx, input }) => ({ changed: await write.revoke(ctx.op, input.ids) })),

  revokePreview: procedure({
    ...decide,
    audit: 'none',
    ids: { ids: 'grant' },
    summary: 'Who would lose what by taking shares back',
  })
    .input(schema.revokeInput)
    .output(effects)
    .query(async ({ ctx, input }) => ({ lines: await write.revokePreview(ctx.op, input.ids) })),

  accept: procedure({
    ...decide,
    audit: 'grant.accept',
    ids: { id: 'grant' },
    summary: 'Take what was offered',
  })
    .input(schema.grantIdInput)
    .output(schema.saved)
    .mutation(({ ctx, input }) => answer.accept(ctx.op, input.id)),

  decline: procedure({
    ...decide,
    audit: 'grant.decline',
    ids: { id: 'grant' },
    summary: 'Decline what was offered',
  })
    .input(schema.grantIdInput)
    .output(schema.changed)
    .mutation(async ({ ctx, input }) => ({ changed: await answer.giveUp(ctx.op, input.id, 'pending') })),

  leave: procedure({
    ...decide,
    audit: 'grant.leave',
    ids: { id: 'grant' },
    summary: 'Leave what is shared with the tenant',
  })
    .input(schema.grantIdInput)
    .output(schema.changed)
    .mutation(async ({ ctx, input }) => ({ changed: await answer.giveUp(ctx.op, input.id, 'live') })),

  setTenants: procedure({
    ...give,
    scope: 'master',
    audit: 'grant.tenants',
    ids: { resourceId: 'resource', tenantIds: 'tenant' },
    summary: 'Say which tenants have a resource: images, blueprints and packages for several',
  })
    .input(schema.setTenantsInput)
    .output(schema.changed)
    .mutation(async ({ ctx, input }) => ({ changed: await several.setTenants(ctx.op, input) })),

  setTenantsPreview: procedure({
    ...give,
    scope: 'master',
    audit: 'none',
    ids: { resourceId: 'resource', tenantIds: 'tenant' },
    summary: 'Who would gain and lose what by a change of tenants',
  })
    .input(schema.setTenantsInput)
    .output(effects)
    .query(async ({ ctx, input }) => ({ lines: await several.setTenantsPreview(ctx.op, input) })),
})
