import { procedure, router } from '@/server/rpc/procedure'
import { ownUsage } from './own-usage.service'
import * as schema from './usage.schema'
import * as service from './usage.service'

const look = { scope: 'master', permission: ['tenants', 'read'], audit: 'none' } as const
const OF_TENANT = { tenantId: 'tenant' } as const

export const usageRouter = router({
  pool: procedure({
    ...look,
    rest: { method: 'GET', path: '/api/v1/usage/pool' },
    summary: 'The pool of hosts: what of the licence is used, and what is promised in slices',
  })
    .output(schema.poolView)
    .query(({ ctx }) => service.poolOf(ctx.op)),

  tenants: procedure({
    ...look,
    rest: { method: 'GET', path: '/api/v1/usage/tenants' },
    summary: 'Hosts, slice and a month’s usage of every tenant',
  })
    .input(schema.usageListInput)
    .output(schema.usagePage)
    .query(({ ctx, input }) => service.listUsage(ctx.op, input)),

  ofTenant: procedure({
    ...look,
    ids: OF_TENANT,
    rest: { method: 'GET', path: '/api/v1/tenants/{tenantId}/usage' },
    summary: 'Hosts, slice and months of one tenant',
  })
    .input(schema.tenantUsageInput)
    .output(schema.tenantUsage)
    .query(({ ctx, input }) => service.usageOf(ctx.op, input.tenantId)),

  setSlice: procedure({
    scope: 'master',
    permission: ['tenants', 'full'],
    audit: 'tenant.host_slice',
    ids: OF_TENANT,
    rest: { method: 'PATCH', path: '/api/v1/tenants/{tenantId}/host-slice' },
    summary: 'Give a tenant at most so many hosts of the licence',
  })
    .input(schema.setSliceInput)
    .output(schema.sliceView)
    .mutation(({ ctx, input }) => service.setSlice(ctx.op, input)),

  own: procedure({
    scope: 'tenant',
    permission: ['billing', 'read'],
    audit: 'none',
    rest: { method: 'GET', path: '/api/v1/usage' },
    summary: 'The tenant’s own plan, what it uses, and its months',
  })
    .output(schema.ownUsage)
    .query(({ ctx }) => ownUsage(ctx.op)),

  warning: procedure({
    scope: 'tenant',
    permission: ['hosts', 'full'],
    audit: 'none',
    summary: 'Whether the hosts that one may have are nearly or wholly used up',
  })
    .output(schema.hostWarning)
    .query(({ ctx }) => service.hostWarningOf(ctx.op)),
})
