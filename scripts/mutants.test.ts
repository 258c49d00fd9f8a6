import { describe, expect, inject, it } from 'vitest'
import { databaseMutants } from './lib/mutants/scratch-server'
import { bin, run } from './lib/run'

describe('mutants of the database', () => {
  it('are found in the catalogue of a migrated one, and PostgreSQL takes each', async () => {
    const { found, impossible } = await databaseMutants(inject('testServer').adminUrl)
    expect(impossible).toEqual([])
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length)
    const count = (kind: string) => found.filter((one) => one.kind === `database: ${kind}`).length
    expect(count('policy')).toBeGreaterThan(60)
    expect(count('part of policy')).toBeGreaterThan(40)
    expect(count('condition')).toBeGreaterThan(50)
    for (const kind of ['check', 'foreign key', 'trigger', 'privilege', 'guard', 'lock'])
      expect(count(kind), kind).toBeGreaterThan(3)
  })
})

describe('npm run test:mutants', () => {
  it('sees planted mutants, one of each sort', async () => {
    const planted = [
      'ts:server/authz/assert\\.ts:assertAllowed:guard:!op\\.actor',
      'sql:privilege:resource\\.owner_id',
      'sql:policy:session_select',
    ].join('|')
    const suites = [
      'server/sweep/attacks/group-b.test.ts',
      'server/db/wall-rows',
      'server/db/wall.contract',
    ].flatMap((part) => ['--suites', part])
    const { code, output } = await run(
      bin('tsx'),
      ['scripts/test-mutants.ts', '--only', planted, ...suites],
      {
        quiet: true,
      },
    )
    expect(output).toMatch(/100\.0 % of 3 mutants that make a difference are caught/)
    expect(code).toBe(0)
  }, 180_000)
})
