import { idFor } from './ids'
import type { Levels, RoleAccess, Rule } from './state'

// How the product stores what the model knows of roles and caps.

const ruleOf = (rule: Rule) => ({
  default: rule.default,
  entries: Object.fromEntries(Object.entries(rule.entries).map(([slot, access]) => [idFor(slot), access])),
})

/** `user_role.access`: ids for slots. */
export const storedAccess = (access: RoleAccess) => ({
  groups: ruleOf(access.groups),
  clouds: ruleOf(access.clouds),
  instanceTypes: ruleOf(access.instanceTypes),
  resources: access.resources.map((entry) => ({ ...entry, id: idFor(entry.id) })),
  claims: access.claims.map((claim) => ({
    ...claim,
    resources: claim.resources.map((one) => (one === '*' ? one : idFor(one))),
  })),
})

/** `levels` without what is none. */
export const storedLevels = (levels: Levels): Levels =>
  Object.fromEntries(Object.entries(levels).filter(([, level]) => level !== 'none'))
