import { type RulesOf, wall } from './ops'
import { cloudLevel, hasCloud, sees, tenantRenames, verbsOfTenant } from './sight'
import { homeOf, type State, type Tenant } from './state'

const isActive = (state: State, tenant: Tenant) => state.tenants[tenant].active
const isMasters = (state: State, slot: string) => state.resources[slot]?.owner === 'M'

/** Where a tenant may put something: in a cloud that it owns or uses, or in a public one that it may use fully. */
function mayPlace(state: State, tenant: Tenant, cloud: string | null): boolean {
  if (cloud === null) return true
  const it = state.resources[cloud]
  if (it?.kind !== 'cloud') return false
  return (
    it.owner === tenant ||
    it.assigned === tenant ||
    (hasCloud(state, tenant, cloud) && cloudLevel(state, tenant, cloud) === 'full')
  )
}

/** Grants end with an assignment elsewhere; what is assigned is private (rule 4). */
function moveTo(state: State, slot: string, to: Tenant): void {
  const it = state.resources[slot]
  if (!it) return
  if (it.assigned !== to)
    for (const [key, grant] of Object.entries(state.grants))
      if (grant.resource === slot) delete state.grants[key]
  it.assigned = to
  it.visibility = 'private'
}

/** What stands in a cloud that is assigned away goes where the cloud goes, and nowhere else (rule 4). */
function leavesItsCloud(state: State, slot: string, to: Tenant): boolean {
  const it = state.resources[slot]
  const cloud = it?.kind === 'cloud' ? undefined : state.resources[it?.cloud ?? '']
  if (!it || !cloud || cloud.assigned === cloud.owner || it.owner !== cloud.owner) return false
  return to !== it.assigned && to !== cloud.assigned
}
const inside = (state: State, cloud: string) =>
  Object.entries(state.resources).filter(([slot, it]) => it.cloud === cloud && slot !== cloud)

export const RESOURCE_RULES: RulesOf<
  'create' | 'rename' | 'edit' | 'remove' | 'assign' | 'publish' | 'member' | 'tag'
> = {
  create: {
    verdict: (state, { by, slot, kind, cloud }) => {
      if (state.resources[slot]) return 'skip'
      const tenant = homeOf(by)
      return wall(isActive(state, tenant) && (kind === 'cloud' || mayPlace(state, tenant, cloud)))
    },
    apply: (state, { by, slot, kind, name, cloud }) => {
      const owner = homeOf(by)
      const stands = kind === 'cloud' ? slot : cloud
      const it = stands === null ? undefined : state.resources[stands]
      // What the master adds to a cloud goes where the cloud went.
      const assigned = owner === 'M' && it?.owner === 'M' ? it.assigned : owner
      state.resources[slot] = {
        kind,
        name,
        owner,
        assigned,
        visibility: 'private',
        cloud: stands,
        createdBy: by,
      }
    },
  },
  rename: {
    // To the name that it has is no renaming.
    verdict: (state, { by, slot, name }) =>
      wall(
        tenantRenames(state, homeOf(by), slot) ||
          (state.resources[slot]?.name === name && verbsOfTenant(state, homeOf(by), slot).includes('edit')),
      ),
    apply: (state, { slot, name }) => {
      const it = state.resources[slot]
      if (it) it.name = name
    },
  },
  edit: {
    verdict: (state, { by, slot }) => wall(verbsOfTenant(state, homeOf(by), slot).includes('edit')),
    apply: () => undefined,
  },
  remove: {
    verdict: (state, { by, slot }) =>
      wall(verbsOfTenant(state, homeOf(by), slot).includes('delete') && inside(state, slot).length === 0),
    apply: (state, { slot }) => {
      delete state.resources[slot]
      for (const [key, grant] of Object.entries(state.grants))
        if (grant.resource === slot) delete state.grants[key]
      for (const cap of Object.values(state.caps)) delete cap.clouds[slot]
      for (const group of Object.values(state.groups))
        group.members = group.members.filter((one) => one !== slot)
      for (const tenant of Object.keys(state.added) as Tenant[]) {
        state.added[tenant] = state.added[tenant].filter((one) => one !== slot)
        state.tags[tenant] = state.tags[tenant].filter((one) => !one.startsWith(`${slot} `))
      }
    },
  },
  assign: {
    verdict: (state, { by, slot, to }) => {
      if (homeOf(by) !== 'M' || !isMasters(state, slot)) return 'wall'
      if (leavesItsCloud(state, slot, to)) return 'wall'
      if (!isActive(state, to)) return 'service'
      // What a subtenant owns inside a cloud blocks its move.
      const isCloud = state.resources[slot]?.kind === 'cloud'
      return isCloud && inside(state, slot).some(([, it]) => it.owner !== 'M') ? 'service' : 'ok'
    },
    apply: (state, { slot, to }) => {
      const isCloud = state.resources[slot]?.kind === 'cloud'
      for (const [one] of isCloud ? inside(state, slot) : []) moveTo(state, one, to)
      moveTo(state, slot, to)
    },
  },
  publish: {
    verdict: (state, { by, slot, visibility }) => {
      const fits = visibility === 'private' || state.resources[slot]?.assigned === 'M'
      return wall(homeOf(by) === 'M' && isMasters(state, slot) && fits)
    },
    apply: (state, { slot, visibility }) => {
      const it = state.resources[slot]
      if (it) it.visibility = visibility
    },
  },
  member: {
    verdict: (state, { by, group, slot, add }) => {
      const tenant = homeOf(by)
      const of = state.groups[group]
      if (!of || of.tenant !== tenant || !isActive(state, tenant)) return 'wall'
      const is = of.members.includes(slot)
      return wall(add ? !is && sees(state, tenant, slot) : is)
    },
    apply: (state, { group, slot, add }) => {
      const of = state.groups[group]
      if (of) of.members = add ? [...of.members, slot] : of.members.filter((one) => one !== slot)
    },
  },
  tag: {
    verdict: (state, { by, slot, tag, add }) => {
      const tenant = homeOf(by)
      const is = state.tags[tenant].includes(`${slot} ${tag}`)
      return wall(isActive(state, tenant) && (add ? !is && sees(state, tenant, slot) : is))
    },
    apply: (state, { by, slot, tag, add }) => {
      const tenant = homeOf(by)
      const text = `${slot} ${tag}`
      state.tags[tenant] = add
        ? [...state.tags[tenant], text]
        : state.tags[tenant].filter((one) => one !== text)
    },
  },
}
