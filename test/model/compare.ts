import { isDeepStrictEqual } from 'node:util'
import type { Connection } from './connection'
import { resolve, type Sequence, type Step } from './commands'
import { takeBack } from './ids'
import type { World } from '@/test/world'
import { expected, isServed, runApp, runSql } from './driver'
import { after, verdictOf } from './model'
import { ACTORS, expectedShown, nameOf, reachOfAll, shownTo } from './observe-app'
import { ALL_RAW, expectedRaw, type Raw, rawOf } from './observe-raw'
import { INITIAL, type State, TENANTS } from './state'

/** The database or the application said one thing, and the model another. */
export class Difference extends Error {
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

/** What the application shows to half of the people; nobody is at work in a disabled tenant. */
async function compareApp(connection: Connection, state: State, half: number): Promise<void> {
  const reaches = await reachOfAll(connection)
  for (const [i, actor] of ACTORS.entries()) {
    const reach = reaches[i]
    if (!reach || i % 2 !== half || !state.tenants[actor.tenant].active) continue
    const [real, model] = [await shownTo(connection, state, actor, reach), expectedShown(state, actor)]
    for (const name of Object.keys(model) as (keyof typeof model)[])
      same(`${name} for ${nameOf(actor)}`, real[name], model[name])
  }
  await connection.db.query('reset role')
}

/** How often each operation was done and refused, over all sequences. */
export type Tallies = Map<string, { done: number; refused: number }>

export interface Run {
  connection: Connection
  world: World
  tallies: Tallies
}

/** Does a wish where things stand like that, and compares what became of it. @returns the state from then on */
async function step(
  { connection, world, tallies }: Run,
  state: State,
  { wish, byApp }: Step,
  history: string[],
): Promise<State> {
  const op = resolve(state, wish)
  if (!op) return state
  const verdict = verdictOf(state, op)
  const served = byApp && isServed(state, op)
  const outcome = expected(connection, state, op, verdict, served)
  if (outcome === null) return state
  history.push(`${served ? 'app' : 'sql'} ${JSON.stringify(op)}`)
  const real = served ? await runApp(connection, world, state, op) : await runSql(connection, state, op)
  same('what became of the last', real, outcome)
  const name = `${served ? 'app' : 'sql'} ${op.op}`
  const tally = tallies.get(name) ?? { done: 0, refused: 0 }
  tally[real]++
  tallies.set(name, tally)
  const next = real === 'done' ? after(state, op) : state
  await compareRaw(connection, next, ['resources'])
  return next
}

/** Runs one sequence from the beginning and rolls it back. @throws Difference */
export async function runSequence(run: Run, { steps, half }: Sequence): Promise<void> {
  const { connection } = run
  const history: string[] = []
  takeBack()
  await connection.db.query(connection.begin)
  try {
    let state = INITIAL
    for (const one of steps) state = await step(run, state, one, history)
    await compareRaw(connection, state, ALL_RAW)
    await compareApp(connection, state, half)
  } catch (error) {
    if (error instanceof Error) error.message = `${error.message}\n  after:\n${history.join('\n')}`
    throw error
  } finally {
    await connection.db.query(connection.end)
  }
}
