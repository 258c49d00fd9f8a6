import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './mail.schema'
import * as service from './mail.service'

/** Outgoing mail of the installation, the master's. */
export const mailRouter = router({
  state: procedure({
    scope: 'master',
    permission: ['mail', 'read'],
    audit: 'none',
    summary: 'Where mail goes',
  })
    .output(schema.mailStatus)
    .query(({ ctx }) => service.mailState(ctx.op)),
  list: procedure({
    scope: 'master',
    permission: ['mail', 'read'],
    audit: 'none',
    summary: 'Mail of the last 30 days, over all tenants',
  })
    .input(schema.listMail)
    .output(schema.mailPage)
    .query(({ ctx, input }) => service.listMail(ctx.op, input)),
  read: procedure({
    scope: 'master',
    permission: ['mail', 'read'],
    audit: 'mail.read',
    ids: { id: 'mail' },
    summary: 'What a mail says that is kept for want of a mail server',
  })
    .input(schema.mailId)
    .output(schema.mailText)
    .mutation(({ ctx, input }) => service.readMail(ctx.op, input.id)),
  test: procedure({
    scope: 'master',
    permission: ['mail', 'full'],
    audit: 'mail.test',
    summary: 'Send a mail to see whether it arrives',
  })
    .input(schema.testMail)
    .output(schema.testMail)
    .mutation(({ ctx, input }) => service.sendTestMail(ctx.op, input.to)),
  retry: procedure({
    scope: 'master',
    permission: ['mail', 'full'],
    audit: 'mail.retry',
    ids: { id: 'mail' },
    summary: 'Try a mail again that failed',
  })
    .input(schema.mailId)
    .output(schema.mailId)
    .mutation(({ ctx, input }) => service.retryMail(ctx.op, input.id)),
})
