import type { Access } from '@/lib/access'
import type { AccessInput, AccessView } from '@/server/features/roles/roles.schema'

export interface Named {
  id: string
  name: string
  access: Access
}
export interface RuleState {
  default: Access
  entries: Named[]
}
export interface ClaimState {
  kinds: string[]
  actions: string[]
  resources: { id: string; name: string }[]
}
/** What the editor holds of a role's access: as the API answers, with a name for everything. */
export interface AccessState {
  groups: RuleState
  clouds: RuleState
  instanceTypes: RuleState
  resources: Named[]
  claims: ClaimState[]
}

const GONE = 'No longer there'
const ruleState = (rule: AccessView['groups']): RuleState => ({
  default: rule.default,
  entries: rule.entries.map((one) => ({ ...one, name: one.name ?? GONE })),
})

/** From what the API answers. */
export const accessState = (view: AccessView): AccessState => ({
  groups: ruleState(view.groups),
  clouds: ruleState(view.clouds),
  instanceTypes: ruleState(view.instanceTypes),
  resources: view.resources.map(({ id, name, access }) => ({ id, access, name: name ?? GONE })),
  claims: view.claims.map((claim) => ({
    ...claim,
    resources: claim.resources.map(({ id, name }) => ({ id, name: id === '*' ? 'All' : (name ?? GONE) })),
  })),
})

const plain = (other: Access): RuleState => ({ default: other, entries: [] })
export const NO_ACCESS: AccessState = {
  groups: plain('none'),
  clouds: plain('full'),
  instanceTypes: plain('full'),
  resources: [],
  claims: [],
}

const ruleInput = (rule: RuleState) => ({
  default: rule.default,
  entries: rule.entries.map(({ id, access }) => ({ id, access })),
})

/** What is sent to the API. A claim that names nothing yet is left out. */
export const accessInput = (state: AccessState): AccessInput => ({
  groups: ruleInput(state.groups),
  clouds: ruleInput(state.clouds),
  instanceTypes: ruleInput(state.instanceTypes),
  resources: state.resources.map(({ id, access }) => ({ id, access })),
  claims: state.claims
    .filter(({ kinds, actions, resources }) => kinds.length > 0 && actions.length > 0 && resources.length > 0)
    .map(({ kinds, actions, resources }) => ({
      kinds,
      actions,
      resources: resources.map(({ id }) => id),
    })) as AccessInput['claims'],
})
