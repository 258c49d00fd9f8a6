import type { ResolvedTenant } from '@/lib/host'
import { siteConfig } from '@/server/context/site'
import { notFound } from '@/server/platform/errors'

/**
 * Whom passkeys are made for: the tenant's own host, from the configuration, so that one made on a sibling's host is worth nothing here. In path
 * mode all tenants share a host; whose a passkey is, its row says.
 * @throws AppError 404 on a host that is none of ours
 */
export function relyingParty(host: ResolvedTenant): { id: string; origin: string } {
  if (host.kind !== 'master' && host.kind !== 'tenant') throw notFound()
  const { scheme, baseHost, port, tenantUrls } = siteConfig()
  const id = host.kind === 'tenant' && tenantUrls === 'subdomain' ? `${host.slug}.${baseHost}` : baseHost
  return { id, origin: `${scheme}://${id}${port === '' ? '' : `:${port}`}` }
}
