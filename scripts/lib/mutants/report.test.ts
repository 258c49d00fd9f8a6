import { describe, expect, it } from 'vitest'
import type { Mutant } from './mutant'
import { Plan } from './plan'
import { page, readEquivalents, summarise } from './report'

const mutant = (id: string, kind = 'code: guard'): Mutant => ({
  id,
  kind,
  layer: 'no-policies',
  at: 'a.ts:1',
})
const outcome = (id: string, caught: boolean) => ({ id, caught, by: 'a test', took: 1 })

describe('the report of mutants', () => {
  const equivalents = readEquivalents('# reviewed\n\na | held by a CHECK | twice\n')

  it('counts only what makes a difference', () => {
    const mutants = ['a', 'b', 'c', 'd'].map((id) => mutant(id))
    const outcomes = [outcome('a', false), outcome('b', false), outcome('c', true), outcome('d', true)]
    const summary = summarise(mutants, outcomes, equivalents)
    expect(summary.rows).toEqual([{ kind: 'code: guard', all: 4, caught: 2, equivalent: 1 }])
    expect(summary.share).toBeCloseTo(2 / 3)
    expect(summary.survivors.map(({ id }) => id)).toEqual(['b'])
    const text = page(summary, { date: 'today', minutes: 1, commit: 'abc', failing: [], there: 8 })
    expect(text).toContain('2 of 4 were caught; of the 3 that make a difference, 66.6 %')
    expect(text).toContain('**A sample:** 4 of the 8 mutants')
    expect(text).toContain('| `a` | held by a CHECK \\| twice |')
  })

  it('is not content with nothing, and wants a reason for what is equivalent', () => {
    expect(summarise([], [], equivalents).share).toBe(0)
    expect(() => readEquivalents('only-an-id')).toThrow(/needs "id \| why"/)
  })
})

describe('the order of tests', () => {
  const tests = [
    { key: 'server/a.test.ts > slow', took: 4000, touched: [] },
    { key: 'server/a.test.ts > quick', took: 10, touched: [] },
    { key: 'server/b.test.ts > quicker', took: 5, touched: [] },
  ]

  it('is quick ones together first, then each slow one', () => {
    expect(new Plan({}).groups(mutant('x'), tests)).toEqual([
      ['server/b.test.ts > quicker', 'server/a.test.ts > quick'],
      ['server/a.test.ts > slow'],
    ])
  })

  it('begins with what saw it last time, or saw one like it', () => {
    const plan = new Plan({ y: 'server/a.test.ts > slow' })
    expect(plan.groups(mutant('y'), tests)[0]).toEqual(['server/a.test.ts > slow'])
    plan.saw(mutant('x'), 'server/a.test.ts > quick')
    expect(plan.groups(mutant('z'), tests)[0]).toEqual(['server/a.test.ts > quick'])
  })
})
