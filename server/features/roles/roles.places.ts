import { parseScope } from '@/lib/access'
import type { Giver } from '@/server/authz/cover'
import type { SignedInOp } from '@/server/context/op'
import type { Tx } from '@/server/db/scope'
import * as repo from './roles.repo'
import { ownedRoles } from './roles.scope'
import type { RolesOf } from './roles.scope'

/** Whose people they are, for the features that assign roles. */
export interface PlacesOf {
  op: SignedInOp
  tenantId: string
  giver: Giver
  /** Of the subtenant that the provider acts in. */
  tenant?: RolesOf['tenant']
}

const of = ({ op, tenantId, giver, tenant }: PlacesOf): RolesOf => ownedRoles(op, giver, tenantId, tenant)

/** Kinds of the groups and resources of these ids, as far as the person sees them. */
export const placesOf = (people: PlacesOf, tx: Tx, ids: readonly string[]): Promise<Map<string, string>> =>
  repo.kindsOf(tx, people.tenantId, ids, of(people).seen)

/** Names of the places that scopes are about. */
export async function peopleNames(people: PlacesOf, tx: Tx, scopes: readonly string[]) {
  const ids = scopes.flatMap((text) => {
    const scope = parseScope(text)
    return scope === null || scope.kind === 'tag' ? [] : [scope.value]
  })
  const roles = of(people)
  return { of: roles, names: await repo.namesOf(tx, people.tenantId, ids, roles.seen) }
}
