import type { HttpRoute } from '@/server/http/route'
import { healthRoutes } from '@/server/http/health'

/** Every HTTP endpoint that is no tRPC procedure; the sweep walks this list. */
export const routes: readonly HttpRoute[] = [...healthRoutes]
