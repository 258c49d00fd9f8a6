import { tenantOrigin } from '@/lib/paths'
import { siteConfig } from '@/server/context/site'

/** The addresses of one source; from the configuration, never from a request (attack B07). @param slug null: the master's host */
export function addressesOf(slug: string | null, sourceId: string) {
  const base = `${tenantOrigin(slug, siteConfig())}/api/sso/saml/${sourceId}`
  return {
    /** What this console is called there. Its metadata stand at the same address. */
    entityId: `${base}/metadata`,
    /** Where answers are sent. */
    acs: `${base}/acs`,
    /** Where the browser goes on, with its cookies. */
    continueAt: `${base}/continue`,
  }
}
