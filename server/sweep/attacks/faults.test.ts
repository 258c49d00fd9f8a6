import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { inspect } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { bootstrapRoles } from '@/server/db/bootstrap'
import { migrate } from '@/server/db/migrate'
import { connectDatabase } from '@/server/db/runtime'
import { asJob, inTenant, mutate, type ScopeOp } from '@/server/db/scope'
import { callSystem, systemValue } from '@/server/db/system'
import { installWallKey } from '@/server/db/wall-key'
import { verifyEveryChain } from '@/server/features/audit/audit.service'
import { dispatch } from '@/server/http/dispatch'
import { type EmbeddedServer, startEmbedded } from '@/server/platform/postgres/embedded'
import { findPostmaster } from '@/server/platform/postgres/postmaster'
import { readiness } from '@/server/platform/readiness'
import { errorBody } from '@/server/rpc/errors'
import { withClient } from '@/test/databases'
import { startTcpProxy, type TcpProxy } from '@/test/tcp-proxy'
import { createWorld, type World } from '@/test/world'

const POOLS = { POOL_TENANT_MAX: 4, POOL_MASTER_MAX: 4, POOL_UNION_MAX: 2, POOL_SYSTEM_MAX: 4 }
/** What a rule of five seconds may take on a machine that has other things to do. */
const FIVE_SECONDS = 6500

/** How long `work` takes, in ms, and how its error looks to a caller; status 200 when there is none. */
async function outcome(work: () => Promise<unknown>): Promise<{ status: number; ms: number }> {
  const started = performance.now()
  const status = await work().then(
    () => 200,
    (error: unknown) => errorBody(error).status,
  )
  return { status, ms: performance.now() - started }
}

async function until(what: () => Promise<boolean> | boolean, ms: number): Promise<number> {
  const started = performance.now()
  while (!(await what())) {
    if (performance.now() - started > ms) throw new Error(`not within ${ms} ms`)
    await sleep(50)
  }
  return performance.now() - started
}

const select1 = (op: ScopeOp) => inTenant(op, (tx) => tx.$queryRaw`select 1 as one`)
const sleepInside = (op: ScopeOp, seconds: number) =>
  inTenant(op, (tx) => tx.$queryRaw`select 1 as one from pg_sleep(${seconds})`)

describe('R02 a backend whose client died', () => {
  let world: World
  const children: ChildProcess[] = []
  beforeAll(async () => void (world = await createWorld()))
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL')
    await world.close()
  })

  it.each(['tenant', 'master', 'union', 'system'] as const)('R02 role %s has limits', async (role) => {
    const { rows } = await withClient(world.database.url(role), (client) =>
      client.query<{ name: string; ms: number }>(
        'select name, setting::int as ms from pg_settings where name = any ($1)',
        [Object.keys(LIMITS)],
      ),
    )
    const limit = Object.fromEntries(rows.map(({ name, ms }) => [name, ms]))
    for (const [name, most] of Object.entries(LIMITS)) {
      expect(limit[name], name).toBeGreaterThan(0)
      expect(limit[name], name).toBeLessThanOrEqual(most)
    }
  })

  it('R02 is gone within five seconds, and its locks with it', async () => {
    const script = `const pg = require('pg'); const c = new pg.Client(process.env.TARGET);
      c.connect().then(() => c.query('begin; select pg_advisory_xact_lock(20261121)')).then(() => c.query('select pg_sleep(14)'))`
    const env = {
      PATH: process.env.PATH,
      NODE_ENV: process.env.NODE_ENV,
      TARGET: world.database.url('tenant'),
    }
    const child = spawn(process.execPath, ['-e', script], { env, stdio: 'ignore' })
    children.push(child)
    const asleep = async () => {
      const { rows } = await world.admin.query(
        `select 1 from pg_locks l join pg_stat_activity a using (pid)
          where l.locktype = 'advisory' and l.objid = 20261121 and a.query like '%pg_sleep%' and a.datname = current_database()`,
      )
      return rows.length > 0
    }
    await until(asleep, 10_000)
    child.kill('SIGKILL')
    expect(await until(async () => !(await asleep()), 9000)).toBeLessThan(FIVE_SECONDS)
  })
})

const LIMITS = {
  statement_timeout: 30_000,
  lock_timeout: 5000,
  idle_in_transaction_session_timeout: 10_000,
  client_connection_check_interval: 5000,
}

