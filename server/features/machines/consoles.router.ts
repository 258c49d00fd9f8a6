import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './consoles.schema'
import * as consoles from './consoles.service'

const ids = { id: 'resource' } as const

/** Screens and terminals of machines. */
export const consolesRouter = router({
  get: procedure({
    scope: 'tenant',
    permission: ['virtualMachines', 'read'],
    audit: 'none',
    ids,
    rest: { method: 'GET', path: '/api/v1/virtual-machines/{id}/console' },
    summary: 'Whether a machine has a console, and whether it may be opened now',
  })
    .input(schema.consoleIdInput)
    .output(schema.consoleView)
    .query(({ ctx, input }) => consoles.getConsole(ctx.op, input.id)),

  open: procedure({
    scope: 'tenant',
    permission: ['virtualMachines', 'user'],
    audit: 'machine.console',
    ids,
    rest: { method: 'POST', path: '/api/v1/virtual-machines/{id}/console' },
    summary: 'A ticket that opens the console of a running machine, once and soon',
  })
    .input(schema.consoleIdInput)
    .output(schema.consoleTicket)
    .mutation(({ ctx, input }) => consoles.openConsole(ctx.op, input)),
})
