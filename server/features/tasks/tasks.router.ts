import * as schema from '@/server/features/tasks/tasks.schema'
import * as tasks from '@/server/features/tasks/tasks.service'
import { procedure, router } from '@/server/rpc/procedure'

const read = { scope: 'self', audit: 'none' } as const

export const tasksRouter = router({
  list: procedure({
    ...read,
    rest: { method: 'GET', path: '/api/v1/tasks' },
    summary: "Work in the background: one's own, and everybody's for who may read the audit log",
  })
    .input(schema.taskListInput)
    .output(schema.taskListOutput)
    .query(({ ctx, input }) => tasks.listTasks(ctx.op, input)),

  get: procedure({
    ...read,
    ids: { id: 'task' },
    rest: { method: 'GET', path: '/api/v1/tasks/{id}' },
    summary: 'One task, with how far it is',
  })
    .input(schema.taskIdInput)
    .output(schema.taskRow)
    .query(({ ctx, input }) => tasks.getTask(ctx.op, input.id)),
})
