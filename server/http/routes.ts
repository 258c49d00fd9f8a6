import type { HttpRoute } from '@/server/http/route'
import { handOffRoutes } from '@/server/features/sign-in/hand-off.routes'
import { passkeyRoutes } from '@/server/features/sign-in/passkey.routes'
import { stepRoutes } from '@/server/features/sign-in/step.routes'
import { emergencyRoutes } from '@/server/features/sign-in/emergency.routes'
import { signInRoutes } from '@/server/features/sign-in/sign-in.routes'
import { impersonationRoutes } from '@/server/features/impersonation/impersonation.routes'
import { tenantExport } from '@/server/features/tenants/tenants.export'
import { agentRoutes } from '@/server/features/agents/agents.routes'
import { billingRoutes } from '@/server/features/billing/webhook.routes'
import { bootScript } from '@/server/features/boot/boot.routes'
import { eventsRoute } from '@/server/features/events/events.routes'
import { hostsExport } from '@/server/features/hosts/hosts.export'
import { rolesExport } from '@/server/features/roles/roles.transfer.service'
import { switchingRoutes } from '@/server/features/switching/switching.routes'
import { scimRoutes } from '@/server/features/scim/scim.routes'
import { ssoRoutes } from '@/server/features/identity/sso.routes'
import { recoveryRoutes } from '@/server/features/recovery/recovery.routes'
import { signUpRoutes } from '@/server/features/sign-up/sign-up.routes'
import { ownUsageExport, usageExport } from '@/server/features/usage/usage.export'
import { healthRoutes } from '@/server/http/health'

/** Every HTTP endpoint that is no tRPC procedure; the sweep walks this list. */
export const routes: readonly HttpRoute[] = [
  ...healthRoutes,
  ...agentRoutes,
  bootScript,
  eventsRoute,
  hostsExport,
  rolesExport,
  ...signInRoutes,
  ...handOffRoutes,
  ...impersonationRoutes,
  ...switchingRoutes,
  ...stepRoutes,
  ...emergencyRoutes,
  ...passkeyRoutes,
  ...recoveryRoutes,
  ...signUpRoutes,
  ...ssoRoutes,
  ...scimRoutes,
  ...billingRoutes,
  tenantExport,
  usageExport,
  ownUsageExport,
]
