import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { bootstrapRoles } from '@/server/db/bootstrap'
import { roleUrl, type DbRole } from '@/server/db/urls'
import { dropTestDatabase, ensureTemplate, withClient, withDatabase } from '@/test/databases'

/** A database of one test's own. `url` signs in as a role, `adminUrl` as administrator. */
export type TestDatabase = {
  name: string
  adminUrl: string
  url(role: DbRole): string
  secret: string
  drop(): Promise<void>
}

/** A migrated database with logins of its own, cloned from the run's template. Drop it when the test is done. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { adminUrl, run, secret } = inject('testServer')
  const template = await ensureTemplate(adminUrl, run, secret)
  const database = await createEmptyDatabase(template)
  await bootstrapRoles(database.adminUrl, secret)
  return database
}

/** A database without roles and migrations, for tests of these themselves. */
export async function createEmptyDatabase(template = 'template1'): Promise<TestDatabase> {
  const { adminUrl, run, secret } = inject('testServer')
  const name = `${run}_${randomBytes(6).toString('hex')}`
  await withClient(adminUrl, (client) => client.query(`create database ${name} template ${template}`))
  const url = withDatabase(adminUrl, name)
  if (template !== 'template1') await takeOut(url)
  return {
    name,
    adminUrl: url,
    secret,
    url: (role) => roleUrl(url, role, secret),
    drop: () => dropTestDatabase(adminUrl, name),
  }
}

/** Takes out of a cloned database what `npm run test:mutants` wants to see missed. */
async function takeOut(url: string): Promise<void> {
  const statements = process.env.FREEHOLD_TEST_MUTANT_SQL
  if (!statements) return
  await withClient(url, async (client) => {
    for (const statement of JSON.parse(statements) as string[]) await client.query(statement)
  })
}
