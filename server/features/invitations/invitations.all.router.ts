import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './invitations.all.schema'
import * as service from './invitations.all.service'
import * as level from './invitations.level.service'
import { intoSubtenant } from './invitations.router'

/** Invitations of all tenants, for the master: People > Invitations. One by one they are changed where they are, by the two other routers. */
export const allInvitationsRouter = router({
  list: procedure({
    scope: 'master',
    licence: 'use',
    permission: ['tenantUsers', 'read'],
    audit: 'none',
    ids: { tenantId: 'tenant' },
    summary: 'Invitations of all tenants of the last 90 days',
  })
    .input(schema.listAllInvitations)
    .output(schema.allInvitationsPage)
    .query(({ ctx, input }) => service.listAllInvitations(ctx.op, input)),
  options: procedure({
    scope: 'master',
    licence: 'use',
    permission: ['tenantUsers', 'read'],
    audit: 'none',
    summary: 'At which levels one may invite, and to which roles that every tenant has',
  })
    .output(schema.inviteOptions)
    .query(({ ctx }) => service.inviteOptions(ctx.op)),
  raise: procedure({
    scope: 'master',
    licence: 'use',
    permission: ['tenantUsers', 'full'],
    audit: 'invitation.level',
    ids: { ids: 'invitation', roleId: 'role' },
    summary: 'Invite an address at parent level in place of its invitations into subtenants',
  })
    .input(schema.raiseInvitations)
    .output(schema.raisedInvitations)
    .mutation(({ ctx, input }) => level.raiseInvitations(ctx.op, input)),
  lower: procedure({
    scope: 'master',
    licence: 'use',
    permission: ['tenantUsers', 'full'],
    audit: 'invitation.level',
    ids: { id: 'invitation', tenantIds: 'tenant' },
    summary: 'Invite an address into subtenants in place of its invitation at parent level',
  })
    .input(schema.lowerInvitation)
    .output(schema.loweredInvitation)
    .mutation(({ ctx, input }) =>
      level.lowerInvitation(ctx.op, input, (tenantId) => intoSubtenant(ctx.op, tenantId)),
    ),
})
