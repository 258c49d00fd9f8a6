import type { Access, GrantRole, Resource, State, Tenant } from './state'

// Rules 1, 2, 4, 5 and 16, and the table of relations in docs/decisions/0012, in as few words as they have there.

export type Verb = 'see' | 'act' | 'edit' | 'delete'
export type Relation = 'owner' | 'assigned' | 'granted' | 'public'

/** What a tenant's cap says of a public cloud; the master has no cap and is offered nothing. */
export function cloudLevel(state: State, tenant: Tenant, cloud: string): Access {
  const cap = state.caps[state.tenants[tenant].cap ?? '']
  return cap ? (cap.clouds[cloud] ?? cap.cloudDefault) : 'none'
}

/** Rule 5: granted by the tenant role = offered. */
export function isOffered(state: State, tenant: Tenant, cloud: string): boolean {
  const it = state.resources[cloud]
  return it?.kind === 'cloud' && it.visibility === 'public' && cloudLevel(state, tenant, cloud) !== 'none'
}

/** Rule 5: added = listed. */
export const hasCloud = (state: State, tenant: Tenant, cloud: string): boolean =>
  state.added[tenant].includes(cloud) && isOffered(state, tenant, cloud)

const RANK: Record<GrantRole, number> = { viewer: 1, editor: 2, admin: 3 }

/** The best live grant of a resource to a tenant: of that thing, or of all of its kind that the master has to give. */
function grantRole(state: State, tenant: Tenant, slot: string): GrantRole | null {
  const it = state.resources[slot]
  if (!it) return null
  const single = Object.values(state.grants)
    .filter((g) => g.resource === slot && g.tenant === tenant && g.status === 'live' && !g.expired)
    .map((g) => g.role)
  const all = Object.values(state.grantsOfAll)
    // What the master assigned away is its user's alone (rule 4).
    .filter((g) => g.tenant === tenant && !g.expired && it.kind === g.kind)
    .filter(() => it.owner === 'M' && it.assigned === 'M')
    .map((g) => g.role)
  return [...single, ...all].sort((a, b) => RANK[b] - RANK[a])[0] ?? null
}

const isPublicTo = (state: State, tenant: Tenant, it: Resource): boolean =>
  it.visibility === 'public' && (it.cloud === null || hasCloud(state, tenant, it.cloud))

/** Whether a thing exists for a tenant. */
export function sees(state: State, tenant: Tenant, slot: string): boolean {
  const it = state.resources[slot]
  if (!it || !state.tenants[tenant].active) return false
  if (tenant === 'M') return it.owner === 'M'
  return it.assigned === tenant || isPublicTo(state, tenant, it) || grantRole(state, tenant, slot) !== null
}

/** How a tenant comes to see a thing; null: it does not. */
function relation(state: State, tenant: Tenant, slot: string): Relation | null {
  const it = state.resources[slot]
  if (!it || !sees(state, tenant, slot)) return null
  if (it.owner === tenant) return 'owner'
  if (it.assigned === tenant) return 'assigned'
  return grantRole(state, tenant, slot) ? 'granted' : 'public'
}

export const canBeActedOn = ({ kind }: Resource): boolean => kind === 'host' || kind === 'virtual_machine'

/** What the tenant may do with a thing, whoever acts. */
export function verbsOfTenant(state: State, tenant: Tenant, slot: string): Verb[] {
  const it = state.resources[slot]
  if (!it) return []
  const verbs = ((): Verb[] => {
    switch (relation(state, tenant, slot)) {
      case 'owner':
        return it.assigned === tenant ? ['see', 'act', 'edit', 'delete'] : ['see', 'edit', 'delete']
      case 'assigned':
        return ['see', 'act']
      case 'granted':
        return grantRole(state, tenant, slot) === 'viewer' ? ['see'] : ['see', 'act', 'edit']
      case 'public':
        return ['see']
      case null:
        return []
    }
  })()
  return verbs.filter((verb) => verb !== 'act' || canBeActedOn(it))
}

/** Renaming is the owner's, and an admin's of a share. */
export const tenantRenames = (state: State, tenant: Tenant, slot: string): boolean =>
  relation(state, tenant, slot) === 'owner' ||
  (relation(state, tenant, slot) === 'granted' && grantRole(state, tenant, slot) === 'admin')

/** Whether a tenant may share what it owns (rule 16). */
export const mayShare = (state: State, tenant: Tenant): boolean =>
  tenant === 'M' ||
  (state.tenants[tenant].active && state.caps[state.tenants[tenant].cap ?? '']?.levels.sharing === 'full')
