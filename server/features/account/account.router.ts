import { changeEmail, sendVerification } from '@/server/features/account/email.service'
import {
  accountOutput,
  changeEmailInput,
  changePasswordInput,
  changePasswordOutput,
  emailAsked,
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

  sendVerification: procedure({
    scope: 'self',
    audit: 'account.email_ask',
    summary: 'Send a link to my e-mail address, to confirm it',
  })
    .output(emailAsked)
    .mutation(({ ctx }) => sendVerification(ctx.op)),

  changeEmail: procedure({
    scope: 'self',
    audit: 'account.email_ask',
    summary: 'Change my e-mail address, once the link sent there is opened',
  })
    .input(changeEmailInput)
    .output(emailAsked)
    .mutation(({ ctx, input }) => changeEmail(ctx.op, input)),

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
