import { type RulesOf, wall } from './ops'
import { type Assignment, homeOf, type Person, type State, type Tenant } from './state'

const isActive = (state: State, by: Person) => state.tenants[homeOf(by)].active
const isOwn = (state: State, by: Person, role: string) =>
  state.roles[role]?.tenant === homeOf(by) && !state.roles[role].builtIn && isActive(state, by)
const inUse = (state: State, role: string) => Object.values(state.assignments).some((a) => a.role === role)
const assignmentKey = (a: Pick<Assignment, 'tenant' | 'user' | 'role' | 'scope'>): string =>
  `${a.tenant} ${a.user} ${a.role} ${a.scope}`

/** Moves a tenant's assignments from one role to another; where the other one is held like that already, it is left. */
function move(state: State, tenant: Tenant, from: string, to: string): void {
  for (const [key, a] of Object.entries(state.assignments)) {
    if (a.tenant !== tenant || a.role !== from) continue
    delete state.assignments[key]
    const moved = { ...a, role: to }
    state.assignments[assignmentKey(moved)] ??= moved
  }
}
/** The nth of a tenant's assignments, in the order of their keys; null: there are none. */
export function nthAssignment(state: State, tenant: Tenant | null, nth: number): string | null {
  const keys = Object.keys(state.assignments)
    .filter((key) => tenant === null || state.assignments[key]?.tenant === tenant)
    .sort()
  return keys[nth % Math.max(keys.length, 1)] ?? null
}

export const ROLE_RULES: RulesOf<
  'createRole' | 'editRole' | 'deleteRole' | 'diverge' | 'relink' | 'assignRole' | 'unassign'
> = {
  createRole: {
    verdict: (state, { by, role, multi }) =>
      state.roles[role] ? 'skip' : wall(isActive(state, by) && (!multi || homeOf(by) === 'M')),
    apply: (state, { by, role, multi, levels, access }) => {
      state.roles[role] = {
        tenant: homeOf(by),
        builtIn: false,
        multi,
        locked: false,
        template: null,
        levels,
        access,
      }
    },
  },
  editRole: {
    verdict: (state, { by, role }) => wall(isOwn(state, by, role)),
    apply: (state, { role, levels, access }) => {
      const of = state.roles[role]
      if (of) Object.assign(of, { levels, access })
    },
  },
  deleteRole: {
    verdict: (state, { by, role }) => wall(isOwn(state, by, role) && !inUse(state, role)),
    apply: (state, { role }) => {
      delete state.roles[role]
      // What was copied from it is the tenants' own now.
      for (const other of Object.values(state.roles)) if (other.template === role) other.template = null
    },
  },
  diverge: {
    verdict: (state, { by, template, role }) => {
      const of = state.roles[template]
      const tenant = homeOf(by)
      if (state.roles[role] || !of) return 'skip'
      const has = Object.values(state.roles).some((one) => one.tenant === tenant && one.template === template)
      return wall(isActive(state, by) && tenant !== 'M' && of.multi && !of.locked && !has)
    },
    apply: (state, { by, template, role, levels, access }) => {
      const tenant = homeOf(by)
      state.roles[role] = { tenant, builtIn: false, multi: false, locked: false, template, levels, access }
      move(state, tenant, template, role)
    },
  },
  relink: {
    verdict: (state, { by, role }) => wall(isOwn(state, by, role) && state.roles[role]?.template != null),
    apply: (state, { by, role }) => {
      move(state, homeOf(by), role, state.roles[role]?.template ?? '')
      delete state.roles[role]
    },
  },
  assignRole: {
    verdict: (state, { by, user, role, scope }) => {
      const tenant = homeOf(by)
      const of = state.roles[role]
      if (!of) return 'skip'
      const fits = of.tenant === tenant || (of.multi && tenant !== 'M')
      const isNew = !state.assignments[assignmentKey({ tenant, user, role, scope })]
      return wall(isActive(state, by) && homeOf(user) === tenant && fits && isNew)
    },
    apply: (state, { by, user, role, scope, expired }) => {
      const assignment = { tenant: homeOf(by), user, role, scope, expired }
      state.assignments[assignmentKey(assignment)] = assignment
    },
  },
  unassign: {
    verdict: (state, { by, nth }) =>
      wall(isActive(state, by) && nthAssignment(state, homeOf(by), nth) !== null),
    apply: (state, { by, nth }) => void delete state.assignments[nthAssignment(state, homeOf(by), nth) ?? ''],
  },
}
