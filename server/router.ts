import { auditRouter } from '@/server/features/audit/audit.router'
import { tenantsRouter } from '@/server/features/tenants/tenants.router'
import { router } from '@/server/rpc/procedure'

/** The root router: imports feature routers, nothing else. */
export const appRouter = router({
  audit: auditRouter,
  tenants: tenantsRouter,
})

export type AppRouter = typeof appRouter
