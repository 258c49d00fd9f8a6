import pg from 'pg'
import { bootstrapRoles, dropLogins } from '@/server/db/bootstrap'
import { migrate } from '@/server/db/migrate'

const TEMPLATE_LOCK = 72707371

/** The same address with another database. */
export function withDatabase(url: string, database: string): string {
  const address = new URL(url)
  address.pathname = `/${encodeURIComponent(database)}`
  return address.href
}

/** Runs `work` with a connection of its own. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Makes the run's migrated template once, whichever process of the run comes first. @returns its name */
export async function ensureTemplate(adminUrl: string, run: string, secret: string): Promise<string> {
  const template = `${run}_template`
  await withClient(adminUrl, async (client) => {
    await client.query(`select pg_advisory_lock(${TEMPLATE_LOCK})`)
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [template])
    if (rowCount) return
    await client.query(`create database ${template}`)
    try {
      await bootstrapRoles(withDatabase(adminUrl, template), secret)
      await migrate(withDatabase(adminUrl, template))
    } catch (error) {
      await dropTestDatabase(adminUrl, template)
      throw error
    }
  })
  return template
}

/** Drops all databases of a run, and their logins. */
export async function dropRunDatabases(adminUrl: string, run: string): Promise<void> {
  const names = await withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      `select datname from pg_database where datname like $1`,
      [`${run}\\_%`],
    )
    return rows.map(({ datname }) => datname)
  })
  for (const name of names) await dropTestDatabase(adminUrl, name)
}

/** Drops one database with everything that is connected to it, and its logins. */
export async function dropTestDatabase(adminUrl: string, name: string): Promise<void> {
  await withClient(adminUrl, (client) => client.query(`drop database if exists "${name}" with (force)`))
  await dropLogins(adminUrl, name)
}
