import { procedure, router } from '@/server/rpc/procedure'
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
})
