// Connectors against real servers, with what they need from Debian's packages (as root). Takes minutes, so it is not part of `npm test`.
//   npm run test:clouds -- [part of a file name ...]
// Says what it skipped and why, and closes with one line, `N passed, N failed`.
import { runVitest } from './lib/suites'
import { closingLine, isGood } from './lib/tally'

const tally = await runVitest({
  projects: ['clouds'],
  filters: process.argv.slice(2),
  env: { TEST_CLOUDS: '1' },
})
if (!isGood(tally) && tally.failed === 0) console.error('No test ran.')
for (const failure of tally.failures ?? []) console.log(`\nFAILED ${failure}`)
for (const skip of tally.skips ?? []) console.log(`\nSKIPPED ${skip}`)
console.log(`\n${closingLine(tally)}`)
process.exitCode = isGood(tally) ? 0 : 1
