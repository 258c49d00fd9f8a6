import type { Outcome } from './hunt'
import type { Mutant } from './mutant'

/** Share of the mutants that make a difference, of which the suites must see so much. */
export const GOAL = 0.98

/** Reviewed mutants that change nothing, with the reason: `id | why it is equivalent`. */
export type Equivalents = ReadonlyMap<string, string>

/** @throws Error for a line without a reason */
export function readEquivalents(text: string): Equivalents {
  const lines = text.split('\n').map((line) => line.trim())
  return new Map(
    lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [, id, why] = /^(\S+) \| (.+)$/.exec(line) ?? []
        if (id === undefined || why === undefined)
          throw new Error(`An equivalent mutant needs "id | why": ${line}`)
        return [id, why]
      }),
  )
}

export interface Summary {
  rows: { kind: string; all: number; caught: number; equivalent: number }[]
  survivors: (Outcome & { at: string })[]
  equivalents: (Outcome & { why: string })[]
  /** Of those that make a difference, how many were seen: 0 to 1. */
  share: number
  all: number
}

/** Counts what became of them. One that was seen counts as seen, whatever is said of it. */
export function summarise(
  mutants: readonly Mutant[],
  outcomes: readonly Outcome[],
  equivalents: Equivalents,
): Summary {
  const of = new Map(mutants.map((mutant) => [mutant.id, mutant]))
  const alive = outcomes.filter(({ caught }) => !caught)
  const rows = new Map<string, Summary['rows'][number]>()
  for (const { id, caught } of outcomes) {
    const kind = of.get(id)?.kind ?? ''
    const row = rows.get(kind) ?? { kind, all: 0, caught: 0, equivalent: 0 }
    rows.set(kind, row)
    row.all++
    if (caught) row.caught++
    else if (equivalents.has(id)) row.equivalent++
  }
  const survivors = alive.filter(({ id }) => !equivalents.has(id))
  const counted = outcomes.length - alive.length + survivors.length
  return {
    rows: [...rows.values()].sort((a, b) => a.kind.localeCompare(b.kind)),
    survivors: survivors
      .map((one) => ({ ...one, at: of.get(one.id)?.at ?? '' }))
      .sort((a, b) => a.id.localeCompare(b.id)),
    equivalents: alive
      .filter(({ id }) => equivalents.has(id))
      .map((one) => ({ ...one, why: equivalents.get(one.id) ?? '' })),
    share: counted === 0 ? 0 : (counted - survivors.length) / counted,
    all: outcomes.length,
  }
}

export const percent = (share: number): string => `${(Math.floor(share * 1000) / 10).toFixed(1)} %`
const cell = (text: string): string => `\`${text.replaceAll('|', '\\|').replaceAll('`', '´')}\``

export interface PageFacts {
  date: string
  minutes: number
  commit: string
  /** Tests that failed without a mutant. */
  failing: string[]
  /** How many mutants there are; more than were tried: a sample. */
  there: number
}

/** The page of the last run. */
export function page(summary: Summary, facts: PageFacts): string {
  const { rows, survivors, equivalents, share, all } = summary
  const caught = rows.reduce((sum, row) => sum + row.caught, 0)
  return [
    '# Mutants of authorisation',
    '',
    `Made by \`npm run test:mutants\`; not by hand. ${facts.date}, commit ${facts.commit}, ${facts.minutes} minutes.`,
    '',
    ...(facts.there > all
      ? [
          `**A sample:** ${all} of the ${facts.there} mutants that there are, taken without regard to what they are; declarations, which need a process each, in the last fifth of the time.`,
          '',
        ]
      : []),
    `Each check, policy and lock was taken out in turn, and the sweep, the matrix, the contract of the wall and the model were asked`,
    'whether they notice; what is in the code with the policies off, what is in the database with the filters off. What only explains an answer',
    '(`server/authz/explain`) decides nothing and is not among them: `explain.mending.test.ts` holds it to the answers.',
    `**${caught} of ${all} were caught; of the ${all - equivalents.length} that make a difference, ${percent(share)}** (goal: ${percent(GOAL)}).`,
    '',
    '| what was taken out | mutants | caught | equivalent | survived |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...rows.map(
      (r) => `| ${r.kind} | ${r.all} | ${r.caught} | ${r.equivalent} | ${r.all - r.caught - r.equivalent} |`,
    ),
    '',
    '## Survivors',
    '',
    ...(survivors.length === 0 ? ['None.'] : ['| mutant | at | |', '| --- | --- | --- |']),
    ...survivors.map(({ id, at, by }) => `| ${cell(id)} | ${at} | ${by} |`),
    '',
    '## Equivalent',
    '',
    'Reviewed: what they take out is held by something else, or was never asked. From `docs/security/mutants-equivalent.txt`.',
    '',
    ...(equivalents.length === 0 ? ['None.'] : ['| mutant | why |', '| --- | --- |']),
    ...equivalents.map(({ id, why }) => `| ${cell(id)} | ${why.replaceAll('|', '\\|')} |`),
    ...(facts.failing.length === 0
      ? []
      : [
          '',
          '## Tests that failed without a mutant, and were not asked',
          '',
          ...facts.failing.map((one) => `- ${one}`),
        ]),
    '',
  ].join('\n')
}
