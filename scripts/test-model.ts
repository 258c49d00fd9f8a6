// The model of who sees and may do what, against the real database, at length (docs/decisions/0012):
//   npm run test:model                              20,000 sequences, a seed of its own, which it prints
//   MODEL_SEQUENCES=100 MODEL_SEED=7 npm run test:model
import { randomInt } from 'node:crypto'
import { runVitest } from './lib/suites'
import { closingLine, isGood } from './lib/tally'

const env = {
  MODEL_SEQUENCES: process.env.MODEL_SEQUENCES ?? '20000',
  MODEL_SEED: process.env.MODEL_SEED ?? String(randomInt(2 ** 31)),
}
console.log(`MODEL_SEQUENCES=${env.MODEL_SEQUENCES} MODEL_SEED=${env.MODEL_SEED}`)
const tally = await runVitest({ projects: ['database'], filters: ['test/model/model.test.ts'], env })
console.log(`\n${closingLine(tally)}`)
process.exitCode = isGood(tally) ? 0 : 1
