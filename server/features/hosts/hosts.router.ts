import * as schema from '@/server/features/hosts/hosts.schema'
import * as hosts from '@/server/features/hosts/hosts.service'
import * as assign from '@/server/features/resources/resources.assign.service'
import * as remove from '@/server/features/resources/resources.remove.service'
import { tenantChoices } from '@/server/features/tenants/tenants.service'
import { procedure, router } from '@/server/rpc/procedure'

const read = { scope: 'tenant', permission: ['hosts', 'read'], audit: 'none' } as const
const change = { scope: 'tenant', permission: ['hosts', 'read'], ids: { id: 'resource' } } as const
const master = { scope: 'master', permission: ['hosts', 'full'] } as const

export const hostsRouter = router({
  list: procedure({
    ...read,
    ids: { tenantId: 'tenant' },
    rest: { method: 'GET', path: '/api/v1/hosts' },
    summary: 'Hosts that the tenant sees',
  })
    .input(schema.hostListInput)
    .output(schema.hostListOutput)
    .query(({ ctx, input }) => hosts.listHosts(ctx.op, input)),

  get: procedure({
    ...read,
    ids: { id: 'resource' },
    rest: { method: 'GET', path: '/api/v1/hosts/{id}' },
    summary: 'One host',
  })
    .input(schema.hostIdInput)
    .output(schema.hostDetail)
    .query(({ ctx, input }) => hosts.getHost(ctx.op, input.id)),

  metrics: procedure({
    ...read,
    ids: { id: 'resource' },
    rest: { method: 'GET', path: '/api/v1/hosts/{id}/metrics' },
    summary: 'How one host was doing over the last hour, day or week',
  })
    .input(schema.hostMetricsInput)
    .output(schema.hostMetrics)
    .query(({ ctx, input }) => hosts.getMetrics(ctx.op, input.id, input.range)),

  inventory: procedure({
    ...read,
    ids: { id: 'resource' },
    rest: { method: 'GET', path: '/api/v1/hosts/{id}/inventory' },
    summary: 'Packages and services of one host, as its agent told last',
  })
    .input(schema.hostIdInput)
    .output(schema.hostInventory)
    .query(({ ctx, input }) => hosts.getInventory(ctx.op, input.id)),

  rename: procedure({
    ...change,
    audit: 'host.rename',
    impersonating: 'allowed',
    rest: { method: 'PATCH', path: '/api/v1/hosts/{id}' },
    summary: 'Rename a host that the tenant owns',
  })
    .input(schema.hostRenameInput)
    .output(schema.hostChange)
    .mutation(async ({ ctx, input }) => ({ changed: await hosts.renameHost(ctx.op, input.id, input.name) })),

  remove: procedure({
    ...change,
    audit: 'host.remove',
    impersonating: 'allowed',
    rest: { method: 'DELETE', path: '/api/v1/hosts/{id}' },
    summary: 'Remove a host that the tenant owns',
  })
    .input(schema.hostIdInput)
    .output(schema.hostChange)
    .mutation(async ({ ctx, input }) => ({ changed: await remove.removeResource(ctx.op, 'host', input.id) })),

  assign: procedure({
    ...master,
    licence: 'use',
    audit: 'host.assign',
    ids: { ids: 'resource', tenantId: 'tenant' },
    rest: { method: 'POST', path: '/api/v1/hosts/assign' },
    summary: 'Assign hosts to a tenant, all or nothing',
  })
    .input(schema.hostAssignInput)
    .output(schema.hostChange)
    .mutation(({ ctx, input }) => assign.assign(ctx.op, 'host', input.ids, input.tenantId)),

  setVisibility: procedure({
    ...master,
    audit: 'host.visibility',
    ids: { id: 'resource' },
    rest: { method: 'POST', path: '/api/v1/hosts/{id}/visibility' },
    summary: 'Offer a host to all tenants, or take it back',
  })
    .input(schema.hostVisibilityInput)
    .output(schema.hostChange)
    .mutation(async ({ ctx, input }) => ({
      changed: await assign.setVisibility(ctx.op, 'host', [input.id], input.visibility),
    })),

  assignableTenants: procedure({
    ...master,
    audit: 'none',
    licence: 'use',
    summary: 'Tenants that hosts may be assigned to',
  })
    .input(schema.assignableInput)
    .output(schema.assignableOutput)
    .query(async ({ ctx, input }) => ({ rows: await tenantChoices(ctx.op, input.search) })),
})
