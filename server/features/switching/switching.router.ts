import { myTenantsInput, myTenantsOutput } from '@/server/features/switching/switching.schema'
import { myTenants } from '@/server/features/switching/switching.service'
import { procedure, router } from '@/server/rpc/procedure'

export const switchingRouter = router({
  list: procedure({ scope: 'self', audit: 'none', summary: 'Tenants that I may switch to' })
    .input(myTenantsInput)
    .output(myTenantsOutput)
    .query(({ ctx, input }) => myTenants(ctx.op, input)),
})
