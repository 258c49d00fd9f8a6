import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { connectDatabase } from '@/server/db/runtime'
import { asJob, inTenant, mutate } from '@/server/db/scope'
import { callSystem } from '@/server/db/system'
import { DB_ROLES, loginName, roleUrl } from '@/server/db/urls'
import { withClient } from '@/test/databases'
import { tenantId } from '@/test/factories'
import { hasPgBouncer, type PgBouncer, startPgBouncer } from '@/test/pgbouncer'
import { createWorld, type World } from '@/test/world'

if (!hasPgBouncer())
  console.warn('PgBouncer is not installed here: its tests are skipped (apt-get install pgbouncer)')

const POOLS = { POOL_TENANT_MAX: 16, POOL_MASTER_MAX: 8, POOL_UNION_MAX: 2, POOL_SYSTEM_MAX: 12 }
/** Fewer than the app's own: so that transactions of several tenants share server connections. */
const SERVER_CONNECTIONS = 2

describe.skipIf(!hasPgBouncer())('through PgBouncer in transaction mode', () => {
  let world: World
  let bouncer: PgBouncer
  let close = () => Promise.resolve()

  beforeAll(async () => {
    world = await createWorld()
    const { adminUrl, name, secret } = world.database
    const logins = DB_ROLES.map((role) => loginName(name, role))
    bouncer = await startPgBouncer(adminUrl, logins, SERVER_CONNECTIONS)
    close = (await connectDatabase({ runtimeUrl: bouncer.url, secret, env: POOLS })).close
  })
  afterAll(async () => {
    await close()
    await bouncer.stop()
    await world.close()
  })

  it('serves 400 mixed calls of several tenants, each in its own', async () => {
    const people = await Promise.all((['Ada', 'Tom', 'Bo', 'Mara'] as const).map((name) => world.opOf(name)))
    const declaration = { scope: 'self', audit: 'test.pooled', summary: 'A test' } as const
    const call = async (i: number) => {
      const op = people[i % people.length]
      if (!op) throw new Error('nobody')
      if (i % 5 === 0) return expect(await callSystem('health', [])).toHaveLength(1)
      if (i % 5 === 1) {
        const named = { ...op, call: { name: 'test.pooled', audited: false, declaration } }
        return mutate(named, async ({ tx, audit }) => {
          audit({ targetKind: 'test', targetId: String(i) })
          const rows = await tx.$queryRaw<{ id: string }[]>`select wall.ctx_tenant()::text as id`
          expect(rows).toEqual([{ id: op.tenant.id }])
        })
      }
      return inTenant(op, async (tx) => {
        const before = await tx.$queryRaw<{ id: string }[]>`select wall.ctx_tenant()::text as id`
        const found = await tx.resource.findMany({
          where: { ownerId: tenantId(op.tenant.slug === 'bolt' ? 'A' : 'B') },
        })
        const after = await tx.$queryRaw<{ id: string }[]>`select wall.ctx_tenant()::text as id`
        expect([before, found, after]).toEqual([[{ id: op.tenant.id }], [], [{ id: op.tenant.id }]])
      })
    }
    const callers = Array.from({ length: 24 }, async (_, first) => {
      for (let i = first; i < 400; i += 24) await call(i)
    })
    await Promise.all(callers)
    const { rows } = await world.admin.query(
      `select tenant_id, target_id from audit_event where event = 'test.pooled'`,
    )
    expect(rows).toHaveLength(80)
    for (const row of rows as { tenant_id: string; target_id: string }[]) {
      expect(row.tenant_id).toBe(people[Number(row.target_id) % people.length]?.tenant.id)
    }
    const shared = await world.admin.query(
      `select count(*)::int as n from pg_stat_activity where usename = $1`,
      [loginName(world.database.name, 'tenant')],
    )
    // One more: the world's own pool beside PgBouncer.
    expect((shared.rows[0] as { n: number }).n, 'server connections').toBeLessThanOrEqual(
      SERVER_CONNECTIONS + 1,
    )
  }, 60_000)

  it('leaves no context on any server connection', async () => {
    const { secret } = world.database
    const clients = await Promise.all(
      (['tenant', 'master'] as const).flatMap((role) =>
        Array.from({ length: SERVER_CONNECTIONS }, async () => {
          const client = new pg.Client({ connectionString: roleUrl(bouncer.url, role, secret) })
          await client.connect()
          return client
        }),
      ),
    )
    // All in transactions at the same time: each is on a server connection of its own.
    await Promise.all(clients.map((client) => client.query('begin')))
    for (const client of clients) {
      const { rows } = await client.query(
        `select current_setting('wall.ctx', true) as ctx, current_setting('transaction_read_only') as ro,
           (select count(*)::int from resource) as seen, (select count(*)::int from tenant) as tenants,
           (select count(*)::int from pg_prepared_statements) as prepared`,
      )
      expect(rows[0]).toMatchObject({ ro: 'off', seen: 0, tenants: 0, prepared: 0 })
      expect((rows[0] as { ctx: string | null }).ctx ?? '').toBe('')
    }
    await Promise.all(clients.map((client) => client.query('rollback').then(() => client.end())))
  })

  it('rolls a failed transaction back and keeps its limits', async () => {
    const ada = await world.opOf('Ada')
    await expect(inTenant(ada, (tx) => tx.$queryRaw`select 1 / 0`)).rejects.toThrow()
    const [row] = await asJob(
      MASTER_TENANT_ID,
      (tx) => tx.$queryRaw<{ limit: string }[]>`select current_setting('statement_timeout') as limit`,
    )
    expect(row?.limit).toBe('15s')
  })

  it('starts with a direct address for what needs a session', async () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-test-'))
    const env: NodeJS.ProcessEnv = {
      NODE_ENV: 'development',
      PATH: process.env.PATH,
      HOME: os.tmpdir(),
      DATA_DIR: dir,
      PORT: String(30_000 + Math.floor(Math.random() * 20_000)),
      FREEHOLD_SECRET: inject('testServer').secret,
      DATABASE_URL: bouncer.url,
      DIRECT_DATABASE_URL: world.database.adminUrl,
    }
    const child = spawn(process.execPath, ['--import', 'tsx', 'server/start.fixture.ts'], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const said = { text: '' }
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (said.text += chunk.toString()))
    const exit = new Promise((resolve) => child.once('exit', resolve))
    try {
      while (!said.text.includes('Freehold is ready') && child.exitCode === null) await sleep(50)
      expect(said.text).toContain('Freehold is ready')
      const answer = await fetch(`http://127.0.0.1:${env.PORT}/api/health/ready`)
      expect(await answer.json()).toMatchObject({ status: 'ready' })
      // Who listens does so beside PgBouncer: a notice sent by it arrives.
      const { rows } = await withClient(world.database.adminUrl, (client) =>
        client.query(
          `select client_port from pg_stat_activity where datname = current_database() and query ilike 'listen freehold%'`,
        ),
      )
      expect(rows.length).toBeGreaterThan(0)
      child.kill('SIGTERM')
      expect(await exit).toBe(0)
    } finally {
      child.kill('SIGKILL')
      fs.rmSync(dir, { recursive: true, force: true })
    }
  }, 90_000)
})
