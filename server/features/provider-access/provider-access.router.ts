import { auditListOutput } from '@/server/features/audit/audit.schema'
import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './provider-access.schema'
import * as service from './provider-access.service'

// What the provider did are rows of the audit log; letting it in is a matter of people.
const reads = { scope: 'tenant', permission: ['audit', 'read'], audit: 'none' } as const
const manages = { scope: 'tenant', permission: ['users', 'full'] } as const
const id = { id: 'impersonation' } as const

/** A tenant over its provider's people: who was in, what they did, and whether they may (PRODUCT rule 12). */
export const providerAccessRouter = router({
  get: procedure({ ...reads, summary: 'How the provider gets into this tenant' })
    .output(schema.access)
    .query(({ ctx }) => service.providerAccess(ctx.op)),

  visits: procedure({ ...reads, summary: 'Who of the provider was, is or wants to be in, newest first' })
    .input(schema.pageInput)
    .output(schema.visits)
    .query(({ ctx, input }) => service.listVisits(ctx.op, input)),

  acts: procedure({ ...reads, ids: id, summary: 'What was done in one impersonation' })
    .input(schema.actsInput)
    .output(auditListOutput)
    .query(({ ctx, input }) => service.actsOf(ctx.op, input)),

  others: procedure({ ...reads, summary: 'What the provider did in this tenant under its own names' })
    .input(schema.pageInput)
    .output(auditListOutput)
    .query(({ ctx, input }) => service.providerActs(ctx.op, input)),

  set: procedure({
    ...manages,
    audit: 'provider_access.set',
    summary: 'Say how the provider gets in: always, after asking, or never',
  })
    .input(schema.setInput)
    .output(schema.access)
    .mutation(({ ctx, input }) => service.setProviderAccess(ctx.op, input.policy)),

  decide: procedure({
    ...manages,
    audit: 'impersonation.decide',
    ids: id,
    summary: 'Agree to or decline a request of the provider to be let in',
  })
    .input(schema.decideInput)
    .output(schema.changed)
    .mutation(({ ctx, input }) => service.decideRequest(ctx.op, input.id, input.approve)),

  cutOff: procedure({
    ...manages,
    audit: 'impersonation.cut_off',
    ids: id,
    summary: 'End an impersonation that is under way, at once',
  })
    .input(schema.idInput)
    .output(schema.changed)
    .mutation(({ ctx, input }) => service.cutOff(ctx.op, input.id)),
})
