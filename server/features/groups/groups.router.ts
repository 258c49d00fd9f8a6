import * as schema from '@/server/features/groups/groups.schema'
import * as groups from '@/server/features/groups/groups.service'
import { procedure, router } from '@/server/rpc/procedure'

const read = { scope: 'tenant', permission: ['groups', 'read'], audit: 'none' } as const
const change = { scope: 'tenant', permission: ['groups', 'full'] } as const

export const groupsRouter = router({
  list: procedure({
    ...read,
    rest: { method: 'GET', path: '/api/v1/groups' },
    summary: 'Groups of the tenant, with what one sees of each',
  })
    .input(schema.groupListInput)
    .output(schema.groupListOutput)
    .query(({ ctx, input }) => groups.listGroups(ctx.op, input)),

  get: procedure({
    ...read,
    ids: { id: 'group' },
    rest: { method: 'GET', path: '/api/v1/groups/{id}' },
    summary: 'One group, and which roles name it',
  })
    .input(schema.groupIdInput)
    .output(schema.groupDetail)
    .query(({ ctx, input }) => groups.getGroup(ctx.op, input.id)),

  create: procedure({
    ...change,
    audit: 'group.create',
    impersonating: 'allowed',
    rest: { method: 'POST', path: '/api/v1/groups' },
    summary: 'Make a group',
  })
    .input(schema.groupCreateInput)
    .output(schema.groupRef)
    .mutation(({ ctx, input }) => groups.createGroup(ctx.op, input)),

  update: procedure({
    ...change,
    audit: 'group.update',
    impersonating: 'allowed',
    ids: { id: 'group' },
    rest: { method: 'PATCH', path: '/api/v1/groups/{id}' },
    summary: 'Rename a group, describe it',
  })
    .input(schema.groupUpdateInput)
    .output(schema.groupRef)
    .mutation(({ ctx, input }) => groups.updateGroup(ctx.op, input)),

  delete: procedure({
    ...change,
    audit: 'group.delete',
    impersonating: 'allowed',
    ids: { id: 'group' },
    rest: { method: 'DELETE', path: '/api/v1/groups/{id}' },
    summary: 'Delete a group; what is in it stays',
  })
    .input(schema.groupIdInput)
    .output(schema.groupRef)
    .mutation(({ ctx, input }) => groups.deleteGroup(ctx.op, input.id)),

  setMembers: procedure({
    ...change,
    audit: 'group.members',
    impersonating: 'allowed',
    ids: { id: 'group', add: 'resource', remove: 'resource' },
    rest: { method: 'POST', path: '/api/v1/groups/{id}/members' },
    summary: 'Put resources into a group, or take them out',
  })
    .input(schema.groupMembersInput)
    .output(schema.groupMembersOutput)
    .mutation(({ ctx, input }) => groups.setMembers(ctx.op, input)),
})