describe('R03 R04 a database that is killed under load', () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-test-'))
  fs.chmodSync(dir, 0o711)
  const secret = 'the secret of a cluster that gets killed'
  const servers: EmbeddedServer[] = []
  let close = () => Promise.resolve()
  let adminUrl = ''
  const start = async () => {
    const server = await startEmbedded({
      dataDir: dir,
      secret,
      settings: { fsync: 'off' },
      port: servers[0]?.port,
    })
    servers.push(server)
    return server
  }

  beforeAll(async () => {
    const server = await start()
    await withClient(server.url('postgres'), (client) => client.query('create database killed'))
    adminUrl = server.url('killed')
    await bootstrapRoles(adminUrl, secret)
    await migrate(adminUrl)
    await installWallKey(adminUrl, secret)
    close = (await connectDatabase({ runtimeUrl: adminUrl, secret, env: POOLS, prepare: true })).close
  }, 120_000)
  afterAll(async () => {
    await close()
    for (const server of servers) await server.close()
    fs.rmSync(dir, { recursive: true, force: true })
  }, 60_000)

  it.each([
    ['R03', 'pg_ctl -m immediate', 'SIGQUIT'],
    ['R04', 'kill -9 of the postmaster', 'SIGKILL'],
  ] as const)(
    '%s loses no acknowledged write and recovers by itself after %s',
    async (id, _how, signal) => {
      const event = `test.${id.toLowerCase()}`
      const load = startLoad(event)
      await until(() => load.acked.length > 20, 20_000)
      const killed = findPostmaster(path.join(dir, 'postgres'))
      if (!killed) throw new Error('no server')
      const killedAt = performance.now()
      process.kill(killed.pid, signal)
      await until(() => load.failed.length > 0, 20_000)
      await start()
      const upAt = performance.now()
      const later = () => load.acked.filter(({ at }) => at > upAt)
      await until(() => later().length > 20, 20_000)
      await load.stop()

      expect(Math.min(...later().map(({ at }) => at)) - upAt, 'recovery').toBeLessThan(10_000)
      for (const { at, status, error } of load.failed) {
        expect(status, `an error in the window: ${inspect(error)}`).toBe(503)
        expect(at, 'errors before the window').toBeGreaterThan(killedAt)
        expect(at, 'errors after the window').toBeLessThan(upAt + 10_000)
      }
      const { rows } = await withClient(adminUrl, (client) =>
        client.query<{ target_id: string }>('select target_id from audit_event where event = $1', [event]),
      )
      const there = new Set(rows.map(({ target_id }) => target_id))
      expect(load.acked.filter(({ n }) => !there.has(n))).toEqual([])
      expect(rows.length, 'written twice').toBe(there.size)
      expect(await verifyEveryChain()).toMatchObject([{ slug: 'default', brokenAt: null }])
    },
    120_000,
  )
})

interface Load {
  acked: { n: string; at: number }[]
  failed: { status: number; at: number; error: unknown }[]
  stop: () => Promise<void>
}

/** Six callers that write without end, each a small audited write and a count after the other, and one that reads. */
function startLoad(event: string): Load {
  const load: Omit<Load, 'stop'> = { acked: [], failed: [] }
  let stopped = false
  const write = async (n: string) => {
    const row = { event, targetId: n }
    await systemValue<null, 'audit_system'>('audit_system', [MASTER_TENANT_ID, null, 'load', row])
    load.acked.push({ n, at: performance.now() })
    await systemValue<number, 'rate_hit'>('rate_hit', [event, 60, 1_000_000])
  }
  const fail = (error: unknown) =>
    load.failed.push({ status: errorBody(error).status, at: performance.now(), error })
  const caller = async (call: (i: number) => Promise<unknown>) => {
    for (let i = 0; !stopped; i++, await sleep(10)) await call(i).catch(fail)
  }
  const read = () =>
    caller(() => asJob(MASTER_TENANT_ID, (tx) => tx.$queryRaw`select count(*)::int as n from tenant`))
  const callers = Promise.all([
    read(),
    ...Array.from({ length: 6 }, (_, who) => caller((i) => write(`${who}-${i}`))),
  ])
  return {
    ...load,
    stop: async () => {
      stopped = true
      await callers
    },
  }
}

