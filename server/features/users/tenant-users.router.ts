import type { Declaration } from '@/server/rpc/declaration'
import { procedure, router } from '@/server/rpc/procedure'
import { effects } from '@/server/features/roles/roles.schema'
import * as assign from './users.assign.service'
import * as guests from './users.guests.service'
import { tenantPeople } from './users.people'
import * as schema from './users.schema'
import * as service from './users.service'
import * as write from './users.write.service'

type Told = Pick<Declaration, 'summary'> & Partial<Omit<Declaration, 'scope'>>

const reads = (d: Told) =>
  procedure({ scope: 'master', licence: 'use', permission: ['tenantUsers', 'read'], audit: 'none', ...d })
const manages = (d: Told) =>
  procedure({ scope: 'master', licence: 'use', permission: ['tenantUsers', 'full'], audit: 'none', ...d })
const tenant = { tenantId: 'tenant' } as const
const id = { ...tenant, id: 'user' } as const

/** The people of a subtenant, as its provider. */
export const tenantUsersRouter = router({
  list: reads({ ids: tenant, summary: 'Users of a subtenant' })
    .input(schema.provided.listUsers)
    .output(schema.userPage)
    .query(async ({ ctx, input }) => service.listUsers(await tenantPeople(ctx.op, input.tenantId), input)),
  get: reads({ ids: id, summary: 'One user of a subtenant' })
    .input(schema.provided.userId)
    .output(schema.userRow)
    .query(async ({ ctx, input }) => service.getUser(await tenantPeople(ctx.op, input.tenantId), input.id)),
  create: manages({
    audit: 'user.create',
    ids: { ...tenant, roleIds: 'role', 'assignments.roleId': 'role' },
    summary: 'Create a user in a subtenant',
  })
    .input(schema.provided.createUser)
    .output(schema.passwordAnswer)
    .mutation(async ({ ctx, input }) => write.createUser(await tenantPeople(ctx.op, input.tenantId), input)),
  previewCreate: manages({
    ids: { ...tenant, 'assignments.roleId': 'role' },
    summary: 'What a new user of a subtenant would gain by these roles',
  })
    .input(schema.provided.previewUser)
    .output(effects)
    .query(async ({ ctx, input }) => assign.previewCreate(await tenantPeople(ctx.op, input.tenantId), input)),
  update: manages({
    audit: 'user.update',
    ids: id,
    summary: "Change a user's names, username and e-mail address",
  })
    .input(schema.provided.updateUser)
    .output(schema.userRef)
    .mutation(async ({ ctx, input }) => write.updateUser(await tenantPeople(ctx.op, input.tenantId), input)),
  setPassword: manages({
    audit: 'user.set_password',
    ids: id,
    summary: 'Set a temporary password for a user',
  })
    .input(schema.provided.setPassword)
    .output(schema.passwordAnswer)
    .mutation(async ({ ctx, input }) =>
      write.setUserPassword(await tenantPeople(ctx.op, input.tenantId), input.id, input),
    ),
  setRoles: manages({
    audit: 'user.set_roles',
    ids: { ...id, roleIds: 'role' },
    summary: "Set a user's roles in a subtenant",
  })
    .input(schema.provided.setRoles)
    .output(schema.userRef)
    .mutation(async ({ ctx, input }) =>
      write.setUserRoles(await tenantPeople(ctx.op, input.tenantId), input.id, input.roleIds),
    ),
  previewAssignments: manages({
    ids: { ...id, 'assignments.roleId': 'role' },
    summary: 'What a user of a subtenant would gain and lose by other roles',
  })
    .input(schema.provided.setAssignments)
    .output(effects)
    .query(async ({ ctx, input }) =>
      assign.previewAssignments(await tenantPeople(ctx.op, input.tenantId), input.id, input.assignments),
    ),
  setAssignments: manages({
    audit: 'user.set_roles',
    ids: { ...id, 'assignments.roleId': 'role' },
    summary: "Set a user's roles in a subtenant, each with its scope and end",
  })
    .input(schema.provided.setAssignments)
    .output(schema.userRef)
    .mutation(async ({ ctx, input }) =>
      assign.setAssignments(await tenantPeople(ctx.op, input.tenantId), input.id, input.assignments),
    ),
  disable: manages({ audit: 'user.disable', ids: id, summary: 'Disable a user: out at once' })
    .input(schema.provided.userId)
    .output(schema.userRef)
    .mutation(async ({ ctx, input }) =>
      write.disableUser(await tenantPeople(ctx.op, input.tenantId), input.id),
    ),
  enable: manages({ audit: 'user.enable', ids: id, summary: 'Enable a disabled user' })
    .input(schema.provided.userId)
    .output(schema.userRef)
    .mutation(async ({ ctx, input }) =>
      write.enableUser(await tenantPeople(ctx.op, input.tenantId), input.id),
    ),
  delete: manages({ audit: 'user.delete', ids: id, summary: 'Delete a user' })
    .input(schema.provided.userId)
    .output(schema.userRef)
    .mutation(async ({ ctx, input }) =>
      write.deleteUser(await tenantPeople(ctx.op, input.tenantId), input.id),
    ),
  endSessions: manages({ audit: 'user.end_sessions', ids: id, summary: 'Sign a user out everywhere' })
    .input(schema.provided.userId)
    .output(schema.sessionsAnswer)
    .mutation(async ({ ctx, input }) =>
      write.endUserSessions(await tenantPeople(ctx.op, input.tenantId), input.id),
    ),
  elsewhere: manages({ ids: tenant, summary: 'People of other subtenants, to add to this one as guests' })
    .input(schema.provided.searchElsewhere)
    .output(schema.elsewhere)
    .query(async ({ ctx, input }) =>
      guests.listElsewhere(await tenantPeople(ctx.op, input.tenantId), input.search),
    ),
  previewGuest: manages({
    ids: { ...tenant, userId: 'user', 'assignments.roleId': 'role' },
    summary: 'What somebody from another subtenant would gain by these roles',
  })
    .input(schema.provided.addGuest)
    .output(effects)
    .query(async ({ ctx, input }) => guests.previewGuest(await tenantPeople(ctx.op, input.tenantId), input)),
  addGuest: manages({
    audit: 'user.add_guest',
    ids: { ...tenant, userId: 'user', 'assignments.roleId': 'role' },
    summary: 'Make somebody homed in another subtenant a member of this one, with roles there',
  })
    .input(schema.provided.addGuest)
    .output(schema.userRef)
    .mutation(async ({ ctx, input }) => guests.addGuest(await tenantPeople(ctx.op, input.tenantId), input)),
  removeGuest: manages({
    audit: 'user.remove_guest',
    ids: id,
    summary: 'End a guest’s membership: out at once',
  })
    .input(schema.provided.userId)
    .output(schema.userRef)
    .mutation(async ({ ctx, input }) =>
      write.removeGuest(await tenantPeople(ctx.op, input.tenantId), input.id),
    ),
})
