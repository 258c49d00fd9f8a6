import type { Declaration } from '@/server/rpc/declaration'
import { procedure, router } from '@/server/rpc/procedure'
import { effects } from './roles.schema'
import * as schema from './tenant-roles.schema'
import * as service from './tenant-roles.service'

type Told = Pick<Declaration, 'summary'> & Partial<Omit<Declaration, 'scope'>>
const reads = (d: Told) =>
  procedure({ scope: 'master', licence: 'use', permission: ['tenants', 'read'], audit: 'none', ...d })
const manages = (d: Told) =>
  procedure({ scope: 'master', licence: 'use', permission: ['tenants', 'full'], audit: 'none', ...d })
const id = { id: 'tenantRole' } as const

/** Tenant roles: what a subtenant can have at most. */
export const tenantRolesRouter = router({
  options: reads({ summary: 'Base roles that a tenant can have' })
    .output(schema.capOptions)
    .query(({ ctx }) => service.listCapOptions(ctx.op)),
  list: reads({ summary: 'Tenant roles with their use' })
    .output(schema.capList)
    .query(({ ctx }) => service.listCaps(ctx.op)),
  get: reads({ ids: id, summary: 'One tenant role, its clouds and the tenants that have it' })
    .input(schema.capId)
    .output(schema.capDetail)
    .query(({ ctx, input }) => service.getCap(ctx.op, input.id)),
  clouds: reads({ summary: 'Public clouds that a tenant role can grant' })
    .output(schema.publicClouds)
    .query(({ ctx }) => service.publicClouds(ctx.op)),
  create: manages({
    audit: 'tenant_role.create',
    ids: { baseRoleId: 'tenantRole', ...schema.CLOUD_IDS },
    summary: 'Create a tenant role, from nothing or from another one',
  })
    .input(schema.createCap)
    .output(schema.capRef)
    .mutation(({ ctx, input }) => service.createCap(ctx.op, input)),
  preview: manages({
    ids: { ...id, ...schema.CLOUD_IDS },
    summary: 'Who would gain and who would lose what by changing a tenant role',
  })
    .input(schema.previewCap)
    .output(effects)
    .query(({ ctx, input }) => service.previewCap(ctx.op, input)),
  update: manages({
    audit: 'tenant_role.update',
    ids: { ...id, ...schema.CLOUD_IDS },
    summary: 'Change a tenant role: it holds at once in every tenant that has it',
  })
    .input(schema.updateCap)
    .output(schema.capRef)
    .mutation(({ ctx, input }) => service.updateCap(ctx.op, input)),
  delete: manages({
    audit: 'tenant_role.delete',
    ids: id,
    summary: 'Delete a tenant role that no tenant has',
  })
    .input(schema.capId)
    .output(schema.capRef)
    .mutation(({ ctx, input }) => service.deleteCap(ctx.op, input.id)),
})
