import { isDeepStrictEqual } from 'node:util'
import type { Connection } from './connection'
import { resolve, type Wish } from './commands'
import { isTried, run } from './driver'
import { after, verdictOf } from './model'
import { ACTORS, expectedShown, nameOf, reachOfAll, shownTo } from './observe-app'
import { ALL_RAW, expectedRaw, type Raw, rawOf } from './observe-raw'
import { INITIAL, type State, TENANTS } from './state'

/** The database or the application said one thing, and the model another. */
class Difference extends Error {
  constructor(what: string, real: unknown, model: unknown) {
    super(`${what}\n  real:  ${JSON.stringify(real)}\n  model: ${JSON.stringify(model)}`)
  }
}
const same = (what: string, real: unknown, model: unknown): void => {
  if (!isDeepStrictEqual(real, model)) throw new Difference(what, real, model)
}

/** What each tenant's own SQL finds; without policies that is everything, so nothing is compared. */
async function compareRaw(
  connection: Connection,
  state: State,
  names: readonly (keyof Raw)[],
): Promise<void> {
  if (connection.layer === 'no-policies') return
  const raw = await rawOf(connection, names)
  for (const tenant of TENANTS) {
    const expected = expectedRaw(state, tenant)
    for (const name of names) same(`${name} in the SQL of ${tenant}`, raw[tenant][name], expected[name])
  }
}

/** What the application shows to every person; nobody is at work in a disabled tenant. */
async function compareApp(connection: Connection, state: State): Promise<void> {
  const reaches = await reachOfAll(connection)
  for (const [i, actor] of ACTORS.entries()) {
    const reach = reaches[i]
    if (!reach || !state.tenants[actor.tenant].active) continue
    const [real, model] = [await shownTo(connection, state, actor, reach), expectedShown(state, actor)]
    for (const name of Object.keys(model) as (keyof typeof model)[])
      same(`${name} for ${nameOf(actor)}`, real[name], model[name])
  }
  await connection.db.query('reset role')
}

/** How often each operation was done and refused, over all sequences. */
export type Tallies = Map<string, { done: number; refused: number }>

/** Runs one sequence from the beginning and rolls it back. @throws Difference */
export async function runSequence(
  connection: Connection,
  wishes: readonly Wish[],
  tallies: Tallies,
): Promise<void> {
  const { db, begin, end } = connection
  const history: string[] = []
  await db.query(begin)
  try {
    let state = INITIAL
    for (const wish of wishes) {
      const op = resolve(state, wish)
      const verdict = op ? verdictOf(state, op) : 'skip'
      if (!op || !isTried(connection, verdict)) continue
      history.push(JSON.stringify(op))
      const outcome = await run(connection, state, op)
      same('what became of the last', outcome, verdict === 'ok' ? 'done' : 'refused')
      const tally = tallies.get(op.op) ?? { done: 0, refused: 0 }
      tally[outcome]++
      tallies.set(op.op, tally)
      if (verdict === 'ok') state = after(state, op)
      await compareRaw(connection, state, ['resources'])
    }
    await compareRaw(connection, state, ALL_RAW)
    await compareApp(connection, state)
  } catch (error) {
    if (error instanceof Difference) error.message = `${error.message}\n  after:\n${history.join('\n')}`
    throw error
  } finally {
    await db.query(end)
  }
}
