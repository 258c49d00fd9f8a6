// Takes out each authorisation check, policy and lock in turn and asks whether the sweep and the model notice. Takes from
// half an hour on two cores; writes docs/security/mutants.md after a whole run or a sample. Ends with 1 below the goal.
//   npm run test:mutants -- [--only REGEX] [--sample N] [--minutes N] [--list] [--jobs N] [--suites PART]...
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { tryAll } from './lib/mutants/crew'
import { codeMutants } from './lib/mutants/find-code'
import type { Outcome } from './lib/mutants/hunt'
import { type Mutant, SUITES } from './lib/mutants/mutant'
import {
  GOAL,
  page,
  type PageFacts,
  percent,
  readEquivalents,
  type Summary,
  summarise,
} from './lib/mutants/report'
import { databaseMutants, withScratchServer } from './lib/mutants/scratch-server'
import { bin, ROOT, run } from './lib/run'

const PAGE = 'docs/security/mutants.md'
const EQUIVALENT = 'docs/security/mutants-equivalent.txt'
/** Which test saw a mutant last time: it is asked first. */
const HINTS = path.join(ROOT, 'node_modules/.cache/freehold-mutants.json')

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    sample: { type: 'string' },
    minutes: { type: 'string' },
    list: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '2' },
    suites: { type: 'string', multiple: true, default: SUITES },
  },
})

/** Each kind in its share: every nth; where time may run out, in an order that has nothing to do with what they are. */
function chosen(mutants: Mutant[]): Mutant[] {
  if (options.minutes) {
    const rank = ({ id }: Mutant) => createHash('sha256').update(id).digest('hex')
    // the code's first, the database's last: two processes begin at both ends (crew.ts)
    return inShare(mutants).sort(
      (a, b) => a.layer.localeCompare(b.layer) * -1 || rank(a).localeCompare(rank(b)),
    )
  }
  return inShare(mutants)
}

function inShare(mutants: Mutant[]): Mutant[] {
  const fitting = options.only ? mutants.filter(({ id }) => new RegExp(options.only ?? '').test(id)) : mutants
  const size = Number(options.sample ?? fitting.length)
  if (!(size >= 1)) return fitting
  const step = Math.max(1, fitting.length / size)
  return fitting.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step)).slice(0, size)
}

function readHints(): Record<string, string> {
  try {
    return JSON.parse(fs.readFileSync(HINTS, 'utf8')) as Record<string, string>
  } catch {
    return {}
  }
}

function keepHints(hints: Record<string, string>, outcomes: Outcome[]): void {
  const seen = outcomes.filter(({ caught }) => caught).map(({ id, by }) => [id, by])
  fs.mkdirSync(path.dirname(HINTS), { recursive: true })
  fs.writeFileSync(HINTS, JSON.stringify({ ...hints, ...Object.fromEntries(seen) }))
}

async function hunt(
  mutants: Mutant[],
  databaseUrl: string,
): Promise<{ outcomes: Outcome[]; failing: string[] }> {
  const hints = readHints()
  const failing: string[] = []
  const outcomes: Outcome[] = []
  await tryAll(mutants, {
    jobs: Number(options.jobs),
    suites: options.suites,
    databaseUrl,
    hints,
    deadline: options.minutes ? Date.now() + Number(options.minutes) * 60_000 : Number.MAX_SAFE_INTEGER,
    onBaseline: (layer, tests) => {
      const red = tests.filter(({ passed }) => !passed).map(({ key }) => `${layer}: ${key}`)
      failing.push(...red)
      const seconds = tests.reduce((sum, { took }) => sum + took, 0) / 1000
      console.log(
        `${layer}: ${tests.length} tests in ${seconds.toFixed(0)} s, ${red.length} fail without a mutant and are not asked`,
      )
      if (process.env.FREEHOLD_MUTANTS_BASELINE)
        fs.writeFileSync(`${process.env.FREEHOLD_MUTANTS_BASELINE}.${layer}.json`, JSON.stringify(tests))
    },
    onOutcome: (outcome, done) => {
      outcomes.push(outcome)
      const { id, caught, by, took } = outcome
      const time = `${(took / 1000).toFixed(1)} s`.padStart(7)
      console.log(
        `${String(done).padStart(4)}/${mutants.length} ${time} ${caught ? 'caught  ' : 'SURVIVED'} ${id}  (${by})`,
      )
      if (done % 20 === 0) keepHints(hints, outcomes)
    },
  })
  keepHints(hints, outcomes)
  return { outcomes, failing }
}

function show({ rows, survivors, equivalents, share, all }: Summary): void {
  console.log()
  for (const row of rows)
    console.log(
      `${row.kind.padEnd(28)} ${row.caught} of ${row.all} caught${row.equivalent ? `, ${row.equivalent} equivalent` : ''}`,
    )
  for (const { id, at, by } of survivors) console.log(`survived: ${id}\n          ${at}; ${by}`)
  console.log(
    `\n${percent(share)} of ${all - equivalents.length} mutants that make a difference are caught; goal ${percent(GOAL)}`,
  )
}

async function writePage(summary: Summary, facts: Omit<PageFacts, 'date' | 'commit'>): Promise<void> {
  const { output } = await run('git', ['rev-parse', '--short', 'HEAD'], { quiet: true })
  const date = new Date().toISOString().slice(0, 10)
  fs.writeFileSync(path.join(ROOT, PAGE), page(summary, { ...facts, date, commit: output.trim() }))
  await run(bin('prettier'), ['--write', '--log-level', 'warn', PAGE])
}

async function main(): Promise<number> {
  const began = performance.now()
  const equivalents = readEquivalents(fs.readFileSync(path.join(ROOT, EQUIVALENT), 'utf8'))
  const inCode = codeMutants()
  return withScratchServer(async (adminUrl) => {
    const { found, impossible } = await databaseMutants(adminUrl)
    const all = [...inCode, ...found]
    for (const one of impossible) console.log(`cannot be made: ${one}`)
    const unknown = [...equivalents.keys()].filter((id) => !all.some((mutant) => mutant.id === id))
    for (const id of unknown) console.log(`${EQUIVALENT} names no mutant any more: ${id}`)
    const mutants = chosen(all)
    if (options.list) {
      for (const { id, at } of mutants) console.log(`${id}  ${at}`)
      console.log(`${mutants.length} mutants`)
      return 0
    }
    const { outcomes, failing } = await hunt(mutants, adminUrl)
    const summary = summarise(mutants, outcomes, equivalents)
    show(summary)
    const minutes = Math.round((performance.now() - began) / 60_000)
    if (!options.only && options.suites === SUITES)
      await writePage(summary, { minutes, failing, there: all.length })
    return summary.share >= GOAL ? 0 : 1
  })
}

// what is still under way of a hunt that was stopped ends here
process.exit(await main())
