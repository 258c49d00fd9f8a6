import { auditRouter } from '@/server/features/audit/audit.router'
import { router } from '@/server/rpc/procedure'

/** The root router: imports feature routers, nothing else. */
export const appRouter = router({
  audit: auditRouter,
})

export type AppRouter = typeof appRouter
