import type { SignedInOp } from '@/server/context/op'
import { ownPeople, tenantPeople } from '@/server/features/users/users.people'
import type { Declaration } from '@/server/rpc/declaration'
import { procedure, publicProcedure, router } from '@/server/rpc/procedure'
import * as accept from './invitations.accept.service'
import { inviteIntoMany } from './invitations.many.service'
import * as schema from './invitations.schema'
import * as service from './invitations.service'

type Told = Pick<Declaration, 'summary'> & Partial<Omit<Declaration, 'scope'>>
const reads = (d: Told) => procedure({ scope: 'tenant', permission: ['users', 'read'], audit: 'none', ...d })
const manages = (d: Told) =>
  procedure({ scope: 'tenant', permission: ['users', 'full'], audit: 'none', ...d })
const id = { id: 'invitation' } as const
const own = (op: SignedInOp): service.Inviting => ({ people: ownPeople(op), place: op.tenant })

/** Invitations into the acting tenant, and what whoever holds a link may do. In the master: to parent-level users. */
export const invitationsRouter = router({
  list: reads({ summary: 'Invitations of the last 90 days' })
    .input(schema.listInvitations)
    .output(schema.invitationPage)
    .query(({ ctx, input }) => service.listInvitations(own(ctx.op), input)),
  create: manages({
    audit: 'invitation.create',
    ids: { roleId: 'role' },
    summary: 'Invite people by e-mail, a result for each',
  })
    .input(schema.createInvitations)
    .output(schema.createdInvitations)
    .mutation(({ ctx, input }) => service.createInvitations(own(ctx.op), input)),
  resend: manages({
    audit: 'invitation.resend',
    ids: id,
    summary: 'Mail an invitation again, with a new link',
  })
    .input(schema.invitationId)
    .output(schema.invitationRef)
    .mutation(({ ctx, input }) => service.resendInvitation(own(ctx.op), input.id)),
  revoke: manages({ audit: 'invitation.revoke', ids: id, summary: 'Take an invitation back' })
    .input(schema.invitationId)
    .output(schema.invitationRef)
    .mutation(({ ctx, input }) => service.revokeInvitation(own(ctx.op), input.id)),
  setRole: manages({
    audit: 'invitation.set_role',
    ids: { ...id, roleId: 'role' },
    summary: 'Change the role of a pending invitation',
  })
    .input(schema.setInvitationRole)
    .output(schema.invitationRef)
    .mutation(({ ctx, input }) => service.setInvitationRole(own(ctx.op), input.id, input.roleId)),
  setDefaultRole: manages({
    audit: 'invitation.default_role',
    ids: { roleId: 'role' },
    summary: 'Say which role people get who are invited without one',
  })
    .input(schema.setDefaultRole)
    .output(schema.defaultRole)
    .mutation(({ ctx, input }) => service.setDefaultRole(own(ctx.op), input.roleId)),

  look: publicProcedure({
    scope: 'public',
    audit: 'none',
    summary: 'What an invitation is about, by its link',
  })
    .input(schema.tokenInput)
    .output(schema.lookOutput)
    .query(({ ctx, input }) => accept.lookAtInvitation(ctx.op, input.token)),
  accept: publicProcedure({
    scope: 'public',
    audit: 'invitation.accept',
    summary: 'Accept invitations with a new account',
  })
    .input(schema.acceptNew)
    .output(schema.acceptOutput)
    .mutation(async ({ ctx, input }) => {
      const { cookie, ...answer } = await accept.acceptWithNew(ctx.op, input)
      if (cookie) ctx.resHeaders?.append('set-cookie', cookie)
      return answer
    }),
  acceptWithAccount: publicProcedure({
    scope: 'public',
    audit: 'invitation.accept',
    summary: 'Accept invitations with an account that there is',
  })
    .input(schema.acceptExisting)
    .output(schema.acceptOutput)
    .mutation(({ ctx, input }) => accept.acceptWithAccount(ctx.op, input)),
  decline: publicProcedure({
    scope: 'public',
    audit: 'invitation.decline',
    summary: 'Decline an invitation, by its link',
  })
    .input(schema.tokenInput)
    .output(schema.declineOutput)
    .mutation(({ ctx, input }) => accept.declineInvitation(ctx.op, input.token)),
})

