import pg from 'pg'
import type { DbRole } from '@/server/db/urls'
import type { World } from '@/test/world'

/** The answer under a context, after changes that are rolled back; triggers do not turn what was planted. */
export async function askAfter(
  { admin }: World,
  context: string,
  question: string,
  changes: string[],
): Promise<unknown> {
  await admin.query('begin; set local session_replication_role = replica')
  try {
    for (const change of changes) await admin.query(change)
    await admin.query(`select set_config('wall.ctx', $1, true)`, [context])
    const { rows } = await admin.query<{ a: unknown }>(`select (${question}) as a`)
    return rows[0]?.a
  } finally {
    await admin.query('rollback')
  }
}

/**
 * Begins a statement on a connection and looks until it waits for a lock or is over.
 * @param admin another connection, which sees all locks
 * @returns whether it waits; `done` is the statement
 */
export async function begun(
  admin: pg.ClientBase,
  client: pg.ClientBase,
  statement: string,
): Promise<{ waits: boolean; done: Promise<pg.QueryResult> }> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  let over = false
  const done = client.query(statement)
  const settled = () => void (over = true)
  done.then(settled, settled)
  const waiting = () => admin.query('select 1 from pg_locks where pid = $1 and not granted', [rows[0]?.pid])
  for (let i = 0; i < 400 && !over; i++) {
    if ((await waiting()).rowCount) return { waits: true, done }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return { waits: false, done }
}

/**
 * What becomes of a statement as a serving role under a context, after changes that are rolled back with it.
 * @returns how many rows it reached, or the code of the refusal
 */
export async function doneAs(
  { admin }: World,
  role: DbRole,
  context: string,
  statement: string,
  changes: string[] = [],
): Promise<number | string | null> {
  await admin.query('begin')
  try {
    for (const change of changes) await admin.query(change)
    await admin.query(`select set_config('wall.ctx', $1, true)`, [context])
    await admin.query(`set local role freehold_${role}`)
    return (await admin.query(statement)).rowCount
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code !== undefined) return error.code
    throw error
  } finally {
    await admin.query('rollback')
  }
}
