import {
  myTenantInput,
  myTenantOutput,
  myTenantsInput,
  myTenantsOutput,
  severalOutput,
} from '@/server/features/switching/switching.schema'
import { hasSeveral, myTenantOf, myTenants } from '@/server/features/switching/switching.service'
import { procedure, router } from '@/server/rpc/procedure'

export const switchingRouter = router({
  list: procedure({ scope: 'self', audit: 'none', summary: 'Tenants that I may switch to' })
    .input(myTenantsInput)
    .output(myTenantsOutput)
    .query(({ ctx, input }) => myTenants(ctx.op, input)),

  several: procedure({ scope: 'self', audit: 'none', summary: 'Whether I have more than one tenant' })
    .output(severalOutput)
    .query(({ ctx }) => hasSeveral(ctx.op)),

  get: procedure({
    scope: 'self',
    audit: 'none',
    ids: { id: 'tenant' },
    summary: 'One tenant that I may switch to',
  })
    .input(myTenantInput)
    .output(myTenantOutput)
    .query(({ ctx, input }) => myTenantOf(ctx.op, input.id)),
})
