import { expect, it } from 'vitest'
import { createTestDatabase } from '@/test/database'
import { withClient } from '@/test/databases'

it('clones migrated databases that know nothing of each other', async () => {
  const [a, b, c] = await Promise.all([createTestDatabase(), createTestDatabase(), createTestDatabase()])
  await withClient(a.adminUrl, (client) => client.query('create table only_here (n int)'))
  const seen = await withClient(b.url('tenant'), (client) =>
    client.query(`select to_regclass('only_here') as found`),
  )
  expect(seen.rows).toEqual([{ found: null }])
  const count = await withClient(c.url('system'), (client) =>
    client.query('select 1 from _prisma_migrations'),
  )
  expect(count.rowCount).toBeGreaterThan(0)
  for (const database of [a, b, c]) await database.drop()
  await expect(withClient(a.adminUrl, async () => {})).rejects.toMatchObject({ code: '3D000' })
})
