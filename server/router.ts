import { accountRouter } from '@/server/features/account/account.router'
import { auditRouter } from '@/server/features/audit/audit.router'
import { sessionsRouter } from '@/server/features/sessions/sessions.router'
import { setupRouter } from '@/server/features/setup/setup.router'
import { tenantsRouter } from '@/server/features/tenants/tenants.router'
import { router } from '@/server/rpc/procedure'

/** The root router: imports feature routers, nothing else. */
export const appRouter = router({
  account: accountRouter,
  audit: auditRouter,
  sessions: sessionsRouter,
  setup: setupRouter,
  tenants: tenantsRouter,
})

export type AppRouter = typeof appRouter
