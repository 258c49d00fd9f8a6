// A worker's process that does the tasks that wait, and nothing else; killed in the middle of one by host-moves.kill.test.ts.
import { connectDatabase } from '@/server/db/runtime'
import { runTasks } from '@/server/features/tasks/tasks.jobs'
import { env } from '@/server/platform/env'

const runtime = await connectDatabase({
  runtimeUrl: process.env.TARGET ?? '',
  secret: process.env.TARGET_SECRET ?? '',
  env: env(),
})
await runTasks()
await runtime.close()
