import type { Declaration } from '@/server/rpc/declaration'
import { effects } from '@/server/features/roles/roles.schema'
import { procedure, router } from '@/server/rpc/procedure'
import * as agents from './tenants.agents.service'
import * as lifecycle from './tenants.lifecycle.service'
import * as schema from './tenants.schema'
import * as service from './tenants.service'
import * as setup from './tenants.setup.service'
import * as write from './tenants.write.service'

type Told = Pick<Declaration, 'summary'> & Partial<Omit<Declaration, 'scope'>>

const reads = (d: Told) =>
  procedure({ scope: 'master', permission: ['tenants', 'read'], licence: 'use', audit: 'none', ...d })
const manages = (d: Told) =>
  procedure({ scope: 'master', permission: ['tenants', 'full'], licence: 'use', audit: 'none', ...d })
const id = { id: 'tenant' } as const
const ids = { ids: 'tenant' } as const

/** Tenants, as the master manages them. */
export const tenantsRouter = router({
  list: reads({ summary: 'All tenants, with their role and totals' })
    .input(schema.listTenantsInput)
    .output(schema.tenantPage)
    .query(({ ctx, input }) => service.listTenants(ctx.op, input)),
  get: reads({ ids: id, summary: 'One tenant' })
    .input(schema.tenantIdInput)
    .output(schema.tenantDetail)
    .query(({ ctx, input }) => service.getTenant(ctx.op, input.id)),
  formOptions: manages({ summary: 'Currencies and the form of addresses' })
    .output(schema.formOptions)
    .query(() => service.tenantFormOptions()),
  checkSlug: manages({ summary: 'Whether a subdomain can be had; at most 10 times an hour' })
    .input(schema.slugInput)
    .output(schema.slugAnswer)
    .query(({ ctx, input }) => write.checkTenantSlug(ctx.op, input.slug)),
  create: manages({
    licence: 'grow',
    audit: 'tenant.create',
    ids: { tenantRoleId: 'tenantRole' },
    summary: 'Create a tenant',
  })
    .input(schema.createTenantInput)
    .output(schema.tenantRef)
    .mutation(({ ctx, input }) => write.createTenant(ctx.op, input)),
  update: manages({
    audit: 'tenant.update',
    ids: { ...id, tenantRoleId: 'tenantRole' },
    summary: 'Change a tenant; its subdomain stays',
  })
    .input(schema.updateTenantInput)
    .output(schema.tenantRef)
    .mutation(({ ctx, input }) => write.updateTenant(ctx.op, input)),
  previewBaseRole: manages({
    ids: { ...id, tenantRoleId: 'tenantRole' },
    summary: 'Who would gain and who would lose what by another base role of a tenant',
  })
    .input(schema.baseRoleInput)
    .output(effects)
    .query(({ ctx, input }) => write.previewBaseRole(ctx.op, input)),
  disable: manages({
    audit: 'tenant.disable',
    ids: id,
    summary: 'Disable a tenant: its people are out at once, its data stays',
  })
    .input(schema.disableTenantInput)
    .output(schema.tenantRef)
    .mutation(({ ctx, input }) => lifecycle.disableTenant(ctx.op, input.id, input.reason)),
  disableMany: manages({ audit: 'tenant.disable', ids, summary: 'Disable several tenants for one reason' })
    .input(schema.disableTenantsInput)
    .output(schema.bulkResult)
    .mutation(({ ctx, input }) =>
      lifecycle.changeTenants(ctx.op, input.ids, (one) => lifecycle.disableTenant(ctx.op, one, input.reason)),
    ),
  enable: manages({ licence: 'grow', audit: 'tenant.enable', ids: id, summary: 'Enable a disabled tenant' })
    .input(schema.tenantIdInput)
    .output(schema.tenantRef)
    .mutation(({ ctx, input }) => lifecycle.enableTenant(ctx.op, input.id)),
  enableMany: manages({
    licence: 'grow',
    audit: 'tenant.enable',
    ids,
    summary: 'Enable several disabled tenants',
  })
    .input(schema.enableTenantsInput)
    .output(schema.bulkResult)
    .mutation(({ ctx, input }) =>
      lifecycle.changeTenants(ctx.op, input.ids, (one) => lifecycle.enableTenant(ctx.op, one)),
    ),
  deletionPlan: manages({ ids: id, summary: 'All that dies with a tenant, and what comes back' })
    .input(schema.tenantIdInput)
    .output(schema.deletionPlan)
    .query(({ ctx, input }) => lifecycle.planDeletion(ctx.op, input.id)),
  delete: manages({
    audit: 'tenant.delete',
    ids: id,
    summary: 'Delete a tenant; it can be restored for 30 days',
  })
    .input(schema.deleteTenantInput)
    .output(schema.tenantRef)
    .mutation(({ ctx, input }) => lifecycle.deleteTenant(ctx.op, input.id, input.confirmName)),
  agents: manages({
    ids: id,
    summary: 'Agents of a deleted tenant: who was told to uninstall, and who is gone',
  })
    .input(schema.tenantAgentsInput)
    .output(schema.tenantAgents)
    .query(({ ctx, input }) => agents.listTenantAgents(ctx.op, input)),
  restore: manages({ licence: 'grow', audit: 'tenant.restore', ids: id, summary: 'Restore a deleted tenant' })
    .input(schema.restoreTenantInput)
    .output(schema.tenantRef)
    .mutation(({ ctx, input }) => lifecycle.restoreTenant(ctx.op, input.id, input.name)),
  setup: router({
    get: manages({ ids: id, summary: "A tenant's guided set-up" })
      .input(schema.tenantIdInput)
      .output(schema.setupState)
      .query(({ ctx, input }) => setup.tenantSetup(ctx.op, input.id)),
    set: manages({
      audit: 'tenant.setup',
      ids: id,
      summary: 'Skip a step of the guided set-up, or take it up again',
    })
      .input(schema.setupStepInput)
      .output(schema.setupState)
      .mutation(({ ctx, input }) => setup.skipSetupStep(ctx.op, input.id, input.step, input.skipped)),
  }),
})
