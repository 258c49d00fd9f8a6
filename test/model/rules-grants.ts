import { allKey, grantKey, type RulesOf, wall } from './ops'
import { cloudLevel, isOffered, mayShare } from './sight'
import { homeOf, type State, type Tenant } from './state'

const byMaster = (by: Parameters<typeof homeOf>[0]) => wall(homeOf(by) === 'M')

/** A share is worth what its owner may do now (rule 6): suspended and brought back, never lost. */
function resuspend(state: State, owners: Tenant[]): void {
  for (const grant of Object.values(state.grants)) {
    if (!owners.includes(grant.owner) || grant.status === 'pending') continue
    grant.status = mayShare(state, grant.owner) ? 'live' : 'suspended'
  }
}
const withCap = (state: State, cap: string) =>
  (Object.keys(state.tenants) as Tenant[]).filter((tenant) => state.tenants[tenant].cap === cap)
const isCloud = (state: State, slot: string) => state.resources[slot]?.kind === 'cloud'

export const GRANT_RULES: RulesOf<
  'grant' | 'changeGrant' | 'revoke' | 'accept' | 'acceptance' | 'grantAll' | 'revokeAll'
> = {
  grant: {
    verdict: (state, { by, slot, to }) => {
      const owner = homeOf(by)
      const it = state.resources[slot]
      const isOwn = it?.owner === owner && it.assigned === owner && state.tenants[owner].active
      const isNew = to !== owner && !state.grants[grantKey(slot, to)]
      return wall(isOwn && isNew && mayShare(state, owner) && state.tenants[to].active)
    },
    apply: (state, { by, slot, to, role }) => {
      const status = state.acceptance ? 'pending' : 'live'
      state.grants[grantKey(slot, to)] = {
        resource: slot,
        owner: homeOf(by),
        tenant: to,
        role,
        status,
        expired: false,
      }
    },
  },
  changeGrant: {
    verdict: (state, { by, slot, to, role }) => {
      const grant = state.grants[grantKey(slot, to)]
      const owner = homeOf(by)
      if (grant?.owner !== owner || !state.tenants[owner].active || !mayShare(state, owner)) return 'wall'
      return wall(grant.role === role || state.tenants[to].active)
    },
    apply: (state, { slot, to, role }) => {
      const grant = state.grants[grantKey(slot, to)]
      if (!grant) return
      // More is asked for anew; less needs nobody's consent.
      if (grant.role !== role && role !== 'viewer') grant.status = state.acceptance ? 'pending' : 'live'
      grant.role = role
    },
  },
  revoke: {
    verdict: (state, { by, slot, to }) => {
      const grant = state.grants[grantKey(slot, to)]
      const tenant = homeOf(by)
      return wall(
        grant !== undefined && [grant.owner, grant.tenant].includes(tenant) && state.tenants[tenant].active,
      )
    },
    apply: (state, { slot, to }) => void delete state.grants[grantKey(slot, to)],
  },
  accept: {
    verdict: (state, { by, slot }) => {
      const grant = state.grants[grantKey(slot, homeOf(by))]
      return wall(grant?.status === 'pending' && !grant.expired && state.tenants[homeOf(by)].active)
    },
    apply: (state, { by, slot }) => {
      const grant = state.grants[grantKey(slot, homeOf(by))]
      if (grant) grant.status = mayShare(state, grant.owner) ? 'live' : 'suspended'
    },
  },
  acceptance: {
    verdict: (_state, { by }) => byMaster(by),
    apply: (state, { on }) => void (state.acceptance = on),
  },
  grantAll: {
    verdict: (_state, { by }) => byMaster(by),
    apply: (state, { to, kind, role }) =>
      void (state.grantsOfAll[allKey(to, kind)] = { tenant: to, kind, role, expired: false }),
  },
  revokeAll: {
    verdict: (state, { by, to, kind }) =>
      wall(homeOf(by) === 'M' && state.grantsOfAll[allKey(to, kind)] !== undefined),
    apply: (state, { to, kind }) => void delete state.grantsOfAll[allKey(to, kind)],
  },
}

export const CAP_RULES: RulesOf<
  'capCloud' | 'capDefault' | 'capLevels' | 'setCap' | 'setStatus' | 'addCloud' | 'dropCloud'
> = {
  capCloud: {
    verdict: (state, { by, cloud }) =>
      homeOf(by) !== 'M'
        ? 'wall'
        : isCloud(state, cloud) && state.resources[cloud]?.owner === 'M'
          ? 'ok'
          : 'skip',
    apply: (state, { cap, cloud, level }) => {
      const clouds = state.caps[cap]?.clouds ?? {}
      if (level === null) delete clouds[cloud]
      else clouds[cloud] = level
    },
  },
  capDefault: {
    verdict: (_state, { by }) => byMaster(by),
    apply: (state, { cap, level }) => {
      const of = state.caps[cap]
      if (of) of.cloudDefault = level
    },
  },
  capLevels: {
    verdict: (state, { by, cap }) =>
      homeOf(by) !== 'M' ? 'wall' : state.caps[cap]?.builtIn === false ? 'ok' : 'service',
    apply: (state, { cap, levels }) => {
      const of = state.caps[cap]
      if (of) of.levels = levels
      resuspend(state, withCap(state, cap))
    },
  },
  setCap: {
    verdict: (_state, { by }) => byMaster(by),
    apply: (state, { tenant, cap }) => {
      state.tenants[tenant].cap = cap
      resuspend(state, [tenant])
    },
  },
  setStatus: {
    verdict: (_state, { by }) => byMaster(by),
    apply: (state, { tenant, active }) => {
      state.tenants[tenant].active = active
      resuspend(state, [tenant])
    },
  },
  addCloud: {
    verdict: (state, { by, cloud }) => {
      const tenant = homeOf(by)
      const isNew = tenant !== 'M' && !state.added[tenant].includes(cloud) && state.tenants[tenant].active
      return wall(isNew && isOffered(state, tenant, cloud) && cloudLevel(state, tenant, cloud) !== 'none')
    },
    apply: (state, { by, cloud }) => void state.added[homeOf(by)].push(cloud),
  },
  dropCloud: {
    verdict: (state, { by, cloud }) =>
      wall(state.added[homeOf(by)].includes(cloud) && state.tenants[homeOf(by)].active),
    apply: (state, { by, cloud }) => {
      const tenant = homeOf(by)
      state.added[tenant] = state.added[tenant].filter((one) => one !== cloud)
    },
  },
}
