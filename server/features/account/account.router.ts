import {
  accountOutput,
  changePasswordInput,
  changePasswordOutput,
  rightsInput,
  rightsOutput,
} from '@/server/features/account/account.schema'
import { changeMyPassword, myAccount, rightsOf } from '@/server/features/account/account.service'
import { procedure, router } from '@/server/rpc/procedure'

export const accountRouter = router({
  me: procedure({ scope: 'self', audit: 'none', summary: 'Who am I, and what may I do here' })
    .output(accountOutput)
    .query(({ ctx }) => myAccount(ctx.op)),

  rightsOf: procedure({
    scope: 'tenant',
    permission: ['users', 'read'],
    audit: 'none',
    ids: { id: 'user' },
    summary: 'What somebody of the tenant may do, and why',
  })
    .input(rightsInput)
    .output(rightsOutput)
    .query(({ ctx, input }) => rightsOf(ctx.op, input.id)),

  changePassword: procedure({
    scope: 'self',
    audit: 'account.password_change',
    summary: 'Change my password; signs me out everywhere else',
  })
    .input(changePasswordInput)
    .output(changePasswordOutput)
    .mutation(async ({ ctx, input }) => {
      const { otherSessionsEnded, cookie } = await changeMyPassword(ctx.op, input)
      ctx.resHeaders?.append('set-cookie', cookie)
      return { otherSessionsEnded }
    }),
})
