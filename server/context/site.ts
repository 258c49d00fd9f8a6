import { type SiteConfig, siteFromPublicUrl } from '@/lib/host'
import { env } from '@/server/platform/env'

let site: SiteConfig | undefined

/** How this install is reached, from PUBLIC_URL and TENANT_URLS. */
export function siteConfig(): SiteConfig {
  return (site ??= siteFromPublicUrl(env().PUBLIC_URL, env().TENANT_URLS))
}
