// A worker's process that works off what Stripe told, and nothing else; killed in the middle of it by billing.kill.test.ts.
import { connectDatabase } from '@/server/db/runtime'
import { billingTick } from '@/server/features/billing/billing.jobs'
import { env } from '@/server/platform/env'

const runtime = await connectDatabase({
  runtimeUrl: process.env.TARGET ?? '',
  secret: process.env.TARGET_SECRET ?? '',
  env: env(),
})
await billingTick()
await runtime.close()
