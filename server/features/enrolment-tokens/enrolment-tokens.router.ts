import * as schema from '@/server/features/enrolment-tokens/enrolment-tokens.schema'
import * as tokens from '@/server/features/enrolment-tokens/enrolment-tokens.service'
import { procedure, router } from '@/server/rpc/procedure'

export const enrolmentTokensRouter = router({
  list: procedure({
    scope: 'tenant',
    permission: ['agents', 'read'],
    audit: 'none',
    impersonating: 'refused',
    rest: { method: 'GET', path: '/api/v1/enrolment-tokens' },
    summary: 'Enrolment tokens of the tenant, without their secrets',
  })
    .input(schema.enrolmentTokenListInput)
    .output(schema.enrolmentTokenListOutput)
    .query(({ ctx, input }) => tokens.listTokens(ctx.op, input)),

  create: procedure({
    scope: 'tenant',
    permission: ['agents', 'full'],
    audit: 'enrolment_token.create',
    rest: { method: 'POST', path: '/api/v1/enrolment-tokens' },
    summary: 'Create a token with which machines enrol; shown once',
  })
    .input(schema.enrolmentTokenCreateInput)
    .output(schema.enrolmentTokenCreated)
    .mutation(({ ctx, input }) => tokens.createToken(ctx.op, input)),

  revoke: procedure({
    scope: 'tenant',
    permission: ['agents', 'full'],
    audit: 'enrolment_token.revoke',
    ids: { id: 'enrolmentToken' },
    rest: { method: 'DELETE', path: '/api/v1/enrolment-tokens/{id}' },
    summary: 'Revoke an enrolment token',
  })
    .input(schema.enrolmentTokenIdInput)
    .output(schema.enrolmentTokenRevoked)
    .mutation(({ ctx, input }) => tokens.revokeToken(ctx.op, input.id)),
})
