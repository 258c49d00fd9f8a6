import { procedure, router } from '@/server/rpc/procedure'
import * as access from './resources.access.service'
import * as assign from './resources.assign.service'
import * as make from './resources.create.service'
import { filtersOf } from './resources.filters.service'
import { insightOf } from './resources.insight.service'
import * as remove from './resources.remove.service'
import * as schema from './resources.schema'
import * as resources from './resources.service'
import * as write from './resources.write.service'

const read = { scope: 'tenant', permission: { ofKind: 'read' }, audit: 'none' } as const
// What may be done with one resource is asked of that one: a claim or an entry may allow it beyond the level.
const change = { scope: 'tenant', permission: { ofKind: 'read' } } as const
const handOut = { scope: 'master', permission: { ofKind: 'full' }, licence: 'use' } as const

export const resourcesRouter = router({
  list: procedure({
    ...read,
    ids: { cloudId: 'resource', groupId: 'group', tenantId: 'tenant' },
    rest: { method: 'GET', path: '/api/v1/resources/{kind}' },
    summary: 'Resources of a kind that the person sees',
  })
    .input(schema.resourceListInput)
    .output(schema.resourceListOutput)
    .query(({ ctx, input }) => resources.listOfKind(ctx.op, input)),

  get: procedure({
    ...read,
    ids: { id: 'resource' },
    rest: { method: 'GET', path: '/api/v1/resources/{kind}/{id}' },
    summary: 'One resource, with what it refers to and what is attached',
  })
    .input(schema.resourceIdInput)
    .output(schema.resourceDetail)
    .query(({ ctx, input }) => resources.getOne(ctx.op, input.kind, input.id)),

  insight: procedure({
    ...read,
    ids: { id: 'resource' },
    rest: { method: 'GET', path: '/api/v1/resources/{kind}/{id}/insight' },
    summary: 'What follows from a resource: sums, usable addresses, price, effective parameters, warnings',
  })
    .input(schema.resourceIdInput)
    .output(schema.resourceInsight)
    .query(({ ctx, input }) => insightOf(ctx.op, input.kind, input.id)),

  options: procedure({ ...read, summary: 'What a reference field of a form may name' })
    .input(schema.resourceOptionsInput)
    .output(schema.resourceOptions)
    .query(({ ctx, input }) => resources.optionsOf(ctx.op, input.kind, input.field, input.search)),

  may: procedure({ ...read, summary: 'What the person may do with a kind as a whole' })
    .input(schema.kindInput)
    .output(schema.resourceMay)
    .query(({ ctx, input }) => resources.mayWith(ctx.op, input.kind)),

  filters: procedure({ ...read, summary: 'What the list of a kind can be narrowed to' })
    .input(schema.kindInput)
    .output(schema.resourceFilters)
    .query(({ ctx, input }) => filtersOf(ctx.op, input.kind)),

  search: procedure({
    scope: 'self',
    audit: 'none',
    summary: 'Resources of all kinds by a part of their name',
  })
    .input(schema.resourceSearchInput)
    .output(schema.resourceOptions)
    .query(({ ctx, input }) => resources.search(ctx.op, input.search)),

  create: procedure({
    ...change,
    audit: 'resource.create',
    impersonating: 'allowed',
    ids: { cloudId: 'resource', parentId: 'resource', 'refs.ids': 'resource', 'access.tenantId': 'tenant' },
    rest: { method: 'POST', path: '/api/v1/resources/{kind}' },
    summary: 'Make a resource, owned by the acting tenant; for the master with who uses it',
  })
    .input(schema.resourceCreateInput)
    .output(schema.resourceRef)
    .mutation(({ ctx, input }) => make.createResource(ctx.op, input)),

  createPreview: procedure({
    ...handOut,
    audit: 'none',
    ids: { cloudId: 'resource', 'access.tenantId': 'tenant' },
    summary: 'Who would gain what by the choices of the form for a new resource',
  })
    .input(schema.resourceCreatePreviewInput)
    .output(schema.effects)
    .query(async ({ ctx, input }) => ({ lines: await make.createPreview(ctx.op, input) })),

  update: procedure({
    ...change,
    audit: 'resource.update',
    impersonating: 'allowed',
    ids: { id: 'resource', parentId: 'resource', 'refs.ids': 'resource', 'access.tenantId': 'tenant' },
    rest: { method: 'PATCH', path: '/api/v1/resources/{kind}/{id}' },
    summary: "Change a resource's own fields and, for the master, who has it",
  })
    .input(schema.resourceUpdateInput)
    .output(schema.resourceRef)
    .mutation(({ ctx, input }) => write.updateResource(ctx.op, input)),

  remove: procedure({
    ...change,
    audit: 'resource.remove',
    impersonating: 'allowed',
    ids: { id: 'resource' },
    rest: { method: 'DELETE', path: '/api/v1/resources/{kind}/{id}' },
    summary: 'Remove a resource that the tenant owns',
  })
    .input(schema.resourceIdInput)
    .output(schema.resourceChange)
    .mutation(async ({ ctx, input }) => ({
      changed: await remove.removeResource(ctx.op, input.kind, input.id),
    })),

  assign: procedure({
    ...handOut,
    audit: 'resource.assign',
    ids: { ids: 'resource', tenantId: 'tenant' },
    rest: { method: 'POST', path: '/api/v1/resources/{kind}/assign' },
    summary: 'Assign resources to a tenant, all or nothing',
  })
    .input(schema.resourceAssignInput)
    .output(schema.resourceAssigned)
    .mutation(({ ctx, input }) => assign.assign(ctx.op, input.kind, input.ids, input.tenantId)),

  assignPreview: procedure({
    ...handOut,
    audit: 'none',
    ids: { ids: 'resource', tenantId: 'tenant' },
    summary: 'Who would gain and lose what by an assignment',
  })
    .input(schema.resourceAssignInput)
    .output(schema.effects)
    .query(async ({ ctx, input }) => ({
      lines: await assign.assignPreview(ctx.op, input.kind, input.ids, input.tenantId),
    })),

  accessPreview: procedure({
    ...handOut,
    audit: 'none',
    ids: { id: 'resource', 'access.tenantId': 'tenant' },
    summary: 'Who would gain and lose what by the choices of the edit form',
  })
    .input(schema.resourceAccessInput)
    .output(schema.effects)
    .query(async ({ ctx, input }) => ({
      lines: await access.accessPreview(ctx.op, input.kind, input.id, input.access),
    })),

  assignable: procedure({ ...handOut, audit: 'none', summary: 'Tenants that resources may be assigned to' })
    .input(schema.assignableInput)
    .output(schema.assignableOutput)
    .query(async ({ ctx, input }) => ({ rows: await access.assignable(ctx.op, input.search) })),

  setVisibility: procedure({
    ...handOut,
    audit: 'resource.visibility',
    ids: { ids: 'resource' },
    rest: { method: 'POST', path: '/api/v1/resources/{kind}/visibility' },
    summary: 'Offer resources to all tenants, or take them back',
  })
    .input(schema.resourceVisibilityInput)
    .output(schema.resourceChange)
    .mutation(async ({ ctx, input }) => ({
      changed: await assign.setVisibility(ctx.op, input.kind, input.ids, input.visibility),
    })),
})
