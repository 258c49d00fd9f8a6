import type { World } from '@/test/world'

const WAITING = `select 1 from pg_locks l join pg_database d on d.oid = l.database and d.datname = current_database()
  where l.locktype = 'advisory' and not l.granted`

/**
 * Holds a tenant's lock (or everybody's) as a write under way does, starts a change that has to wait for it, does something
 * meanwhile, lets go. @param as `exclusive`: as what takes rights away holds it, so that any write waits
 * @returns the change, which is over, and whether it waited
 */
export async function whileHeld<T>(
  { admin }: World,
  lockId: string,
  change: () => Promise<T>,
  meanwhile: () => Promise<unknown> = async () => undefined,
  as: 'shared' | 'exclusive' = 'shared',
): Promise<{ waited: boolean; done: Promise<T> }> {
  const suffix = as === 'shared' ? '_shared' : ''
  await admin.query(`select pg_advisory_lock${suffix}(wall.lock_key($1))`, [lockId])
  let over = false
  const done = change()
  const settled = done.then(
    () => (over = true),
    () => (over = true),
  )
  const waits = async () => (await admin.query(WAITING)).rowCount !== 0
  let waited = false
  for (let i = 0; i < 100 && !over && !(waited = await waits()); i++)
    await new Promise((resolve) => setTimeout(resolve, 20))
  await meanwhile()
  await admin.query(`select pg_advisory_unlock${suffix}(wall.lock_key($1))`, [lockId])
  await settled
  return { waited, done }
}

const BLOCKED = `select 1 from pg_locks l where not l.granted and pg_backend_pid() = any (pg_blocking_pids(l.pid))`

/**
 * Changes rows beside the wall and keeps that to itself, starts a call that has to wait for them, lets it see the change.
 * What the call read before, it read as it was. @returns the call, which is over, and whether it waited
 */
export async function whileUncommitted<T>(
  { admin }: World,
  change: () => Promise<unknown>,
  call: () => Promise<T>,
): Promise<{ waited: boolean; done: Promise<T> }> {
  await admin.query('begin')
  await change()
  let over = false
  const done = call()
  const settled = done.then(
    () => (over = true),
    () => (over = true),
  )
  let waited = false
  for (let i = 0; i < 250 && !over && !waited; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    waited = (await admin.query(BLOCKED)).rowCount !== 0
  }
  await admin.query('commit')
  await settled
  return { waited, done }
}
