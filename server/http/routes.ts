import type { HttpRoute } from '@/server/http/route'
import { tenantExport } from '@/server/features/tenants/tenants.export'
import { healthRoutes } from '@/server/http/health'

/** Every HTTP endpoint that is no tRPC procedure; the sweep walks this list. */
export const routes: readonly HttpRoute[] = [...healthRoutes, tenantExport]
