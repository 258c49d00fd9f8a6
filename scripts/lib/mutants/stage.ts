import { expect, inject, vi } from 'vitest'

// Stands in for Vitest's own `describe` and `it` in the suites that hunt mutants: it keeps the tests, so that one process
// that has loaded all of the product runs any of them any number of times (host.ts).

type Work = () => unknown
interface Suite {
  kind: 'suite'
  name: string
  beforeAll: Work[]
  afterAll: Work[]
  beforeEach: Work[]
  afterEach: Work[]
  children: (Suite | Test)[]
}
interface Test {
  kind: 'test'
  name: string
  work: Work
  /** Milliseconds. */
  timeout: number
}

/** What became of a test. `took` in milliseconds. */
export interface Result {
  /** `file > its full name` */
  key: string
  passed: boolean
  took: number
  touched: string[]
  /** It never ended: what it began goes on in this process. */
  stuck: boolean
  /** What it said where it failed, the beginning of it. */
  said?: string
}

const TIMEOUT = 20_000
/** A machine that hunts is busy: a test that takes its time has seen nothing yet. */
const PATIENCE = 6
const suite = (name: string): Suite => ({
  kind: 'suite',
  name,
  beforeAll: [],
  afterAll: [],
  beforeEach: [],
  afterEach: [],
  children: [],
})

let current = suite('')

const define = (name: string, fill: Work): void => {
  const [outer, inner] = [current, suite(name)]
  outer.children.push(inner)
  current = inner
  void fill()
  current = outer
}
const keep = (name: string, second: unknown, third?: unknown): void => {
  const [work, options] = typeof second === 'function' ? [second, third] : [third, second]
  const timeout =
    typeof options === 'number'
      ? options
      : ((options as { timeout?: number } | undefined)?.timeout ?? TIMEOUT)
  current.children.push({ kind: 'test', name, work: work as Work, timeout })
}

/** `%s` and `$0` are not all that Vitest knows, but names need only differ: the row's number is put behind. */
const titled = (title: string, row: unknown[], i: number): string =>
  `${title.replace(/%[sdijo]/, () => String(row[0]))} #${i}`
const each =
  (make: (name: string, work: Work, options?: unknown) => void) =>
  (rows: readonly unknown[]) =>
  (title: string, work: (...row: unknown[]) => unknown, options?: unknown): void =>
    rows.forEach((row, i) => {
      const values: unknown[] = Array.isArray(row) ? row : [row]
      make(titled(title, values, i), () => work(...values), options)
    })
const never = (): void => undefined

export { expect, inject, vi }
export const describe = Object.assign(define, {
  each: each((name, work) => define(name, work)),
  skip: never,
  skipIf: (skip: unknown) => (skip ? never : define),
  runIf: (wanted: unknown) => (wanted ? define : never),
})
export const it = Object.assign(keep, {
  each: each(keep),
  skip: never,
  todo: never,
  skipIf: (skip: unknown) => (skip ? never : keep),
  runIf: (wanted: unknown) => (wanted ? keep : never),
})
export const beforeAll = (work: Work): void => void current.beforeAll.push(work)
export const afterAll = (work: Work): void => void current.afterAll.push(work)
export const beforeEach = (work: Work): void => void current.beforeEach.push(work)
export const afterEach = (work: Work): void => void current.afterEach.push(work)

/** Keeps the tests of one file. */
export async function collect(load: () => Promise<unknown>): Promise<Suite> {
  current = suite('')
  await load()
  return current
}

/** Runs what is chosen of a file's tests. `chosen`: by full name; `onResult` answers whether to go on. */
export async function play(
  file: string,
  root: Suite,
  chosen: (key: string) => boolean,
  touched: Set<string>,
  onResult: (result: Result) => boolean,
): Promise<boolean> {
  const nameOf = (names: string[]) => `${file} > ${names.filter(Boolean).join(' ')}`
  const keysIn = (one: Suite | Test, names: string[]): string[] =>
    one.kind === 'test'
      ? [nameOf([...names, one.name])].filter(chosen)
      : one.children.flatMap((child) => keysIn(child, [...names, one.name]))

  const perform = async (
    one: Suite,
    names: string[],
    around: Suite[],
    before: string[],
  ): Promise<boolean> => {
    const keys = keysIn(one, names)
    if (keys.length === 0) return true
    const [path, suites] = [
      [...names, one.name],
      [...around, one],
    ]
    touched.clear()
    const teardown: Work[] = []
    try {
      for (const hook of one.beforeAll) {
        const after = await withTimeout(hook, PATIENCE * 3 * TIMEOUT)
        if (typeof after === 'function') teardown.push(after as Work)
      }
      const all = [...before, ...touched]
      for (const child of one.children) {
        const on =
          child.kind === 'suite'
            ? await perform(child, path, suites, all)
            : !chosen(nameOf([...path, child.name])) ||
              onResult(await runTest(nameOf([...path, child.name]), child, suites, all, touched))
        if (!on) return false
      }
      return true
    } catch (error) {
      const [key = file] = keys
      return onResult({
        key,
        passed: false,
        took: 0,
        touched: [],
        stuck: error === STUCK,
        said: wordsOf(error),
      })
    } finally {
      for (const hook of [...one.afterAll, ...teardown]) await Promise.resolve().then(hook).catch(never)
    }
  }
  return perform(root, [], [], [])
}

const STUCK = new Error('timed out')
const wordsOf = (error: unknown): string => String((error as Error).message ?? error).slice(0, 200)

function withTimeout(work: Work, timeout: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const end = new Promise((_, reject) => (timer = setTimeout(() => reject(STUCK), timeout)))
  return Promise.race([Promise.resolve().then(work), end]).finally(() => clearTimeout(timer))
}

async function runTest(
  key: string,
  one: Test,
  suites: Suite[],
  before: string[],
  touched: Set<string>,
): Promise<Result> {
  const began = performance.now()
  touched.clear()
  let problem: unknown
  try {
    for (const around of suites) for (const hook of around.beforeEach) await hook()
    await withTimeout(one.work, PATIENCE * one.timeout)
  } catch (error) {
    problem = error ?? new Error('failed')
  }
  for (const around of suites.toReversed())
    for (const hook of around.afterEach) await Promise.resolve().then(hook).catch(never)
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
  const took = performance.now() - began
  return {
    key,
    passed: problem === undefined,
    took,
    touched: [...touched, ...before],
    stuck: problem === STUCK,
    said: problem === undefined ? undefined : wordsOf(problem),
  }
}
