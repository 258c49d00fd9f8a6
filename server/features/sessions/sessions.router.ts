import { endedOutput, sessionInput, sessionsOutput } from '@/server/features/sessions/sessions.schema'
import { endMyOtherSessions, endMySession, mySessions } from '@/server/features/sessions/sessions.service'
import { procedure, router } from '@/server/rpc/procedure'

export const sessionsRouter = router({
  list: procedure({
    scope: 'self',
    audit: 'none',
    impersonating: 'refused',
    summary: 'Where I am signed in, in this tenant',
  })
    .output(sessionsOutput)
    .query(async ({ ctx }) => ({ rows: await mySessions(ctx.op) })),

  end: procedure({
    scope: 'self',
    audit: 'session.end',
    ids: { id: 'session' },
    summary: 'Sign one of my sessions out',
  })
    .input(sessionInput)
    .output(endedOutput)
    .mutation(({ ctx, input }) => endMySession(ctx.op, input.id)),

  endOthers: procedure({
    scope: 'self',
    audit: 'session.end_others',
    summary: 'Sign me out everywhere else in this tenant',
  })
    .output(endedOutput)
    .mutation(({ ctx }) => endMyOtherSessions(ctx.op)),
})
