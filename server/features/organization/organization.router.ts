import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './organization.schema'
import * as service from './organization.service'

/** Settings > Organization: the acting tenant itself. */
export const organizationRouter = router({
  get: procedure({
    scope: 'tenant',
    permission: ['branding', 'read'],
    audit: 'none',
    summary: 'What the organization says of itself, and who owns it',
  })
    .output(schema.organization)
    .query(({ ctx }) => service.getOrganization(ctx.op)),
  update: procedure({
    scope: 'tenant',
    permission: ['branding', 'full'],
    audit: 'organization.update',
    summary: 'Change name, description and icon of the organization',
  })
    .input(schema.updateOrganization)
    .output(schema.organization)
    .mutation(({ ctx, input }) => service.updateOrganization(ctx.op, input)),
  candidates: procedure({
    scope: 'tenant',
    permission: ['users', 'full'],
    audit: 'none',
    summary: 'Members who could become the owner; for the owner',
  })
    .input(schema.candidatesInput)
    .output(schema.candidates)
    .query(({ ctx, input }) => service.ownerCandidates(ctx.op, input.search)),
  transfer: procedure({
    scope: 'tenant',
    permission: ['users', 'full'],
    audit: 'organization.transfer',
    ids: { userId: 'user' },
    summary: 'Hand the organization over to a member; for the owner',
  })
    .input(schema.transferOwnership)
    .output(schema.ownerRef)
    .mutation(({ ctx, input }) => service.transferOwnership(ctx.op, input.userId, input.password)),
  deletionPlan: procedure({
    scope: 'tenant',
    permission: ['users', 'full'],
    audit: 'none',
    summary: 'All that dies with the organization; for the owner',
  })
    .output(schema.organizationPlan)
    .query(({ ctx }) => service.organizationPlan(ctx.op)),
  delete: procedure({
    scope: 'tenant',
    permission: ['users', 'full'],
    audit: 'organization.delete',
    summary: 'Delete the organization; for the owner',
  })
    .input(schema.deleteOrganization)
    .output(schema.deletedOrganization)
    .mutation(({ ctx, input }) => service.deleteOrganization(ctx.op, input.confirmName, input.password)),
})
