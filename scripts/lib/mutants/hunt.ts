import type { Mutant } from './mutant'
import type { KnownTest, Plan } from './plan'
import type { Session } from './session'

/** What became of a mutant. */
export interface Outcome {
  id: string
  caught: boolean
  /** The test that saw it, as `file > name`; of one that lives on, how many tests came by it. */
  by: string
  /** Milliseconds. */
  took: number
}

/** Said of a test that never ended. */
export const HANGS = 'does not end with it'

/** A process in which something went wrong that has nothing to do with a mutant: it must be replaced. */
export class SpoiltSession extends Error {
  override name = 'SpoiltSession'
}

/**
 * Runs the tests that may see a mutant until one does. What failed must pass again without the mutant, in the same process:
 * a test that fails for another reason has seen nothing. A mutant that was awake while the product was loaded cannot be put to
 * sleep there: with it the test must fail again.
 * @param tests those that pass as things are and come by the mutant
 * @param loaded whether the mutant stands in what was made while the product was loaded
 * @throws SpoiltSession when a test fails without the mutant too, or never ended
 */
export async function tryMutant(
  session: Session,
  plan: Plan,
  mutant: Mutant,
  tests: readonly KnownTest[],
  loaded: boolean,
): Promise<Outcome> {
  const began = performance.now()
  for (const group of plan.groups(mutant, tests)) {
    const results = await session.run({ tests: group, id: mutant.id, sql: mutant.sql })
    const failed = results.find(({ passed }) => !passed)
    if (!failed) continue
    if (failed.stuck) throw new SpoiltSession(`${failed.key} ${HANGS}`)
    const [again] = await session.run({ tests: [failed.key], id: loaded ? mutant.id : undefined })
    if (again?.passed !== !loaded)
      throw new SpoiltSession(
        `${failed.key} fails ${loaded ? 'now and then' : `by itself: ${again?.said ?? 'it is gone'}`}`,
      )
    plan.saw(mutant, failed.key)
    return { id: mutant.id, caught: true, by: failed.key, took: performance.now() - began }
  }
  const by = `${tests.length} tests came by it`
  return { id: mutant.id, caught: false, by, took: performance.now() - began }
}
