// All tests: unit, database, end-to-end. Closes with one line, `N passed, N failed`, over all of them.
//   npm test -- [--only unit|database|e2e] [part of a file name ...]
import { parseArgs } from 'node:util'
import { runEndToEnd, runVitest } from './lib/suites'
import { add, closingLine, CRASHED, isGood, NONE, type Tally } from './lib/tally'

const SUITES = ['unit', 'database', 'e2e']

function options(): { suites: string[]; filters: string[] } {
  const { values, positionals } = parseArgs({
    options: { only: { type: 'string', multiple: true } },
    allowPositionals: true,
  })
  const suites = values.only ?? SUITES
  const unknown = suites.find((suite) => !SUITES.includes(suite))
  if (unknown) throw new Error(`There is no suite "${unknown}": --only ${SUITES.join('|')}`)
  return { suites, filters: positionals }
}

async function main(): Promise<Tally> {
  const { suites, filters } = options()
  const projects = (['unit', 'database'] as const).filter((name) => suites.includes(name))
  const code = projects.length > 0 ? await runVitest({ projects, filters }) : NONE
  const pages = suites.includes('e2e') ? await attempt(() => runEndToEnd(filters)) : NONE
  return add(code, pages)
}

/** An error of the harness itself is shown and counted, and does not hide what the other suites found. */
async function attempt(work: () => Promise<Tally>): Promise<Tally> {
  try {
    return await work()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return CRASHED
  }
}

const tally = await attempt(main)
if (!isGood(tally) && tally.failed === 0) console.error('No test ran.')
for (const failure of tally.failures ?? []) console.log(`\nFAILED ${failure}`)
console.log(`\n${closingLine(tally)}`)
process.exitCode = isGood(tally) ? 0 : 1
