import { cloudRef } from '@/server/features/clouds/clouds.schema'
import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './connections.schema'
import * as connections from './connections.service'
import { figures } from './figures.service'

const read = { scope: 'tenant', permission: ['clouds', 'read'], audit: 'none' } as const
const change = { scope: 'tenant', permission: ['clouds', 'full'] } as const
const ids = { id: 'resource' } as const

/** How clouds are reached, and how the looks into them go. */
export const connectionsRouter = router({
  connectors: procedure({
    ...read,
    rest: { method: 'GET', path: '/api/v1/connectors' },
    summary: 'Kinds of clouds that can be connected, and what is to be entered for each',
  })
    .output(schema.connectorList)
    .query(({ ctx }) => connections.connectors(ctx.op)),

  get: procedure({
    ...read,
    ids,
    rest: { method: 'GET', path: '/api/v1/clouds/{id}/connection' },
    summary: 'How a cloud is connected, without its secret, and how the looks into it go',
  })
    .input(schema.connectionIdInput)
    .output(schema.connectionView)
    .query(({ ctx, input }) => connections.getConnection(ctx.op, input.id)),

  figures: procedure({
    ...read,
    ids: { ids: 'resource' },
    summary:
      'What a list of clouds tells of each: its API, its last look, machines, and capacity as far as the tenant has it',
  })
    .input(schema.figuresInput)
    .output(schema.cloudFigures)
    .query(({ ctx, input }) => figures(ctx.op, input.ids)),

  look: procedure({
    ...change,
    audit: 'cloud.look',
    summary: 'Look which certificate a server shows, before anything is said to it',
  })
    .input(schema.lookInput)
    .output(schema.lookAnswer)
    .mutation(({ ctx, input }) => connections.look(ctx.op, input.connector, input.endpoint)),

  create: procedure({
    ...change,
    audit: 'cloud.connect',
    ids: { tenantId: 'tenant' },
    rest: { method: 'POST', path: '/api/v1/clouds/connect' },
    summary: 'Make a cloud and connect it; for the master also for one of its tenants',
  })
    .input(schema.createInput)
    .output(schema.connected)
    .mutation(({ ctx, input }) => connections.create(ctx.op, input)),

  connect: procedure({
    ...change,
    audit: 'cloud.connect',
    ids,
    rest: { method: 'POST', path: '/api/v1/clouds/{id}/connection' },
    summary: 'Connect a cloud, or change how it is reached; asks for the secret each time',
  })
    .input(schema.connectInput)
    .output(schema.connected)
    .mutation(({ ctx, input }) => connections.connect(ctx.op, input)),

  check: procedure({
    ...change,
    audit: 'cloud.check',
    ids,
    rest: { method: 'POST', path: '/api/v1/clouds/{id}/connection/check' },
    summary: 'Sign in to a connected cloud and say what works and which rights are missing',
  })
    .input(schema.connectionIdInput)
    .output(schema.checkAnswer)
    .mutation(({ ctx, input }) => connections.check(ctx.op, input.id)),

  remove: procedure({
    ...change,
    audit: 'cloud.disconnect',
    ids,
    rest: { method: 'DELETE', path: '/api/v1/clouds/{id}/connection' },
    summary: 'End a connection; what was found stays, as if entered by hand',
  })
    .input(schema.removeInput)
    .output(cloudRef)
    .mutation(({ ctx, input }) => connections.remove(ctx.op, input.id, input.confirmName)),

  refresh: procedure({
    scope: 'tenant',
    permission: ['clouds', 'user'],
    audit: 'cloud.refresh',
    impersonating: 'allowed',
    ids,
    rest: { method: 'POST', path: '/api/v1/clouds/{id}/refresh' },
    summary: 'Look into a connected cloud now',
  })
    .input(schema.connectionIdInput)
    .output(cloudRef)
    .mutation(({ ctx, input }) => connections.refresh(ctx.op, input.id)),

  schedule: procedure({
    ...change,
    audit: 'cloud.schedule',
    ids,
    rest: { method: 'PATCH', path: '/api/v1/clouds/{id}/schedule' },
    summary: 'How often a cloud is looked into, or not at present',
  })
    .input(schema.scheduleInput)
    .output(cloudRef)
    .mutation(({ ctx, input }) => connections.schedule(ctx.op, input)),

  accept: procedure({
    ...change,
    audit: 'cloud.accept_shrink',
    ids,
    rest: { method: 'POST', path: '/api/v1/clouds/{id}/accept' },
    summary: 'Say that a look which told of much less than was known is right',
  })
    .input(schema.connectionIdInput)
    .output(cloudRef)
    .mutation(({ ctx, input }) => connections.accept(ctx.op, input.id)),

  egress: procedure({
    scope: 'master',
    permission: ['tenants', 'read'],
    licence: 'use',
    audit: 'none',
    ids: { tenantId: 'tenant' },
    rest: { method: 'GET', path: '/api/v1/tenants/{tenantId}/egress' },
    summary: "Private networks that a tenant's own clouds may be reached in",
  })
    .input(schema.egressInput)
    .output(schema.egressView)
    .query(({ ctx, input }) => connections.getEgress(ctx.op, input.tenantId)),

  setEgress: procedure({
    scope: 'master',
    permission: ['tenants', 'full'],
    licence: 'use',
    audit: 'tenant.egress',
    ids: { tenantId: 'tenant' },
    rest: { method: 'PATCH', path: '/api/v1/tenants/{tenantId}/egress' },
    summary: "Change the private networks that a tenant's own clouds may be reached in",
  })
    .input(schema.setEgressInput)
    .output(schema.egressView)
    .mutation(({ ctx, input }) => connections.setEgress(ctx.op, input.tenantId, input.networks)),
})
