import { isMasterOnly } from '@/lib/permissions'
import { labelOfKind } from '@/lib/resource-kinds/registry'
import { allVerbs } from '@/server/authz/reach'
import { decide, type Part, PARTS } from './decide'
import type { Facts, Question } from './facts'
import { ownMends } from './own-mends'
import { cheapest, type Link, type Mend } from './mend'
import { relationMends } from './relation-mends'
import { roleMends } from './role-mends'

/** Why the answer is what it is. */
export interface Explanation {
  allowed: boolean
  /** What is missing: the cheapest set of changes after which the answer is yes. Empty where it is. */
  missing: readonly Mend[]
  /** Single changes that would do as well as the ones of their part in `missing`. */
  otherWays: readonly Mend[]
  /** No change that anybody can make would do, and why: only an owner does that, or only the master has it. */
  never: { link: Link; why: string } | null
}

/** Assignments that are looked at: more than anybody has; beyond them the plainest remedy is named. */
const MOST_ROLES = 12

/**
 * Why somebody may or may not do something: asks the very functions that decide, and where they say no, which change of the
 * facts makes them say yes. Part by part: none of them depends on what mends another.
 */
export function explain(facts: Facts, question: Question): Explanation {
  if (decide(facts, question)) return { allowed: true, missing: [], otherWays: [], never: null }
  const no = impossible(facts, question)
  if (no) return { allowed: false, missing: [], otherWays: [], never: no }
  const broken = (Object.keys(PARTS) as Part[]).filter((part) => !PARTS[part](facts, question))
  const found = broken.map((part) => mendPart(facts, question, part))
  const never = found.some(({ made }) => made === null)
  const missing = found.flatMap(({ made }) => made ?? [])
  if (!never && !decide(applied(facts, missing), question))
    throw new Error(`explain: ${missing.map(({ code }) => code).join(', ')} would not be enough`)
  return {
    allowed: false,
    missing,
    otherWays: found.flatMap(({ others }) => others),
    never: never ? { link: 'assignment', why: 'Only its owner may do that.' } : null,
  }
}

/** The facts once these changes are made. */
const applied = (facts: Facts, mends: readonly Mend[]): Facts =>
  mends.reduce((all, mend) => mend.apply(all), facts)

/** What nobody can be given. */
function impossible({ tenant, thing }: Facts, question: Question): Explanation['never'] {
  if ('permission' in question)
    return isMasterOnly(question.permission) && !tenant.isMaster
      ? { link: 'tenant', why: 'Only the master tenant has this.' }
      : null
  if (thing && !allVerbs(thing.kind).includes(question.verb))
    return { link: 'role', why: `A ${labelOfKind(thing.kind).toLowerCase()} has nothing to act on.` }
  return null
}

interface Found {
  made: readonly Mend[] | null
  others: readonly Mend[]
}

function mendPart(facts: Facts, question: Question, part: Part): Found {
  const holds = (all: Facts) => PARTS[part](all, question)
  switch (part) {
    case 'licence':
    case 'tenant':
    case 'person':
      return { made: cheapest(facts, ownMends(facts, part), holds), others: [] }
    case 'relation': {
      const mends = relationMends(facts, question)
      const made = cheapest(facts, mends, holds)
      return { made, others: singles(facts, mends, made, holds) }
    }
    case 'reach':
      return mendReach(facts, question, holds)
  }
}

/** One assignment at a time, with the cap: what mends two of them is never nearer than what mends one. */
function mendReach(facts: Facts, question: Question, holds: (facts: Facts) => boolean): Found {
  const pools = facts.roles.length === 0 ? [[]] : facts.roles.slice(0, MOST_ROLES).map((_, at) => [at])
  let best: readonly Mend[] | null = null
  const all: Mend[] = []
  for (const roles of pools) {
    const mends = roleMends(facts, question, roles)
    all.push(...mends.filter((mend) => !all.some(({ key, code }) => key === mend.key && code === mend.code)))
    const made = cheapest(facts, mends, holds)
    if (made && (!best || costOf(made) < costOf(best))) best = made
  }
  return { made: best, others: singles(facts, all, best, holds) }
}

const costOf = (mends: readonly Mend[]): number => mends.reduce((sum, { cost }) => sum + cost, 0)

/** Other single changes that mend the part as well, nearest first; one of each kind. */
function singles(
  facts: Facts,
  mends: readonly Mend[],
  made: readonly Mend[] | null,
  holds: (facts: Facts) => boolean,
): Mend[] {
  // levels of one cap are one way, however many there are
  const way = ({ key, code }: Mend) => `${key} ${code}`
  const taken = new Set(made?.map(way))
  return mends
    .filter((mend) => !taken.has(way(mend)) && holds(mend.apply(facts)))
    .sort((a, b) => a.cost - b.cost)
    .filter((mend, i, all) => all.findIndex((one) => way(one) === way(mend)) === i)
}
