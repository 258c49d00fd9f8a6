import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './allow-list.schema'
import * as service from './allow-list.service'

const user = { userId: 'user' } as const
const tenant = { id: 'tenant' } as const

/** From which addresses a tenant's console is reached, and which accounts get in from anywhere. */
export const allowListRouter = router({
  get: procedure({
    scope: 'tenant',
    permission: ['identity', 'read'],
    audit: 'none',
    summary: 'The allowed addresses of the tenant, and its accounts for emergency access',
  })
    .output(schema.allowList)
    .query(({ ctx }) => service.getAllowList(ctx.op)),
  set: procedure({
    scope: 'tenant',
    permission: ['identity', 'full'],
    audit: 'settings.addresses',
    summary: 'Change the allowed addresses of the tenant',
  })
    .input(schema.setAllowList)
    .output(schema.allowList)
    .mutation(({ ctx, input }) => service.setAllowList(ctx.op, input)),
  appoint: procedure({
    scope: 'tenant',
    permission: ['identity', 'full'],
    audit: 'break_glass.appoint',
    ids: user,
    summary: 'Choose an account for emergency access; for the owner, in the master for a Super Admin',
  })
    .input(schema.accountInput)
    .output(schema.allowList)
    .mutation(({ ctx, input }) => service.appoint(ctx.op, input.userId)),
  dismiss: procedure({
    scope: 'tenant',
    permission: ['identity', 'full'],
    audit: 'break_glass.dismiss',
    ids: user,
    summary: 'Take emergency access back; for the owner, in the master for a Super Admin',
  })
    .input(schema.accountInput)
    .output(schema.allowList)
    .mutation(({ ctx, input }) => service.dismiss(ctx.op, input.userId)),
  ofTenant: procedure({
    scope: 'master',
    permission: ['tenants', 'full'],
    licence: 'use',
    audit: 'none',
    ids: tenant,
    summary: 'The allowed addresses of a subtenant, for its provider',
  })
    .input(schema.tenantInput)
    .output(schema.allowListOf)
    .query(({ ctx, input }) => service.allowListOf(ctx.op, input.id)),
  setOfTenant: procedure({
    scope: 'master',
    permission: ['tenants', 'full'],
    licence: 'use',
    audit: 'settings.addresses',
    ids: tenant,
    summary: 'Change the allowed addresses of a subtenant on its behalf',
  })
    .input(schema.setAllowListOf)
    .output(schema.allowListOf)
    .mutation(({ ctx, input }) => service.setAllowListOf(ctx.op, input.id, input.lines)),
})
