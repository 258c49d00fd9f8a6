import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { movesOf } from '@/server/features/host-moves/host-moves.fixture'
import { runTasks } from '@/server/features/tasks/tasks.jobs'
import { resourceId, tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const [A, B] = [tenantId('A'), tenantId('B')]
const HOSTS = [resourceId('A web'), resourceId('A db'), resourceId('assigned A')]

/** Where a worker is stopped: what is held there until it is dead. */
const POINTS: [string, string, unknown[]][] = [
  ['at the tenants’ locks', 'select pg_advisory_xact_lock(wall.lock_key($1))', [B]],
  ['amid the hosts', 'select 1 from resource where id = $1 for update', [HOSTS[1]]],
  ['when the hosts have moved', 'lock table audit_event in share row exclusive mode', []],
]

describe('R01 a worker that is killed amid a migration', () => {
  let world: World
  let holder: pg.Client
  const children: ChildProcess[] = []
  beforeAll(async () => {
    world = await createWorld()
    holder = new pg.Client({ connectionString: world.database.adminUrl })
    await holder.connect()
  })
  beforeEach(() => world.restore())
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })
  afterAll(async () => {
    await holder.end()
    await world.close()
  })
  const { as, sql, placeOf, logOf, task } = movesOf(() => world)

  const worker = () => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', 'server/features/host-moves/worker.fixture.ts'],
      {
        env: { ...process.env, TARGET: world.database.adminUrl, TARGET_SECRET: inject('testServer').secret },
        stdio: 'ignore',
      },
    )
    children.push(child)
    return child
  }
  /** Its session on the database, which waits for what is held. */
  async function blocked(): Promise<number> {
    for (let i = 0; i < 1500; i++) {
      const [row] = await sql<{ pid: number }>(
        'select l.pid from pg_locks l where not l.granted and $1 = any (pg_blocking_pids(l.pid))',
        [(await holder.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid],
      )
      if (row) return row.pid
      await sleep(20)
    }
    throw new Error('nothing waits')
  }
  const whole = async (owner: string) => {
    for (const id of HOSTS.slice(0, 2))
      expect(await placeOf(id)).toMatchObject({ owner_id: owner, assigned_id: owner })
    expect((await placeOf(HOSTS[2] ?? ''))?.assigned_id).toBe(owner)
  }
  const ofHosts = async (key: 'A' | 'B') =>
    (await logOf(key, 'host.migrate')).filter((row) => row.target_kind === 'host').map((row) => row.target_id)

  /** A worker takes up the migration and is killed while it waits for what is held. @returns the task's id, once its session is gone */
  async function killedWhile(hold: string, values: unknown[]): Promise<string> {
    const { taskId } = await (await as('Mara')).hostMoves.start({ ids: HOSTS, tenantId: B })
    await holder.query('begin')
    await holder.query(hold, values)
    const child = worker()
    const pid = await blocked()
    child.kill('SIGKILL')
    await whole(A)
    await holder.query('rollback')
    for (let i = 0; i < 500; i++) {
      if ((await sql('select 1 from pg_stat_activity where pid = $1', [pid])).length === 0) return taskId
      await sleep(20)
    }
    throw new Error('its session lives on')
  }
  const saidOnce = async () => {
    for (const key of ['A', 'B'] as const) expect((await ofHosts(key)).sort()).toEqual([...HOSTS].sort())
  }

  it.each(POINTS)(
    '%s: each host is whole in its old tenant, and the next worker does it, once',
    async (_where, hold, values) => {
      const id = await killedWhile(hold, values)
      await whole(A)
      expect(await sql('select 1 from host_move where id = $1', [id])).toEqual([])
      expect(await ofHosts('B')).toEqual([])
      expect(await task(id)).toMatchObject({ status: 'running' })
      // Nobody has heard of it for half a minute.
      await sql(`update background_task set heartbeat_at = now() - interval '31 seconds' where id = $1`, [id])
      expect(await runTasks()).toBe(1)
      expect(await task(id)).toMatchObject({ status: 'done', error: '' })
      await whole(B)
      await saidOnce()
    },
    60_000,
  )

  it('at its commit: that holds, and nobody does it again', async () => {
    const id = await killedWhile('lock table audit_seal in share row exclusive mode', [])
    await whole(B)
    expect(await task(id)).toMatchObject({ status: 'done' })
    expect(await runTasks()).toBe(0)
    await saidOnce()
  }, 60_000)
})
