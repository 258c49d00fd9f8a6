import type { Declaration } from '@/server/rpc/declaration'
import { procedure, router } from '@/server/rpc/procedure'
import { effects } from '@/server/features/roles/roles.schema'
import * as assign from './users.assign.service'
import * as guests from './users.guests.service'
import { ownPeople } from './users.people'
import * as schema from './users.schema'
import * as service from './users.service'
import { endSessionInput, userSignIn } from './users.sign-in.schema'
import * as signIn from './users.sign-in.service'
import { leaveTenant } from './users.leave.service'
import * as write from './users.write.service'

type Told = Pick<Declaration, 'summary'> & Partial<Omit<Declaration, 'scope'>>

const reads = (d: Told) => procedure({ scope: 'tenant', permission: ['users', 'read'], audit: 'none', ...d })
const manages = (d: Told) =>
  procedure({ scope: 'tenant', permission: ['users', 'full'], audit: 'none', ...d })
const id = { id: 'user' } as const

/** The people of the acting tenant. */
export const usersRouter = router({
  list: reads({ summary: "The tenant's users" })
    .input(schema.listUsers)
    .output(schema.userPage)
    .query(({ ctx, input }) => service.listUsers(ownPeople(ctx.op), input)),
  get: reads({ ids: id, summary: 'One user of the tenant' })
    .input(schema.userId)
    .output(schema.userRow)
    .query(({ ctx, input }) => service.getUser(ownPeople(ctx.op), input.id)),
  create: manages({
    audit: 'user.create',
    ids: { roleIds: 'role', 'assignments.roleId': 'role' },
    summary: 'Create a user in the tenant',
  })
    .input(schema.createUser)
    .output(schema.passwordAnswer)
    .mutation(({ ctx, input }) => write.createUser(ownPeople(ctx.op), input)),
  previewCreate: manages({
    ids: { 'assignments.roleId': 'role' },
    summary: 'What a new user would gain by these roles',
  })
    .input(schema.previewUser)
    .output(effects)
    .query(({ ctx, input }) => assign.previewCreate(ownPeople(ctx.op), input)),
  update: manages({
    audit: 'user.update',
    ids: id,
    summary: "Change a user's names, username and e-mail address",
  })
    .input(schema.updateUser)
    .output(schema.userRef)
    .mutation(({ ctx, input }) => write.updateUser(ownPeople(ctx.op), input)),
  setPassword: manages({
    audit: 'user.set_password',
    ids: id,
    summary: 'Set a temporary password for a user',
  })
    .input(schema.setPassword)
    .output(schema.passwordAnswer)
    .mutation(({ ctx, input }) => write.setUserPassword(ownPeople(ctx.op), input.id, input)),
  setRoles: manages({
    audit: 'user.set_roles',
    ids: { ...id, roleIds: 'role' },
    summary: "Set a user's roles in the tenant",
  })
    .input(schema.setRoles)
    .output(schema.userRef)
    .mutation(({ ctx, input }) => write.setUserRoles(ownPeople(ctx.op), input.id, input.roleIds)),
  previewAssignments: manages({
    ids: { ...id, 'assignments.roleId': 'role' },
    summary: 'What a user would gain and lose by other roles',
  })
    .input(schema.setAssignments)
    .output(effects)
    .query(({ ctx, input }) => assign.previewAssignments(ownPeople(ctx.op), input.id, input.assignments)),
  setAssignments: manages({
    audit: 'user.set_roles',
    ids: { ...id, 'assignments.roleId': 'role' },
    summary: "Set a user's roles in the tenant, each with its scope and end",
  })
    .input(schema.setAssignments)
    .output(schema.userRef)
    .mutation(({ ctx, input }) => assign.setAssignments(ownPeople(ctx.op), input.id, input.assignments)),
  disable: manages({ audit: 'user.disable', ids: id, summary: 'Disable a user: out at once' })
    .input(schema.userId)
    .output(schema.userRef)
    .mutation(({ ctx, input }) => write.disableUser(ownPeople(ctx.op), input.id)),
  enable: manages({ audit: 'user.enable', ids: id, summary: 'Enable a disabled user' })
    .input(schema.userId)
    .output(schema.userRef)
    .mutation(({ ctx, input }) => write.enableUser(ownPeople(ctx.op), input.id)),
  delete: manages({ audit: 'user.delete', ids: id, summary: 'Delete a user' })
    .input(schema.userId)
    .output(schema.userRef)
    .mutation(({ ctx, input }) => write.deleteUser(ownPeople(ctx.op), input.id)),
  signIn: manages({ ids: id, summary: 'How a user signs in, and where they are signed in here' })
    .input(schema.userId)
    .output(userSignIn)
    .query(({ ctx, input }) => signIn.userSignIn(ownPeople(ctx.op), input.id)),
  endSession: manages({
    audit: 'user.end_session',
    ids: { ...id, sessionId: 'session' },
    summary: 'End one session of a user in this tenant',
  })
    .input(endSessionInput)
    .output(schema.userRef)
    .mutation(({ ctx, input }) => signIn.endUserSession(ownPeople(ctx.op), input.id, input.sessionId)),
  removeFactors: manages({
    audit: 'user.remove_factors',
    ids: id,
    summary: 'Remove the second factors of a user who lost theirs',
  })
    .input(schema.userId)
    .output(schema.userRef)
    .mutation(({ ctx, input }) => signIn.removeUserFactors(ownPeople(ctx.op), input.id)),
  endSessions: manages({ audit: 'user.end_sessions', ids: id, summary: 'Sign a user out everywhere' })
    .input(schema.userId)
    .output(schema.sessionsAnswer)
    .mutation(({ ctx, input }) => write.endUserSessions(ownPeople(ctx.op), input.id)),
  // Of the tenants that somebody else is in, too, nothing is told to who acts as them (attack F18).
  elsewhere: manages({
    impersonating: 'refused',
    summary: 'People of other tenants whom this person manages, too, to add as guests',
  })
    .input(schema.searchElsewhere)
    .output(schema.elsewhere)
    .query(({ ctx, input }) => guests.listElsewhere(ownPeople(ctx.op), input.search)),
  previewGuest: manages({
    impersonating: 'refused',
    ids: { userId: 'user', 'assignments.roleId': 'role' },
    summary: 'What somebody from another tenant would gain by these roles',
  })
    .input(schema.addGuest)
    .output(effects)
    .query(({ ctx, input }) => guests.previewGuest(ownPeople(ctx.op), input)),
  addGuest: manages({
    audit: 'user.add_guest',
    ids: { userId: 'user', 'assignments.roleId': 'role' },
    summary: 'Make somebody homed in another tenant a member, with roles here',
  })
    .input(schema.addGuest)
    .output(schema.userRef)
    .mutation(({ ctx, input }) => guests.addGuest(ownPeople(ctx.op), input)),
  removeGuest: manages({
    audit: 'user.remove_guest',
    ids: id,
    summary: 'End a guest’s membership: out at once',
  })
    .input(schema.userId)
    .output(schema.userRef)
    .mutation(({ ctx, input }) => write.removeGuest(ownPeople(ctx.op), input.id)),
  leave: procedure({
    scope: 'self',
    audit: 'user.leave',
    summary: 'Leave a tenant that I am a guest of',
  })
    .output(schema.leaveAnswer)
    .mutation(({ ctx }) => leaveTenant(ctx.op)),
})