const sees = (d: Told) =>
  procedure({ scope: 'master', licence: 'use', permission: ['tenantUsers', 'read'], audit: 'none', ...d })
const looksAfter = (d: Told) =>
  procedure({ scope: 'master', licence: 'use', permission: ['tenantUsers', 'full'], audit: 'none', ...d })
const tenant = { tenantId: 'tenant' } as const

/** The people of a subtenant, as its provider. @throws AppError 404; 400 for the master tenant itself */
export async function intoSubtenant(op: SignedInOp, tenantId: string): Promise<service.Inviting> {
  const people = await tenantPeople(op, tenantId)
  return { people, place: people.place }
}

/** Invitations into subtenants, as their provider. */
export const tenantInvitationsRouter = router({
  list: sees({ ids: tenant, summary: 'Invitations into a subtenant' })
    .input(schema.provided.list)
    .output(schema.invitationPage)
    .query(async ({ ctx, input }) =>
      service.listInvitations(await intoSubtenant(ctx.op, input.tenantId), input),
    ),
  create: looksAfter({
    audit: 'invitation.create',
    ids: { ...tenant, roleId: 'role' },
    summary: 'Invite people into a subtenant, a result for each',
  })
    .input(schema.provided.create)
    .output(schema.createdInvitations)
    .mutation(async ({ ctx, input }) =>
      service.createInvitations(await intoSubtenant(ctx.op, input.tenantId), input),
    ),
  createMany: looksAfter({
    audit: 'invitation.create',
    ids: { tenantIds: 'tenant' },
    summary: 'Invite people into several subtenants at once',
  })
    .input(schema.provided.createMany)
    .output(schema.createdInMany)
    .mutation(({ ctx, input: { tenantIds, ...input } }) =>
      inviteIntoMany(ctx.op, tenantIds, (tenantId) => intoSubtenant(ctx.op, tenantId), input),
    ),
  resend: looksAfter({
    audit: 'invitation.resend',
    ids: { ...tenant, ...id },
    summary: 'Mail an invitation into a subtenant again, with a new link',
  })
    .input(schema.provided.id)
    .output(schema.invitationRef)
    .mutation(async ({ ctx, input }) =>
      service.resendInvitation(await intoSubtenant(ctx.op, input.tenantId), input.id),
    ),
  revoke: looksAfter({
    audit: 'invitation.revoke',
    ids: { ...tenant, ...id },
    summary: 'Take an invitation into a subtenant back',
  })
    .input(schema.provided.id)
    .output(schema.invitationRef)
    .mutation(async ({ ctx, input }) =>
      service.revokeInvitation(await intoSubtenant(ctx.op, input.tenantId), input.id),
    ),
  setRole: looksAfter({
    audit: 'invitation.set_role',
    ids: { ...tenant, ...id, roleId: 'role' },
    summary: 'Change the role of a pending invitation into a subtenant',
  })
    .input(schema.provided.setRole)
    .output(schema.invitationRef)
    .mutation(async ({ ctx, input }) =>
      service.setInvitationRole(await intoSubtenant(ctx.op, input.tenantId), input.id, input.roleId),
    ),
  setDefaultRole: looksAfter({
    audit: 'invitation.default_role',
    ids: { ...tenant, roleId: 'role' },
    summary: 'Say which role people get in a subtenant who are invited without one',
  })
    .input(schema.provided.setDefaultRole)
    .output(schema.defaultRole)
    .mutation(async ({ ctx, input }) =>
      service.setDefaultRole(await intoSubtenant(ctx.op, input.tenantId), input.roleId),
    ),
})
