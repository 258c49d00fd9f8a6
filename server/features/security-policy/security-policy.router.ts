import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './security-policy.schema'
import * as service from './security-policy.service'

/** What the acting tenant asks of passwords, sign-ins and sessions. */
export const securityPolicyRouter = router({
  get: procedure({
    scope: 'tenant',
    permission: ['identity', 'read'],
    audit: 'none',
    summary: 'What the tenant asks of passwords, sign-ins and sessions',
  })
    .output(schema.policyState)
    .query(({ ctx }) => service.securityPolicy(ctx.op)),
  set: procedure({
    scope: 'tenant',
    permission: ['identity', 'full'],
    audit: 'settings.security',
    summary: 'Change what the tenant asks of passwords, sign-ins and sessions',
  })
    .input(schema.securityPolicy)
    .output(schema.policySaved)
    .mutation(({ ctx, input }) => service.setSecurityPolicy(ctx.op, input)),
})
