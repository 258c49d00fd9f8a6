import { describe, expect, inject, it } from 'vitest'
import { inTenant } from '@/server/db/scope'
import { connectDatabase } from '@/server/db/runtime'
import { statementNames } from '@/server/db/statement-names'
import { env } from '@/server/platform/env'
import { createWorld } from '@/test/world'

describe('names of prepared statements', () => {
  it('are given the second time, to statements with values only', () => {
    const name = statementNames()
    const ask = (sql: string, args: unknown[] = [1]) => name({ sql, args })
    expect([ask('select $1'), ask('begin', []), ask('begin', [])]).toEqual(['', '', ''])
    expect(ask('select $1')).toMatch(/^fh[0-9a-f]{40}$/)
    expect(ask('select $1')).toBe(ask('select $1'))
    expect(ask('select $1, 2')).toBe('')
    expect(ask('select $1, 2')).not.toBe(ask('select $1'))
  })

  it('run out, so that a connection keeps a hundred plans at most', () => {
    const name = statementNames()
    const ask = (n: number) => name({ sql: `select ${n}, $1`, args: [1] })
    const given = Array.from({ length: 150 }, (_, n) => (ask(n), ask(n)))
    expect(given.filter((text) => text !== '')).toHaveLength(100)
    expect(ask(3)).toBe(given[3])
  })
})

it('one plan on one connection serves tenants in turn, and shows each its own rows only', async () => {
  const world = await createWorld()
  const people = [await world.opOf('Tom'), await world.opOf('Bo')]
  const secret = inject('testServer').secret
  const settings = { ...env(), POOL_TENANT_MAX: 1 }
  const runtime = await connectDatabase({
    runtimeUrl: world.database.adminUrl,
    secret,
    env: settings,
    prepare: true,
  })
  try {
    const seen = new Map<string, Set<string>>()
    for (let round = 0; round < 15; round++) {
      for (const op of people) {
        const rows = await inTenant(op, (tx) =>
          tx.resource.findMany({ where: { kind: { not: 'cloud' } }, orderBy: { id: 'asc' } }),
        )
        const answers = seen.get(op.tenant.slug) ?? new Set()
        seen.set(op.tenant.slug, answers.add(rows.map(({ id }) => id).join()))
      }
    }
    const [tom, bo] = people.map((op) => [...(seen.get(op.tenant.slug) ?? [])])
    expect([tom?.length, bo?.length]).toEqual([1, 1]) // the same in every round
    expect(tom).not.toEqual(bo)
  } finally {
    await runtime.close()
    await world.close()
  }
})
