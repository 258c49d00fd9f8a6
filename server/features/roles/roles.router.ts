import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './roles.schema'
import * as service from './roles.service'

/** Roles, to choose from; the editor comes with a later work order. */
export const rolesRouter = router({
  list: procedure({
    scope: 'tenant',
    permission: ['users', 'read'],
    audit: 'none',
    summary: 'Roles that users of the tenant can have',
  })
    .output(schema.assignableRoles)
    .query(({ ctx }) => service.listRoles(ctx.op)),
  listIn: procedure({
    scope: 'master',
    permission: ['tenantUsers', 'read'],
    licence: 'use',
    audit: 'none',
    ids: { tenantId: 'tenant' },
    summary: 'Roles that users of a subtenant can have',
  })
    .input(schema.tenantInput)
    .output(schema.assignableRoles)
    .query(({ ctx, input }) => service.listRolesIn(ctx.op, input.tenantId)),
  tenantRoles: procedure({
    scope: 'master',
    permission: ['tenants', 'read'],
    licence: 'use',
    audit: 'none',
    summary: 'Base roles that a tenant can have',
  })
    .output(schema.tenantRoles)
    .query(({ ctx }) => service.listTenantRoles(ctx.op)),
})
