import type { ResolvedTenant } from '@/lib/host'
import { MASTER_SLUG } from '@/lib/master'
import { isSlug } from '@/lib/slug'

/** Whose password was forgotten: a username or e-mail address, and the tenant it is homed in. */
export interface Forgotten {
  home: string
  name: string
}

/**
 * Whom a typed text means: on a tenant's host somebody homed there, on the main host somebody of the master; `acme\tom` on any is Acme's.
 * Null: nobody.
 */
export function forgottenBy(host: ResolvedTenant, text: string): Forgotten | null {
  if (host.kind !== 'master' && host.kind !== 'tenant') return null
  const parts = text.trim().split('\\')
  const name = (parts.at(-1) ?? '').toLowerCase()
  if (parts.length > 2 || !/^[\x21-\x7e]{1,254}$/.test(name)) return null
  const here = host.kind === 'master' ? MASTER_SLUG : host.slug
  const home = parts.length === 2 ? (parts[0] ?? '').toLowerCase() : here
  return home === MASTER_SLUG || isSlug(home) ? { home, name } : null
}
