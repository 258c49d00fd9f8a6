import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './provisioning.schema'
import * as service from './provisioning.service'

/** The acting tenant's SCIM connections. */
export const provisioningRouter = router({
  list: procedure({
    scope: 'tenant',
    permission: ['identity', 'read'],
    audit: 'none',
    summary: 'SCIM connections of the tenant, without their tokens',
  })
    .output(schema.connectionList)
    .query(({ ctx }) => service.listConnections(ctx.op)),
  create: procedure({
    scope: 'tenant',
    permission: ['identity', 'full'],
    capability: 'sso',
    audit: 'scim.create',
    ids: { sourceId: 'identitySource', defaultRoleId: 'role', 'roles.roleId': 'role' },
    summary: 'Let a directory provision people and groups by SCIM; its token is shown once',
  })
    .input(schema.createConnection)
    .output(schema.tokenAnswer)
    .mutation(({ ctx, input }) => service.createConnection(ctx.op, input)),
  update: procedure({
    scope: 'tenant',
    permission: ['identity', 'full'],
    audit: 'scim.update',
    ids: { id: 'scimConnection', defaultRoleId: 'role', 'roles.roleId': 'role' },
    summary: 'Change a SCIM connection, its groups and roles',
  })
    .input(schema.updateConnection)
    .output(schema.updateAnswer)
    .mutation(({ ctx, input }) => service.updateConnection(ctx.op, input)),
  rotate: procedure({
    scope: 'tenant',
    permission: ['identity', 'full'],
    audit: 'scim.rotate',
    ids: { id: 'scimConnection' },
    summary: 'Renew the token of a SCIM connection; the one before ends at once',
  })
    .input(schema.rotateToken)
    .output(schema.tokenAnswer)
    .mutation(({ ctx, input }) => service.rotateToken(ctx.op, input.id, input.tokenDays)),
  enable: procedure({
    scope: 'tenant',
    permission: ['identity', 'full'],
    capability: 'sso',
    audit: 'scim.enable',
    ids: { id: 'scimConnection' },
    summary: 'Let a directory provision again',
  })
    .input(schema.connectionId)
    .output(schema.connectionRef)
    .mutation(({ ctx, input }) => service.setEnabled(ctx.op, input.id, true)),
  disable: procedure({
    scope: 'tenant',
    permission: ['identity', 'full'],
    audit: 'scim.disable',
    ids: { id: 'scimConnection' },
    summary: 'Let a directory provision nothing; its people stay',
  })
    .input(schema.connectionId)
    .output(schema.connectionRef)
    .mutation(({ ctx, input }) => service.setEnabled(ctx.op, input.id, false)),
  delete: procedure({
    scope: 'tenant',
    permission: ['identity', 'full'],
    audit: 'scim.delete',
    ids: { id: 'scimConnection' },
    summary: 'Delete a SCIM connection and its groups; accounts and roles stay',
  })
    .input(schema.deleteConnection)
    .output(schema.connectionRef)
    .mutation(({ ctx, input }) => service.deleteConnection(ctx.op, input.id, input.confirmName)),
})
