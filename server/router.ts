import { router } from '@/server/rpc/procedure'

/** The root router: imports feature routers, nothing else. */
export const appRouter = router({})

export type AppRouter = typeof appRouter
