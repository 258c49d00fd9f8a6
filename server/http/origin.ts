import { parseHost } from '@/lib/host'
import { siteConfig } from '@/server/context/site'
import { denied } from '@/server/platform/errors'

/**
 * Refuses a state-changing request that another origin made the browser send: SameSite is no help between sibling
 * subdomains (attack B09). Programs send neither header and pass; they hold no ambient cookie.
 * @throws AppError 403
 */
export function assertSameOrigin(headers: Headers, host: string | null): void {
  const site = headers.get('sec-fetch-site')
  if (site && site !== 'same-origin' && site !== 'none') throw denied('Cross-site request refused')
  const origin = headers.get('origin')
  if (origin === null) return
  const { scheme } = siteConfig()
  const ours =
    URL.canParse(origin) && parseHost(new URL(origin).host) === parseHost(host) && sameAuthority(origin, host)
  if (!ours || !origin.startsWith(`${scheme}:`)) throw denied('Cross-site request refused')
}

const sameAuthority = (origin: string, host: string | null) =>
  new URL(origin).host === (host ?? '').toLowerCase().replace(/\.(?=:|$)/, '')
