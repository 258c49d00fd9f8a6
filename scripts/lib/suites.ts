import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { ensureChromium } from '../chromium'
import { bin, run } from './run'
import { CRASHED, playwrightTally, readTally, vitestTally, type Tally } from './tally'

/** Gives `work` the name of a file that is gone afterwards. */
async function withReport(work: (file: string) => Promise<Tally>): Promise<Tally> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-report-'))
  try {
    return await work(path.join(dir, 'report.json'))
  } finally {
    fs.rmSync(dir, { recursive: true, force: true })
  }
}

export interface VitestRun {
  projects: ('unit' | 'database' | 'clouds')[]
  /** Parts of file names; none means all, and then having no test at all is a failure. */
  filters: string[]
  env?: Record<string, string>
}

/** Runs Vitest and shows what it says. */
export function runVitest({ projects, filters, env }: VitestRun): Promise<Tally> {
  return withReport(async (report) => {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const named = projects.flatMap((name) => (name === 'database' ? [name, 'isolated'] : [name]))
    const chosen = named.flatMap((project) => ['--project', project])
    const lenient = filters.length > 0 ? ['--passWithNoTests'] : []
    const { code } = await run(bin('vitest'), ['run', ...chosen, ...reporters, ...lenient, ...filters], {
      env,
    })
    return readTally(report, code, vitestTally)
  })
}

/** Builds the app if it has changed, finds a Chromium, and runs Playwright. A build that fails is one failed test. */
export async function runEndToEnd(filters: string[]): Promise<Tally> {
  const built = await run(bin('tsx'), ['scripts/build.ts'])
  if (built.code !== 0) return CRASHED
  const chromium = await ensureChromium()
  return withReport(async (report) => {
    const env = { E2E_RESULTS: report, ...(chromium ? { CHROMIUM_PATH: chromium } : {}) }
    const lenient = filters.length > 0 ? ['--pass-with-no-tests'] : []
    const { code } = await run(bin('playwright'), ['test', ...lenient, ...filters], { env })
    return readTally(report, code, playwrightTally)
  })
}
