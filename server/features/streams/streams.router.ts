import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './streams.schema'
import * as streams from './streams.service'

const ids = { cloudId: 'resource', resourceId: 'resource' } as const

/** What clouds do of their own. */
export const streamsRouter = router({
  activity: procedure({
    scope: 'tenant',
    permission: ['virtualMachines', 'read'],
    audit: 'none',
    ids,
    rest: { method: 'GET', path: '/api/v1/activity' },
    summary: 'Tasks or events of clouds, about what the tenant owns or uses, newest first',
  })
    .input(schema.activityInput)
    .output(schema.activityList)
    .query(({ ctx, input }) => streams.activity(ctx.op, input)),

  backups: procedure({
    scope: 'tenant',
    permission: ['virtualMachines', 'read'],
    audit: 'none',
    ids,
    rest: { method: 'GET', path: '/api/v1/backups' },
    summary: 'Backups that clouds keep of what the tenant owns or uses, newest first',
  })
    .input(schema.backupsInput)
    .output(schema.backupList)
    .query(({ ctx, input }) => streams.backups(ctx.op, input)),
})
