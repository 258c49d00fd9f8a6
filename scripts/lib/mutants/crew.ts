import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import { ROOT } from '../run'
import { HANGS, type Outcome, SpoiltSession, tryMutant } from './hunt'
import type { Layer, Mutant } from './mutant'
import { type KnownTest, Plan } from './plan'
import { LOST, type Session, switchboard } from './session'
import type { Result } from './stage'
import type { Opening } from './worker'

export interface CrewOptions {
  jobs: number
  suites: readonly string[]
  /** A PostgreSQL server's administrator; all processes share it. */
  databaseUrl: string
  /** Which test saw a mutant last time. */
  hints: Readonly<Record<string, string>>
  /** When no more mutants are begun, as `Date.now()` has it. */
  deadline: number
  onBaseline: (layer: Layer, tests: Result[]) => void
  onOutcome: (outcome: Outcome, done: number) => void
}

/** As many sequences of the model, and rounds of races, as see most of what is wrong, and always the same. */
const MODEL = { MODEL_SEQUENCES: '40', MODEL_SEED: '7', RACE_ROUNDS: '60' }

/** What is known of a layer once all its tests have run as things are. */
interface Known {
  tests: KnownTest[]
  /** Mutants that are decided while the product is loaded, and so need a process of their own. */
  loaded: ReadonlySet<string>
}

/** Tries the mutants with several processes at once; `onOutcome` hears of each. */
export async function tryAll(mutants: readonly Mutant[], options: CrewOptions): Promise<void> {
  const board = await switchboard()
  const workers = await Promise.all(Array.from({ length: options.jobs }, () => hire(options, board)))
  const layers = [...new Set(mutants.map(({ layer }) => layer))]
  const known = new Map<Layer, Known>()
  await inParallel(workers, layers, async (worker, layer) => {
    known.set(layer, await baseline(await worker.open(layer), layer, options))
  })
  const plan = new Plan(options.hints)
  // who needs a process of their own come last, and get a fifth of the time
  const warmUntil = Date.now() + (options.deadline - Date.now()) * 0.8
  let done = 0
  const warm = mutants.filter(({ id, layer }) => !known.get(layer)?.loaded.has(id))
  const cold = mutants.filter(({ id, layer }) => known.get(layer)?.loaded.has(id))
  const attempt = async (worker: Worker, mutant: Mutant, alone: boolean) => {
    if (Date.now() > (alone ? options.deadline : warmUntil)) return
    const { tests } = known.get(mutant.layer) as Known
    const outcome = await persist(worker, plan, mutant, testsOf(mutant, tests), alone)
    options.onOutcome(outcome, ++done)
  }
  await inParallel(workers, warm, (worker, mutant) => attempt(worker, mutant, false))
  await inParallel(workers, cold, (worker, mutant) => attempt(worker, mutant, true))
  for (const worker of workers) worker.end()
  board.close()
}

/** Races last long, and see locks. */
const RACES = /in \d+ rounds|without the lock/
/** What no change of the database can turn red: tests of pure code, and of the text of statements. */
const CODE_ALONE =
  /^server\/authz\/(?:assert|cover|decisions|effects)\.|^server\/sweep\/(?:declared|filters|policies)\./

const testsOf = (mutant: Mutant, tests: KnownTest[]): KnownTest[] =>
  tests.filter(
    ({ key, touched }) =>
      (mutant.sql === undefined ? touched.includes(mutant.id) : !CODE_ALONE.test(key)) &&
      (mutant.kind.endsWith('lock') || !RACES.test(key)),
  )

async function baseline(session: Session, layer: Layer, options: CrewOptions): Promise<Known> {
  const { loaded, broken } = await session.ready
  if (broken !== undefined) throw new Error(`a suite does not load: ${broken}`)
  const results = await session.run({})
  options.onBaseline(layer, results)
  const tests = results.filter(({ passed }) => passed)
  return {
    tests: tests.map(({ key, took, touched }) => ({ key, took, touched: [...touched, ...loaded] })),
    loaded: new Set(loaded),
  }
}

/** Tries a mutant in a process that is there or a new one; again in a new one if that process was no good. */
async function persist(
  worker: Worker,
  plan: Plan,
  mutant: Mutant,
  tests: KnownTest[],
  alone: boolean,
): Promise<Outcome> {
  let problem = ''
  for (let attempt = 0; attempt < 2; attempt++) {
    const awake = mutant.sql === undefined && (alone || attempt > 0)
    const session = await worker.open(mutant.layer, awake ? mutant.id : undefined)
    try {
      const { broken } = await session.ready
      if (broken !== undefined) {
        if (!awake) throw new Error(`a suite does not load any more: ${broken}`)
        return { id: mutant.id, caught: true, by: `the product does not start: ${broken}`, took: 0 }
      }
      const outcome = await tryMutant(session, plan, mutant, tests, alone)
      return outcome
    } catch (error) {
      problem = (error as Error).message
      worker.leave()
      // a process that is lost twice tells nothing of the mutant; the hunt goes on without it
      if (!(error instanceof SpoiltSession) && attempt > 0 && !problem.endsWith(LOST)) throw error
    }
  }
  // A test that never ends with it, twice, sees it; one that also fails without it tells nothing.
  return { id: mutant.id, caught: problem.endsWith(HANGS), by: problem, took: 0 }
}

interface Worker {
  /** A process in that layer that has loaded the product: the last one, unless a mutant must be awake from the start. */
  open: (layer: Layer, id?: string) => Promise<Session>
  /** Ends the last one. */
  leave: () => void
  end: () => void
}

type Board = Awaited<ReturnType<typeof switchboard>>

async function hire({ suites, databaseUrl }: CrewOptions, board: Board): Promise<Worker> {
  const child = fork(path.join(ROOT, 'scripts/lib/mutants/worker.ts'), [...suites], {
    cwd: ROOT,
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'test', TEST_DATABASE_URL: databaseUrl, LOG_LEVEL: 'silent', ...MODEL },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  await heard(child, 'ready')
  let last: { session: Session; layer: Layer; id?: string; closed: Promise<void> } | undefined
  const leave = async () => {
    last?.session.end()
    await last?.closed
    last = undefined
  }
  return {
    open: async (layer, id) => {
      if (last && last.layer === layer && last.id === undefined && id === undefined) return last.session
      await leave()
      const { address, session } = board.open()
      child.send({ address, layer, id: id ?? '' } satisfies Opening)
      const closed = heard(child, 'closed').finally(() => session.lost())
      last = { session, layer, id, closed }
      return session
    },
    leave: () => void leave(),
    end: () => void leave().then(() => child.send('end')),
  }
}

/** Waits for a message of a process. @throws Error when it ends instead */
function heard(child: ChildProcess, wanted: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`a process of the hunt ended with ${code}`))
    const hear = (message: unknown) => {
      if (message !== wanted) return
      child.off('exit', ended)
      child.off('message', hear)
      resolve()
    }
    child.once('exit', ended)
    child.on('message', hear)
  })
}

/** Gives each free worker the next thing, in their order. */
async function inParallel<T>(
  workers: Worker[],
  all: readonly T[],
  work: (worker: Worker, one: T) => Promise<void>,
): Promise<void> {
  const queue = [...all]
  await Promise.all(
    workers.map(async (worker, i) => {
      // from both ends, so that two processes stay in the layer that they are in
      const next = () => (i % 2 === 0 ? queue.shift() : queue.pop())
      for (let one = next(); one !== undefined; one = next()) await work(worker, one)
    }),
  )
}
