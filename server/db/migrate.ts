import fs from 'node:fs'
import path from 'node:path'
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { OWNER_ROLE } from '@/server/db/bootstrap'
import { sha256 } from '@/server/platform/crypto'

/** One migration as it lies on disk. */
export type Migration = { name: string; sql: string; checksum: string }

/** Anything that runs a statement: a pg client or pool. */
export type Queryable = { query(sql: string): Promise<{ rows: unknown[] }> }

type Applied = {
  migration_name: string
  checksum: string
  finished_at: Date | null
  rolled_back_at: Date | null
}

/** Prisma Migrate's own lock, so that its CLI and we keep out of each other's way. */
const LOCK = 72707369

const TABLE = `create table if not exists public._prisma_migrations (
  id varchar(36) primary key not null,
  checksum varchar(64) not null,
  finished_at timestamptz,
  migration_name varchar(255) not null,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz not null default now(),
  applied_steps_count integer not null default 0
)`

/** Where the migrations are unless said otherwise. */
function migrationsFolder(): string {
  return path.join(process.cwd(), 'prisma', 'migrations')
}

/** The migrations of a folder in Prisma's layout, in the order in which they apply. */
export function readMigrations(folder = migrationsFolder()): Migration[] {
  const names = fs.readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return names
    .map(({ name }) => name)
    .sort()
    .map((name) => {
      const bytes = fs.readFileSync(path.join(folder, name, 'migration.sql'))
      return { name, sql: bytes.toString('utf8'), checksum: sha256(bytes) }
    })
}

/**
 * Applies the migrations that the database lacks, each in one transaction with its line in `_prisma_migrations`: one
 * that fails leaves nothing behind. Any number of processes may call it at once; they take turns.
 * @param adminUrl direct address (not through PgBouncer), after bootstrapRoles
 * @returns the names of those applied now
 * @throws one clear line when an applied one was edited, the database is newer than this code, or one fails
 */
export async function migrate(adminUrl: string, folder = migrationsFolder()): Promise<string[]> {
  const migrations = readMigrations(folder)
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query(
      'set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0',
    )
    await client.query(`select pg_advisory_lock(${LOCK})`)
    await ensureTable(client)
    const pending = compare(migrations, await readApplied(client))
    for (const migration of pending) await apply(client, migration)
    return pending.map(({ name }) => name)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/**
 * Names of the migrations that the database lacks; for the readiness check. The logins of the system role may read it.
 * @throws as migrate does, and when the database does not answer
 */
export async function pendingMigrations(
  db: string | Queryable,
  folder = migrationsFolder(),
): Promise<string[]> {
  const migrations = readMigrations(folder)
  if (typeof db !== 'string') return compare(migrations, await readApplied(db)).map(({ name }) => name)
  const client = new pg.Client({ connectionString: db, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return compare(migrations, await readApplied(client)).map(({ name }) => name)
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function ensureTable(client: pg.Client): Promise<void> {
  const { rows } = await client.query(`select to_regclass('public._prisma_migrations') is not null as found`)
  if ((rows[0] as { found: boolean }).found) return
  await client.query(`begin; set local role ${OWNER_ROLE}; ${TABLE};
    grant select on public._prisma_migrations to freehold_system, freehold_worker; commit`)
}

async function readApplied(db: Queryable): Promise<Applied[]> {
  const { rows } = await db.query(`select to_regclass('public._prisma_migrations') is not null as found`)
  if (!(rows[0] as { found: boolean }).found) return []
  const result = await db.query(
    'select migration_name, checksum, finished_at, rolled_back_at from public._prisma_migrations',
  )
  return result.rows as Applied[]
}

function compare(migrations: Migration[], applied: Applied[]): Migration[] {
  const live = applied.filter((row) => !row.rolled_back_at)
  const failed = live.find((row) => !row.finished_at)
  if (failed) {
    throw new Error(
      `Migration ${failed.migration_name} failed under Prisma's own CLI: settle it with "prisma migrate resolve"`,
    )
  }
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  for (const row of live) {
    const migration = known.get(row.migration_name)
    if (!migration) {
      throw new Error(
        `The database is newer than this Freehold (it has migration ${row.migration_name}): update Freehold`,
      )
    }
    if (migration.checksum !== row.checksum) {
      throw new Error(
        `Migration ${row.migration_name} was edited after it was applied: restore it and add a new one`,
      )
    }
  }
  const done = new Set(live.map((row) => row.migration_name))
  return migrations.filter((migration) => !done.has(migration.name))
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('begin')
  try {
    await client.query(`set local role ${OWNER_ROLE}`)
    const before = await transactionId(client)
    await client.query(sql)
    if ((await transactionId(client)) !== before)
      throw new Error('it must not begin or end transactions itself')
    await client.query(`set local role ${OWNER_ROLE}`)
    await client.query(
      `insert into public._prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       values ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    )
    await client.query('commit')
    await client.query('reset all; set statement_timeout = 0; set lock_timeout = 0')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw new Error(`Migration ${name} failed: ${describe(error as pg.DatabaseError, sql)}`, { cause: error })
  }
}

async function transactionId(client: pg.Client): Promise<string> {
  const { rows } = await client.query('select pg_current_xact_id()::text as id')
  return (rows[0] as { id: string }).id
}

function describe(error: pg.DatabaseError, sql: string): string {
  const line = error.position ? sql.slice(0, Number(error.position)).split('\n').length : undefined
  return line ? `${error.message} (line ${line})` : error.message
}
