import type { Op, OpName, Rules, Verdict } from './ops'
import { CAP_RULES, GRANT_RULES } from './rules-grants'
import { RESOURCE_RULES } from './rules-resources'
import { nthAssignment, ROLE_RULES } from './rules-roles'
import type { State } from './state'

/** What time ends: the nth grant, grant of all or assignment there is. */
export function expiring(state: State, { what, nth }: Extract<Op, { op: 'expire' }>): string | null {
  if (what === 'assignment') return nthAssignment(state, null, nth)
  const keys = Object.keys(what === 'grant' ? state.grants : state.grantsOfAll).sort()
  return keys[nth % Math.max(keys.length, 1)] ?? null
}

const TIME: Rules<'expire'> = {
  verdict: (state, op) => (expiring(state, op) === null ? 'skip' : 'ok'),
  apply: (state, op) => {
    const key = expiring(state, op) ?? ''
    const of = { grant: state.grants, grantAll: state.grantsOfAll, assignment: state.assignments }[op.what][
      key
    ]
    if (of) of.expired = true
  },
}
const RULES = { ...RESOURCE_RULES, ...GRANT_RULES, ...CAP_RULES, ...ROLE_RULES, expire: TIME }

const rulesOf = (op: Op) => RULES[op.op] as unknown as Rules<OpName>

/** What becomes of an operation. */
export const verdictOf = (state: State, op: Op): Verdict => rulesOf(op).verdict(state, op)

/** The state after an operation that is allowed. */
export function after(state: State, op: Op): State {
  const next = structuredClone(state)
  rulesOf(op).apply(next, op)
  return next
}
