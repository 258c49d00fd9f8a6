import { landingOf } from '@/lib/landing'
import type { ConsolePaths } from '@/lib/paths'
import type { OpContext } from '@/server/context/op'

/**
 * Where somebody begins who asked for no page: what one of their roles says, then what the tenant role says, if they may see it; else home
 * (features.md 1.2).
 */
export function landingPath(
  { actor, tenant, rights }: Pick<OpContext, 'actor' | 'tenant' | 'rights'>,
  paths: ConsolePaths,
): string {
  if (!actor || !tenant) return paths.home
  const person = {
    isMaster: tenant.isMaster,
    rights,
    roles: actor.roles.map(({ landing }) => landing),
    cap: tenant.cap?.landing ?? '',
  }
  return landingOf(person, paths) ?? paths.home
}
