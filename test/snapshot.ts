import type pg from 'pg'

// The world's first state is kept in a schema of its own, so that what a test changed is undone in a few milliseconds.

const TABLES = `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'public' and c.relkind = 'r' and c.relname <> '_prisma_migrations' order by 1`

async function tables(db: pg.Client): Promise<string[]> {
  return (await db.query<{ name: string }>(TABLES)).rows.map(({ name }) => name)
}

/** Keeps a copy of every row. */
export async function plantSnapshot(db: pg.Client): Promise<void> {
  await db.query('create schema snapshot')
  for (const name of await tables(db))
    await db.query(`create table snapshot."${name}" as table public."${name}"`)
}

/** Puts the copies back; triggers (the frozen log, the notices) do not run. */
export async function restore(db: pg.Client): Promise<void> {
  const names = await tables(db)
  const empty = names.map((name) => `delete from public."${name}"`)
  const fill = names.map((name) => `insert into public."${name}" select * from snapshot."${name}"`)
  await db.query(
    ['begin', 'set local session_replication_role = replica', ...empty, ...fill, 'commit'].join(';'),
  )
}

/** What changes by itself while people merely look. */
const RESTLESS = ['last_seen_at', 'idle_expires_at']

/** One hash per table of all its rows. */
export async function stateOf(db: pg.Client, except: string[] = []): Promise<Record<string, string>> {
  const skip = ['rate_limit', 'worker_heartbeat', ...except]
  const names = (await tables(db)).filter((name) => !skip.includes(name))
  const one = (name: string) => {
    const row = name === 'session' ? `to_jsonb(t) - '{${RESTLESS.join(',')}}'::text[]` : 'to_jsonb(t)'
    return `('${name}', (select md5(coalesce(string_agg((${row})::text, '|' order by (${row})::text), '')) from public."${name}" t))`
  }
  const { rows } = await db.query<{ state: Record<string, string> }>(
    `select jsonb_object_agg(name, hash) as state from (values ${names.map(one).join(', ')}) as one(name, hash)`,
  )
  return rows[0]?.state ?? {}
}
