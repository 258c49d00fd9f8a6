import type { Level } from '@/lib/permissions'
import type { Facts } from './facts'

/** The links of the chain, in the order in which they are read. */
export const LINKS = [
  'licence',
  'tenant',
  'person',
  'assignment',
  'visibility',
  'cloud',
  'share',
  'cap',
  'role',
] as const
export type Link = (typeof LINKS)[number]

/** Who can do something about it. */
export type Mender = 'provider' | 'tenant' | 'person' | 'owner'

/** One change that could be missing: what is in the way, and how the facts are once it is made. */
export interface Mend {
  link: Link
  /** What kind of change: stable, for programs and tests. */
  code: string
  /** How far away it is: what is begun and stuck is nearer than what was never given. */
  cost: number
  /** Of changes with the same key at most one is made. */
  key: string
  by: Mender
  /** What is missing, as a sentence. */
  missing: string
  /** What to do about it, as an imperative sentence. */
  remedy: string
  /** Where it is done. */
  at: Place
  /** Level that a role or cap is to have. */
  level?: Level
  apply: (facts: Facts) => Facts
}

/** A page of the console, or none. */
export type Place =
  | { page: 'thing'; action?: 'assign' }
  | { page: 'cloud' }
  | { page: 'tenant' }
  | { page: 'cap'; id: string }
  | { page: 'role'; id: string }
  | { page: 'user' }
  | { page: 'licence' }
  | { page: 'password' }
  | null

interface Step {
  facts: Facts
  cost: number
  made: readonly Mend[]
  /** Index of the next mend to try: each set is built once. */
  next: number
}

const MOST_STEPS = 20_000
const MOST_MADE = 5

/**
 * The cheapest set of changes after which `holds`, tried cheapest first.
 * @returns null where no set of at most five changes is enough
 */
export function cheapest(
  facts: Facts,
  mends: readonly Mend[],
  holds: (facts: Facts) => boolean,
): readonly Mend[] | null {
  const open: Step[] = [{ facts, cost: 0, made: [], next: 0 }]
  for (let tried = 0; tried < MOST_STEPS; tried++) {
    const step = takeCheapest(open)
    if (!step) return null
    if (holds(step.facts)) return step.made
    if (step.made.length === MOST_MADE) continue
    for (let i = step.next; i < mends.length; i++) {
      const mend = mends[i] as Mend
      if (step.made.some(({ key }) => key === mend.key)) continue
      open.push({
        facts: mend.apply(step.facts),
        cost: step.cost + mend.cost,
        made: [...step.made, mend],
        next: i + 1,
      })
    }
  }
  return null
}

function takeCheapest(open: Step[]): Step | undefined {
  let best = 0
  for (let i = 1; i < open.length; i++) if ((open[i] as Step).cost < (open[best] as Step).cost) best = i
  const [step] = open.splice(best, 1)
  return step
}
