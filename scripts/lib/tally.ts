import fs from 'node:fs'

/** How many tests came out how. A suite that broke off counts as one failed test. */
export interface Tally {
  passed: number
  failed: number
  skipped: number
}

export const NONE: Tally = { passed: 0, failed: 0, skipped: 0 }
export const CRASHED: Tally = { passed: 0, failed: 1, skipped: 0 }

export function add(...tallies: Tally[]): Tally {
  const sum = (key: keyof Tally) => tallies.reduce((total, tally) => total + tally[key], 0)
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
}

/** The line that CI reads: `N passed, N failed`, with `, N skipped` where there are any. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** Nothing failed, and something ran: a run without a test proves nothing. */
export const isGood = ({ passed, failed }: Tally) => failed === 0 && passed > 0

interface VitestReport {
  testResults: { status: string; assertionResults: { status: string }[] }[]
}

/** Vitest's JSON report. A file that failed outside of its tests (import, hook) is one more failed test. */
export function vitestTally(report: VitestReport): Tally {
  const files = report.testResults.map((file) => {
    const count = (...statuses: string[]) =>
      file.assertionResults.filter(({ status }) => statuses.includes(status)).length
    const failed = count('failed')
    const brokeOff = file.status === 'failed' && failed === 0
    const skipped = count('skipped', 'pending', 'todo', 'disabled')
    return { passed: count('passed'), failed: brokeOff ? 1 : failed, skipped }
  })
  return add(...files)
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number }
}

/** Playwright's JSON report. */
export function playwrightTally({ stats }: PlaywrightReport): Tally {
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped }
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
