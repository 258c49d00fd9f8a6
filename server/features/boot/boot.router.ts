import { addressOf } from '@/server/features/boot/boot.service'
import { bootAddressInput, bootAddressOutput } from '@/server/features/boot/boot.schema'
import { procedure, router } from '@/server/rpc/procedure'

export const bootRouter = router({
  // It hands out what anybody who has it may read, so the log tells of it.
  address: procedure({
    scope: 'tenant',
    permission: ['profiles', 'read'],
    audit: 'boot_environment.address',
    ids: { id: 'resource', machineId: 'resource' },
    rest: { method: 'POST', path: '/api/v1/boot-environments/{id}/address' },
    summary: 'A signed address that renders the iPXE script of a boot environment',
  })
    .input(bootAddressInput)
    .output(bootAddressOutput)
    .mutation(({ ctx, input }) => addressOf(ctx.op, input.id, input.machineId)),
})
