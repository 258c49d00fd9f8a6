import { procedure, router } from '@/server/rpc/procedure'
import * as creating from './creations.schema'
import * as creations from './creations.service'
import * as schema from './machines.schema'
import * as machines from './machines.service'

const ids = { id: 'resource' } as const

/** Machines as their clouds have them. */
export const machinesRouter = router({
  get: procedure({
    scope: 'tenant',
    permission: ['virtualMachines', 'read'],
    audit: 'none',
    ids,
    rest: { method: 'GET', path: '/api/v1/virtual-machines/{id}/machine' },
    summary: 'What its cloud tells of a machine, what may be done with it, and what was done last',
  })
    .input(schema.machineIdInput)
    .output(schema.machineView)
    .query(({ ctx, input }) => machines.getMachine(ctx.op, input.id)),

  snapshots: procedure({
    scope: 'tenant',
    permission: ['virtualMachines', 'read'],
    audit: 'none',
    ids,
    rest: { method: 'GET', path: '/api/v1/virtual-machines/{id}/snapshots' },
    summary: 'Snapshots of a machine, asked of its cloud',
  })
    .input(schema.machineIdInput)
    .output(schema.snapshotList)
    .query(({ ctx, input }) => machines.snapshots(ctx.op, input.id)),

  metrics: procedure({
    scope: 'tenant',
    permission: ['virtualMachines', 'read'],
    audit: 'none',
    ids,
    rest: { method: 'GET', path: '/api/v1/virtual-machines/{id}/metrics' },
    summary: 'How a machine was doing over the last hour, day or week, asked of its cloud',
  })
    .input(schema.metricsInput)
    .output(schema.metricsView)
    .query(({ ctx, input }) => machines.metrics(ctx.op, input)),

  act: procedure({
    scope: 'tenant',
    permission: ['virtualMachines', 'user'],
    audit: 'machine.act',
    ids,
    rest: { method: 'POST', path: '/api/v1/virtual-machines/{id}/act' },
    summary: 'Start, stop, snapshot or otherwise act on a machine in its cloud; followed to its real end',
  })
    .input(schema.actInput)
    .output(schema.acted)
    .mutation(({ ctx, input }) => machines.act(ctx.op, input)),

  choices: procedure({
    scope: 'tenant',
    permission: ['virtualMachines', 'read'],
    audit: 'none',
    ids: { cloudId: 'resource' },
    summary: 'Where a machine can be made and of what, limits, and the last ones that were asked for',
  })
    .input(creating.choicesInput)
    .output(creating.choices)
    .query(({ ctx, input }) => creations.choices(ctx.op, input.cloudId)),

  create: procedure({
    scope: 'tenant',
    permission: ['virtualMachines', 'user'],
    audit: 'machine.create',
    ids: {
      ...{ cloudId: 'resource', sourceId: 'resource', placeId: 'resource' },
      ...{ datastoreId: 'resource', networkId: 'resource' },
    },
    rest: { method: 'POST', path: '/api/v1/virtual-machines/make' },
    summary: 'Make a virtual machine or container in its cloud, of an image or a template',
  })
    .input(creating.createInput)
    .output(creating.creating)
    .mutation(({ ctx, input }) => creations.create(ctx.op, input)),

  limits: procedure({
    scope: 'master',
    permission: ['tenants', 'read'],
    licence: 'use',
    audit: 'none',
    ids: { tenantId: 'tenant' },
    rest: { method: 'GET', path: '/api/v1/tenants/{tenantId}/machine-limits' },
    summary: 'How many machines a tenant may have, and how large ones it may make',
  })
    .input(creating.limitsInput)
    .output(creating.limitsView)
    .query(({ ctx, input }) => creations.getLimits(ctx.op, input.tenantId)),

  setLimits: procedure({
    scope: 'master',
    permission: ['tenants', 'full'],
    licence: 'use',
    audit: 'tenant.machine_limits',
    ids: { tenantId: 'tenant' },
    rest: { method: 'PATCH', path: '/api/v1/tenants/{tenantId}/machine-limits' },
    summary: 'Change how many machines a tenant may have, and how large ones it may make',
  })
    .input(creating.setLimitsInput)
    .output(creating.limitsView)
    .mutation(({ ctx, input }) => creations.setLimits(ctx.op, input)),
})
