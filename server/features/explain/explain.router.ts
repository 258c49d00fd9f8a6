import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './explain.schema'
import * as service from './explain.service'

export const explainRouter = router({
  own: procedure({
    scope: 'self',
    audit: 'none',
    ids: { id: 'resource' },
    rest: { method: 'GET', path: '/api/v1/explain' },
    summary: 'Why I may or may not do something',
  })
    .input(schema.explainOwnInput)
    .output(schema.explanation)
    .query(({ ctx, input }) => service.explainOwn(ctx.op, input)),

  empty: procedure({
    scope: 'tenant',
    permission: { ofKind: 'read' },
    audit: 'none',
    summary: 'Why my list of a kind is empty',
  })
    .input(schema.explainEmptyInput)
    .output(schema.emptiness)
    .query(({ ctx, input }) => service.explainEmpty(ctx.op, input.kind)),

  person: procedure({
    scope: 'tenant',
    permission: ['users', 'read'],
    audit: 'none',
    ids: { id: 'resource', userId: 'user' },
    rest: { method: 'GET', path: '/api/v1/users/{userId}/explain' },
    summary: 'Why a user of the tenant may or may not do something',
  })
    .input(schema.explainPersonInput)
    .output(schema.explanation)
    .query(({ ctx, input }) => service.explainPerson(ctx.op, input)),

  asProvider: procedure({
    scope: 'master',
    permission: ['tenantUsers', 'read'],
    audit: 'none',
    ids: { id: 'resource', userId: 'user', tenantId: 'tenant' },
    rest: { method: 'GET', path: '/api/v1/tenants/{tenantId}/users/{userId}/explain' },
    summary: "Why a subtenant's user may or may not do something; stands in both logs",
  })
    .input(schema.explainAsProviderInput)
    .output(schema.explanation)
    .query(({ ctx, input }) => service.explainAsProvider(ctx.op, input)),
})
