import type { ResolvedTenant } from '@/lib/host'
import { parseLogin } from '@/lib/login-name'
import { MASTER_SLUG } from '@/lib/master'

/** Who wants to sign in where: slugs of the tenant to act in and of the person's home. */
export interface SignInTarget {
  host: string
  home: string
  username: string
}

/**
 * What a typed name means on a host (PRODUCT rule 9): on a tenant's a bare name is homed there and `home\name` is a member
 * from elsewhere; on the main host a bare name is the master's. Null: nobody can sign in like that here.
 */
export function signInTarget(host: ResolvedTenant, login: string): SignInTarget | null {
  if (host.kind !== 'master' && host.kind !== 'tenant') return null
  const here = host.kind === 'master' ? MASTER_SLUG : host.slug
  const name = parseLogin(login)
  if (name.kind === 'invalid') return null
  const home = name.kind === 'bare' ? here : name.slug
  // On the main host a subtenant's user is handed to that tenant's own host (handOffTarget).
  return host.kind === 'master' && home !== MASTER_SLUG ? null : { host: here, home, username: name.username }
}

/** Whom `acme\tom` on the main host hands over: Tom, to Acme's host. Null for any other name or host. */
export function handOffTarget(host: ResolvedTenant, login: string): SignInTarget | null {
  const name = parseLogin(login)
  if (host.kind !== 'master' || name.kind !== 'prefixed' || name.slug === MASTER_SLUG) return null
  return { host: name.slug, home: name.slug, username: name.username }
}
