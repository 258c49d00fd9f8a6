import { ownPeople } from '@/server/features/users/users.people'
import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './machine-logins.schema'
import * as service from './machine-logins.service'

const id = { id: 'user' } as const

/** What people sign in to machines with by default. Put in and taken out; never told again. */
export const machineLoginsRouter = router({
  mine: procedure({ scope: 'self', audit: 'none', summary: 'Which default logins to machines I have set' })
    .output(schema.machineLogins)
    .query(({ ctx }) => service.myLogins(ctx.op)),
  setMine: procedure({
    scope: 'self',
    audit: 'account.machine_login_set',
    summary: 'Set my default login to Windows or Linux machines',
  })
    .input(schema.setMine)
    .output(schema.done)
    .mutation(({ ctx, input }) => service.setMyLogin(ctx.op, input)),
  clearMine: procedure({
    scope: 'self',
    audit: 'account.machine_login_clear',
    summary: 'Remove my default login to Windows or Linux machines',
  })
    .input(schema.clearMine)
    .output(schema.done)
    .mutation(({ ctx, input }) => service.clearMyLogin(ctx.op, input.system)),
  ofUser: procedure({
    scope: 'tenant',
    permission: ['users', 'read'],
    audit: 'none',
    ids: id,
    summary: 'Which default logins to machines a user has',
  })
    .input(schema.ofUser)
    .output(schema.machineLogins)
    .query(({ ctx, input }) => service.loginsOf(ownPeople(ctx.op), input.id)),
  setOfUser: procedure({
    scope: 'tenant',
    permission: ['users', 'full'],
    audit: 'user.machine_login_set',
    ids: id,
    summary: "Set a user's default login to Windows or Linux machines",
  })
    .input(schema.setOfUser)
    .output(schema.done)
    .mutation(({ ctx, input }) => service.setLoginOf(ownPeople(ctx.op), input)),
  clearOfUser: procedure({
    scope: 'tenant',
    permission: ['users', 'full'],
    audit: 'user.machine_login_clear',
    ids: id,
    summary: "Remove a user's default login to Windows or Linux machines",
  })
    .input(schema.clearOfUser)
    .output(schema.done)
    .mutation(({ ctx, input }) => service.clearLoginOf(ownPeople(ctx.op), input)),
})
