import {
  allTenantsInput,
  allTenantsKindsOutput,
  allTenantsOutput,
} from '@/server/features/all-tenants/all-tenants.schema'
import { kindsOfAll, listAllTenants } from '@/server/features/all-tenants/all-tenants.service'
import { procedure, router } from '@/server/rpc/procedure'

const read = { scope: 'self', licence: 'use', audit: 'none' } as const

export const allTenantsRouter = router({
  list: procedure({
    ...read,
    ids: { tenantId: 'tenant' },
    summary: 'What I may see of a kind in all my tenants',
  })
    .input(allTenantsInput)
    .output(allTenantsOutput)
    .query(({ ctx, input }) => listAllTenants(ctx.op, input)),

  kinds: procedure({ ...read, summary: 'Kinds that I may look at in one of my tenants' })
    .output(allTenantsKindsOutput)
    .query(({ ctx }) => kindsOfAll(ctx.op)),
})
