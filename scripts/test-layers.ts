// Two layers, each enough alone (ARCHITECTURE, "The wall is in the database"): the sweep and the model of sight pass
// with the database's policies off, and again with the application's filters off.
import { runVitest } from './lib/suites'
import { add, closingLine, isGood, type Tally } from './lib/tally'

const tallies: Tally[] = []
for (const layer of ['no-policies', 'no-filters']) {
  console.log(`\nLayer switched off: ${layer}`)
  const env = { FREEHOLD_TEST_LAYER: layer }
  tallies.push(await runVitest({ projects: ['database'], filters: ['server/sweep/', 'test/model/'], env }))
}
console.log(`\n${closingLine(add(...tallies))}`)
// each of the two runs must have run something
process.exitCode = tallies.every(isGood) ? 0 : 1
