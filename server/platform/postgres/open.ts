import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Env } from '@/server/platform/env'
import { startEmbedded } from '@/server/platform/postgres/embedded'
import { loadSecret } from '@/server/platform/secret'
import { patchAdvice } from '@/server/platform/postgres/floor'
import { log } from '@/server/platform/log'

/** A database that is ready for bootstrapRoles and migrate. The addresses hold passwords: never log them. */
export type OpenDatabase = {
  /** direct address of the administrator: migrations, roles, LISTEN */
  adminUrl: string
  /** address whose host and port the app's pools use (PgBouncer, if there is one); see roleUrl */
  runtimeUrl: string
  /** direct address for what needs a session: LISTEN, advisory locks, the worker; see roleUrl */
  directUrl: string
  embedded: boolean
  /** such as "18.4" */
  serverVersion: string
  /** starts the embedded server again when it was killed; nothing else. @throws when it does not start */
  ensure(): Promise<void>
  /** stops the embedded server when this was its last user; else does nothing */
  close(): Promise<void>
}

const MIN_MAJOR = 15
const WAIT_MS = 15_000
const DATABASE = 'freehold'

/**
 * Opens the database of this install: the one in DATABASE_URL, else the embedded one under DATA_DIR, started if need be.
 * Waits up to 15 s for a server that is still starting.
 * @throws one clear line: not reachable, older than PostgreSQL 15, or whatever startEmbedded says
 */
export async function openDatabase(
  env: Pick<Env, 'DATABASE_URL' | 'DIRECT_DATABASE_URL' | 'DATA_DIR' | 'FREEHOLD_SECRET' | 'NODE_ENV'>,
): Promise<OpenDatabase> {
  if (env.DATABASE_URL) {
    const adminUrl = env.DIRECT_DATABASE_URL ?? env.DATABASE_URL
    const serverVersion = await checkVersion(adminUrl)
    return {
      adminUrl,
      runtimeUrl: env.DATABASE_URL,
      directUrl: adminUrl,
      embedded: false,
      serverVersion,
      ensure: async () => {},
      close: async () => {},
    }
  }
  const server = await startEmbedded({ dataDir: env.DATA_DIR, secret: loadSecret(env) })
  try {
    await createDatabase(server.url('postgres'), DATABASE)
    const url = server.url(DATABASE)
    const serverVersion = await checkVersion(url)
    return {
      adminUrl: url,
      runtimeUrl: url,
      directUrl: url,
      embedded: true,
      serverVersion,
      ensure: server.ensure,
      close: server.close,
    }
  } catch (error) {
    await server.close()
    throw error
  }
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Safe with several processes: the one that comes second finds it there. */
async function createDatabase(maintenanceUrl: string, name: string): Promise<void> {
  await withClient(maintenanceUrl, async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [name])
    if (found.rowCount) return
    await client
      .query(`create database ${client.escapeIdentifier(name)}`)
      .catch((error: { code?: string }) => {
        if (error.code !== '42P04' && error.code !== '23505') throw error
      })
  })
}

async function checkVersion(url: string): Promise<string> {
  const read = (client: pg.Client) =>
    client.query<{ num: string; text: string }>(
      `select current_setting('server_version_num') as num, current_setting('server_version') as text`,
    )
  for (const deadline = Date.now() + WAIT_MS; ; await sleep(500)) {
    try {
      const row = (await withClient(url, read)).rows[0]
      const version = row?.text.split(' ')[0] ?? ''
      const advice = patchAdvice(Number(row?.num))
      if (advice) log().warn(advice)
      if (Math.floor(Number(row?.num) / 10_000) >= MIN_MAJOR) return version
      throw new Error(
        `Freehold needs PostgreSQL ${MIN_MAJOR} or newer; the server in DATABASE_URL is ${version}`,
      )
    } catch (error) {
      if (!isStarting(error as { code?: string }) || Date.now() > deadline) throw plain(error as Error)
    }
  }
}

const isStarting = (error: { code?: string }) =>
  ['ECONNREFUSED', 'EAI_AGAIN', '57P03'].includes(error.code ?? '')

function plain(error: Error & { code?: string }): Error {
  if (!error.code) return error
  return new Error(`The database in DATABASE_URL does not answer: ${error.message || error.code}`)
}
