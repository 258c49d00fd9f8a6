import { parseScope } from '@/lib/access'
import { labelOfKind } from '@/lib/resource-kinds/registry'
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

/** The groups and resources that scopes name by id. */
export const idsOfScopes = (scopes: readonly string[]): string[] =>
  [...new Set(scopes)].flatMap((text) => {
    const scope = parseScope(text)
    return scope === null || scope.kind === 'tag' ? [] : [scope.value]
  })

const PLACE = { group: 'Group', cloud: 'Cloud', tag: 'Tag', resource: 'Resource' } as const
const UNSEEN = { group: 'A group', cloud: 'A cloud', tag: 'A tag', resource: 'One resource' } as const

/** The words for where assignments hold, by their scopes: `Group Web`, `Host web-01`; of what the person does not see, no name. */
export async function placeWords(
  roles: RolesOf,
  tx: Tx,
  scopes: readonly string[],
): Promise<(scope: string) => string> {
  const ids = idsOfScopes(scopes)
  const names = await repo.namesOf(tx, roles.tenant.id, ids, roles.seen)
  const kinds = await repo.kindsOf(tx, roles.tenant.id, ids, roles.seen)
  return (text) => {
    const scope = parseScope(text)
    if (scope === null) return ''
    const name = scope.kind === 'tag' ? scope.value : names.get(scope.value)
    if (name === undefined) return UNSEEN[scope.kind]
    const kind = scope.kind === 'resource' ? labelOfKind(kinds.get(scope.value) ?? '') : ''
    return `${kind === '' ? PLACE[scope.kind] : kind} ${name}`
  }
}

/** Names of the places that scopes are about. */
export async function peopleNames(people: PlacesOf, tx: Tx, scopes: readonly string[]) {
  const roles = of(people)
  return { of: roles, names: await repo.namesOf(tx, people.tenantId, idsOfScopes(scopes), roles.seen) }
}