describe('R05 a database that is black-holed', () => {
  let world: World
  let proxy: TcpProxy
  let close = () => Promise.resolve()
  beforeAll(async () => {
    world = await createWorld()
    proxy = await startTcpProxy(world.database.adminUrl)
    const { secret } = world.database
    close = (await connectDatabase({ runtimeUrl: proxy.url, secret, env: POOLS, prepare: true })).close
    readiness.migrationsApplied = () => Promise.resolve(true)
    await systemValue('heartbeat', ['R05'])
  })
  afterAll(async () => {
    readiness.migrationsApplied = () => Promise.resolve(false)
    proxy.resume()
    await close()
    await proxy.close()
    await world.close()
  })

  const get = (route: string) => async () => {
    const facts = world.factsOf('Ada', { path: route })
    const started = performance.now()
    const response = await dispatch(new Request(`http://acme.localhost:3000${route}`), route, facts)
    await response?.text()
    return { status: response?.status ?? 0, ms: performance.now() - started }
  }
  const me = get('/api/trpc/account.me')
  const ready = get('/api/health/ready')
  const live = get('/api/health')
  const many = <T>(work: () => Promise<T>) => Promise.all(Array.from({ length: 12 }, work))
  const allServed = async () => new Set((await many(me)).map(({ status }) => status))

  it('R05 answers 503 within five seconds, never from memory, and recovers by itself', async () => {
    const ada = await world.opOf('Ada')
    expect(await allServed()).toEqual(new Set([200]))
    expect((await ready()).status).toBe(200)

    proxy.stall()
    for (const round of [1, 2]) {
      const calls = [ready(), outcome(() => select1(ada)), outcome(() => callSystem('health', []))]
      const [alive, ...refused] = await Promise.all([live(), many(me), ...calls])
      expect(alive.status).toBe(200)
      expect(alive.ms).toBeLessThan(2500)
      for (const { status, ms } of refused.flat()) {
        expect(status, `round ${round}`).toBe(503)
        expect(ms, `round ${round}`).toBeLessThan(FIVE_SECONDS)
      }
    }

    proxy.resume()
    await until(async () => (await me()).status === 200, 10_000)
    expect((await ready()).status).toBe(200)
    expect(await allServed()).toEqual(new Set([200]))
    await select1(ada)
  }, 60_000)

  it('R05 fails a transaction that was under way', async () => {
    const ada = await world.opOf('Ada')
    const { status, ms } = await outcome(() =>
      inTenant(ada, async (tx) => {
        await tx.$queryRaw`select 1 as one`
        proxy.stall()
        return tx.$queryRaw`select 2 as two`
      }),
    )
    proxy.resume()
    expect(status).toBe(503)
    expect(ms).toBeLessThan(FIVE_SECONDS)
    await until(async () => (await me()).status === 200, 10_000)
  }, 30_000)

  it('R05 twin: a slow query of a database that is there goes on', async () => {
    const ada = await world.opOf('Ada')
    const { status, ms } = await outcome(() => sleepInside(ada, 6))
    expect(status).toBe(200)
    expect(ms).toBeGreaterThan(5900)
  }, 30_000)
})

describe('R06 no transaction waits for the network', () => {
  let world: World
  const closers: (() => Promise<void>)[] = []
  beforeAll(async () => void (world = await createWorld()))
  afterEach(async () => {
    for (const close of closers.splice(0)) await close()
  })
  afterAll(() => world.close())

  const connect = async (tenantPool: number) => {
    const { adminUrl, secret } = world.database
    const env = { ...POOLS, POOL_TENANT_MAX: tenantPool }
    closers.push((await connectDatabase({ runtimeUrl: adminUrl, secret, env })).close)
  }
  /** The longest that any backend was seen idle in a transaction, in ms, while `work` ran. */
  const idleDuring = async (work: Promise<unknown>) => {
    let [longest, done] = [0, false]
    const end = work.finally(() => (done = true))
    while (!done) {
      const { rows } = await world.admin.query<{ ms: number | null }>(
        `select max(extract(epoch from clock_timestamp() - state_change) * 1000)::float8 as ms from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%'`,
      )
      longest = Math.max(longest, rows[0]?.ms ?? 0)
      await sleep(50)
    }
    await end
    return longest
  }

  it('R06 an effect that stalls runs after the commit, without a connection', async () => {
    await connect(1)
    const declaration = { scope: 'self', audit: 'test.stall', summary: 'A test' } as const
    const op = { ...(await world.opOf('Ada')), call: { name: 'test.stall', audited: false, declaration } }
    const stalled = mutate(op, ({ audit, after }) => {
      audit({ targetKind: 'tenant', targetId: op.tenant.id })
      after(async () => void (await sleep(2500)))
      return Promise.resolve()
    })
    // The pool has one connection: that others are served shows that the stalled one does not hold it.
    const others = async () => {
      for (let i = 0; i < 10; i++, await sleep(200))
        expect((await outcome(() => select1(op))).status).toBe(200)
    }
    expect(await idleDuring(Promise.all([stalled, others()]))).toBeLessThan(1000)
  }, 30_000)

  it('R06 an exhausted pool refuses within five seconds, and serves again afterwards', async () => {
    await connect(2)
    const ada = await world.opOf('Ada')
    const six = () => Promise.all(Array.from({ length: 6 }, () => outcome(() => select1(ada))))
    const held = [1, 2].map(() => outcome(() => sleepInside(ada, 8)))
    await sleep(200)
    for (const { status, ms } of await six()) {
      expect(status).toBe(503)
      expect(ms).toBeLessThan(FIVE_SECONDS)
    }
    // Another role's pool is not touched by it.
    expect((await outcome(() => callSystem('health', []))).status).toBe(200)
    for (const { status } of await Promise.all(held)) expect(status, 'slow, but served').toBe(200)
    for (const { status } of await six()) expect(status).toBe(200)
  }, 40_000)

  it('R06 twin: a transaction that does wait is seen, and ended by the database', async () => {
    const client = new pg.Client(world.database.url('tenant'))
    client.on('error', () => undefined)
    await client.connect()
    await client.query('begin')
    expect(await idleDuring(sleep(1500))).toBeGreaterThan(1000)
    await client.query(`set idle_in_transaction_session_timeout = '500ms'`)
    await sleep(1500)
    await expect(client.query('select 1')).rejects.toThrow()
    await client.end().catch(() => undefined)
  })
})
