import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './identity.schema'
import * as service from './identity.service'
import { metadataAnswer, readMetadata } from './saml.schema'

/** The acting tenant's identity sources. */
export const identityRouter = router({
  list: procedure({
    scope: 'tenant',
    permission: ['identity', 'read'],
    audit: 'none',
    summary: 'Identity sources of the tenant, without their secrets',
  })
    .output(schema.sourceList)
    .query(({ ctx }) => service.listSources(ctx.op)),
  create: procedure({
    scope: 'tenant',
    permission: ['identity', 'full'],
    capability: 'sso',
    audit: 'identity.create',
    ids: { defaultRoleId: 'role', 'roles.roleId': 'role' },
    summary: 'Add a source by which people sign in',
  })
    .input(schema.createSource)
    .output(schema.sourceRef)
    .mutation(({ ctx, input }) => service.createSource(ctx.op, schema.withRole(input))),
  update: procedure({
    scope: 'tenant',
    permission: ['identity', 'full'],
    audit: 'identity.update',
    ids: { id: 'identitySource', defaultRoleId: 'role', 'roles.roleId': 'role' },
    summary: 'Change an identity source, its groups and roles',
  })
    .input(schema.updateSource)
    .output(schema.sourceRef)
    .mutation(({ ctx, input }) => service.updateSource(ctx.op, schema.withRole(input))),
  enable: procedure({
    scope: 'tenant',
    permission: ['identity', 'full'],
    capability: 'sso',
    audit: 'identity.enable',
    ids: { id: 'identitySource' },
    summary: 'Let people sign in by an identity source again',
  })
    .input(schema.sourceId)
    .output(schema.sourceRef)
    .mutation(({ ctx, input }) => service.enableSource(ctx.op, input.id)),
  disable: procedure({
    scope: 'tenant',
    permission: ['identity', 'full'],
    audit: 'identity.disable',
    ids: { id: 'identitySource' },
    summary: 'Let nobody sign in by an identity source; signs its people out',
  })
    .input(schema.sourceId)
    .output(schema.sessionsAnswer)
    .mutation(({ ctx, input }) => service.disableSource(ctx.op, input.id)),
  delete: procedure({
    scope: 'tenant',
    permission: ['identity', 'full'],
    audit: 'identity.delete',
    ids: { id: 'identitySource' },
    summary: 'Delete an identity source; accounts stay, without a way to sign in',
  })
    .input(schema.deleteSource)
    .output(schema.sessionsAnswer)
    .mutation(({ ctx, input }) => service.deleteSource(ctx.op, input.id, input.confirmName)),
  readMetadata: procedure({
    scope: 'tenant',
    permission: ['identity', 'full'],
    audit: 'none',
    summary: 'Say what the metadata of a SAML identity provider say, for a form',
  })
    .input(readMetadata)
    .output(metadataAnswer)
    .query(({ ctx, input }) => service.readMetadata(ctx.op, input.xml)),
  test: procedure({
    scope: 'tenant',
    permission: ['identity', 'full'],
    audit: 'identity.test',
    ids: { id: 'identitySource' },
    summary: 'Ask an identity source who it is, and say what is wrong',
  })
    .input(schema.testSource)
    .output(schema.testAnswer)
    .mutation(({ ctx, input }) => service.testSource(ctx.op, input)),
})
