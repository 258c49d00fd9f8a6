import fs from 'node:fs'
import path from 'node:path'
import { ROOT } from './run'

/** How many tests came out how. A suite that broke off counts as one failed test. */
export interface Tally {
  passed: number
  failed: number
  skipped: number
  /** What failed, by file and name, with the beginning of what it said: shown last, where a long log is still read. */
  failures?: string[]
  /** What was skipped, by file and name. */
  skips?: string[]
}

export const NONE: Tally = { passed: 0, failed: 0, skipped: 0 }
export const CRASHED: Tally = { passed: 0, failed: 1, skipped: 0 }

export function add(...tallies: Tally[]): Tally {
  const sum = (key: 'passed' | 'failed' | 'skipped') =>
    tallies.reduce((total, tally) => total + tally[key], 0)
  const failures = tallies.flatMap((tally) => tally.failures ?? [])
  const skips = tallies.flatMap((tally) => tally.skips ?? [])
  const counts = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
  return { ...counts, ...(failures.length > 0 && { failures }), ...(skips.length > 0 && { skips }) }
}

const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')

/** One failure in at most 700 characters, without colours. */
function failure(file: string, name: string, said: string): string {
  const where = path.relative(ROOT, path.resolve(ROOT, file))
  return `${where} > ${name}\n${said}`.replaceAll(ESCAPES, '').trim().slice(0, 700)
}

/** The line that CI reads: `N passed, N failed`, with `, N skipped` where there are any. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** Nothing failed, and something ran: a run without a test proves nothing. */
export const isGood = ({ passed, failed }: Tally) => failed === 0 && passed > 0

interface VitestReport {
  testResults: {
    name?: string
    message?: string
    status: string
    assertionResults: { status: string; fullName?: string; failureMessages?: string[] | null }[]
  }[]
}

/** Vitest's JSON report. A file that failed outside of its tests (import, hook) is one more failed test. */
export function vitestTally(report: VitestReport): Tally {
  const files = report.testResults.map((file) => {
    const of = (...statuses: string[]) =>
      file.assertionResults.filter(({ status }) => statuses.includes(status))
    const failed = of('failed').length
    const brokeOff = file.status === 'failed' && failed === 0
    const skipped = of('skipped', 'pending', 'todo', 'disabled')
    const name = file.name ?? 'a file'
    const failures = of('failed').map((one) =>
      failure(name, one.fullName ?? 'a test', (one.failureMessages ?? []).join('\n')),
    )
    if (brokeOff) failures.push(failure(name, 'outside of its tests', file.message ?? ''))
    const skips = skipped.map((one) => failure(name, one.fullName ?? 'a test', ''))
    return {
      passed: of('passed').length,
      failed: brokeOff ? 1 : failed,
      skipped: skipped.length,
      failures,
      skips,
    }
  })
  return add(...files)
}

interface PlaywrightSuite {
  suites?: PlaywrightSuite[]
  specs?: {
    file: string
    title: string
    tests: { status: string; results: { errors?: { message?: string }[] }[] }[]
  }[]
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number }
  suites?: PlaywrightSuite[]
}

/** Playwright's JSON report. */
export function playwrightTally({ stats, suites = [] }: PlaywrightReport): Tally {
  const counts = { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped }
  return add({ ...counts, failures: suites.flatMap(failuresOf) })
}

function failuresOf({ suites = [], specs = [] }: PlaywrightSuite): string[] {
  const own = specs.flatMap(({ file, title, tests }) =>
    tests
      .filter(({ status }) => status === 'unexpected')
      .map(({ results }) => {
        const said = results.flatMap(({ errors = [] }) => errors.map(({ message }) => message ?? ''))
        return failure(path.join('e2e', file), title, said.join('\n'))
      }),
  )
  return [...own, ...suites.flatMap(failuresOf)]
}

/**
 * What a finished suite counts for.
 * @param file its JSON report
 * @param code its exit code: if that says failure and the report does not, something broke between the tests
 */
export function readTally<T>(file: string, code: number, count: (report: T) => Tally): Tally {
  let tally = NONE
  try {
    tally = count(JSON.parse(fs.readFileSync(file, 'utf8')) as T)
  } catch {
    return CRASHED
  }
  return code !== 0 && tally.failed === 0 ? add(tally, CRASHED) : tally
}
