import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connectDatabase } from '@/server/db/runtime'
import { systemValue } from '@/server/db/system'
import { installWallKey } from '@/server/db/wall-key'
import { findPostmaster } from '@/server/platform/postgres/postmaster'
import { createTestDatabase, type TestDatabase } from '@/test/database'
import { freePort } from '@/test/free-port'

const POOLS = { POOL_TENANT_MAX: 1, POOL_MASTER_MAX: 1, POOL_UNION_MAX: 1, POOL_SYSTEM_MAX: 2 }

describe('a role that could bypass the wall', () => {
  let db: TestDatabase
  let admin: pg.Client
  const made: string[] = []
  beforeAll(async () => {
    db = await createTestDatabase()
    await installWallKey(db.adminUrl, db.secret)
    admin = new pg.Client({ connectionString: db.adminUrl })
    await admin.connect()
  })
  afterAll(async () => {
    for (const name of made) await admin.query(`drop owned by ${name}; drop role ${name}`)
    await admin.end()
    await db.drop()
  })

  /** The address of a new login; `sql` makes it strong. */
  const login = async (sql: (name: string) => string) => {
    const name = `${db.name}_r${made.length}`
    made.push(name)
    await admin.query(
      `create role ${name} login password 'strong'; grant connect on database ${db.name} to ${name}`,
    )
    await admin.query(sql(name))
    const url = new URL(db.adminUrl)
    url.username = name
    url.password = 'strong'
    return url.href
  }
  const connect = (strong: string, role: string) =>
    connectDatabase({
      runtimeUrl: db.adminUrl,
      secret: db.secret,
      env: POOLS,
      urlOf: (wanted) => (wanted === role ? strong : db.url(wanted)),
    })

  it.each([
    ['superuser', (name: string) => `alter role ${name} superuser`],
    ['BYPASSRLS', (name: string) => `alter role ${name} bypassrls`],
    ['member of the owner', (name: string) => `grant freehold_owner to ${name}`],
    [
      'member of the definer, without inheriting',
      (name: string) => `alter role ${name} noinherit; grant freehold_definer to ${name}`,
    ],
    [
      'owner of a table',
      (name: string) => `create table public.own_${name} (); alter table public.own_${name} owner to ${name}`,
    ],
  ])('K01 %s is refused on every serving pool, in one line', async (_, sql) => {
    const strong = await login(sql)
    for (const role of ['tenant', 'master', 'union', 'system']) {
      const error = await connect(strong, role).then(
        (runtime) => runtime.close(),
        (reason: Error) => reason,
      )
      expect(error, role).toBeInstanceOf(Error)
      expect((error as Error).message).toMatch(
        /^Database role \S+ could bypass row-level security \(\w+\): refusing to start$/,
      )
      expect((error as Error).message).not.toContain('strong')
    }
  })

  it('K01 twin: the roles that Freehold makes are served', async () => {
    const runtime = await connect(db.url('tenant'), 'tenant')
    expect(await systemValue('health', [])).toBeTruthy()
    await runtime.close()
  })
})

/** R04: kills the embedded server; both processes are ready again without a hand, and so is their worker. */
async function killsAndRecovers(dir: string, ports: string[]): Promise<void> {
  const killed = findPostmaster(path.join(dir, 'postgres'))
  if (!killed) throw new Error('no server')
  process.kill(killed.pid, 'SIGKILL')
  const started = performance.now()
  const isReady = async (port: string) =>
    (await fetch(`http://127.0.0.1:${port}/api/health/ready`)).status === 200
  const isAnother = () => ![undefined, killed.pid].includes(findPostmaster(path.join(dir, 'postgres'))?.pid)
  for (const port of ports) {
    while (!isAnother() || !(await isReady(port))) {
      if (performance.now() - started > 40_000) throw new Error('not ready again')
      await sleep(200)
    }
  }
}

describe('the process', () => {
  const children: ChildProcess[] = []
  const dirs: string[] = []
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        await Promise.race([new Promise((resolve) => child.once('exit', resolve)), sleep(12_000)])
      }
      child.kill('SIGKILL')
    }
    for (const dir of dirs.splice(0)) fs.rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  }, 60_000)

  const newDir = () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-test-'))
    fs.chmodSync(dir, 0o711)
    dirs.push(dir)
    return dir
  }
  const launch = (settings: Record<string, string>) => {
    const env: NodeJS.ProcessEnv = {
      NODE_ENV: 'development',
      PATH: process.env.PATH,
      HOME: os.tmpdir(),
      LOG_LEVEL: 'info',
      ...settings,
    }
    const child = spawn(process.execPath, ['--import', 'tsx', 'server/start.fixture.ts'], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.push(child)
    const said = { out: '', err: '' }
    child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()))
    const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
    const ready = async () => {
      while (!said.out.includes('Freehold is ready')) {
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${said.err}${said.out}`)
        await sleep(50)
      }
    }
    return { child, said, exit, ready }
  }
  const refusal = async (settings: Record<string, string>) => {
    const { said, exit } = launch({ DATA_DIR: newDir(), PORT: String(await freePort()), ...settings })
    expect(await exit).toBe(1)
    const words = said.err.split('\n').filter((line) => line && !/warning/i.test(line))
    expect(words, said.err).toHaveLength(1)
    return words[0] ?? ''
  }

  it('C19 R20 refuses a weak secret and wrong settings in one line, without their values', async () => {
    const cases: [Record<string, string>, RegExp][] = [
      [
        { NODE_ENV: 'production', FREEHOLD_SECRET: 'changeme-changeme-changeme-changeme' },
        /FREEHOLD_SECRET is easy to guess/,
      ],
      [{ NODE_ENV: 'production', FREEHOLD_SECRET: 'short-CNRY' }, /FREEHOLD_SECRET must have at least 32/],
      [{ PORT: 'CNRY' }, /PORT must be a whole number/],
      [{ DATABASE_URL: 'mysql://CNRY@127.0.0.1/x' }, /DATABASE_URL must look like/],
    ]
    for (const [settings, words] of cases) {
      const line = await refusal(settings)
      expect(line).toMatch(words)
      expect(line).toMatch(/^Freehold could not start: /)
      expect(line).not.toMatch(/CNRY|changeme/)
    }
  }, 90_000)

  it('R20 says which port is in use, and leaves no database behind', async () => {
    const blocker = net.createServer()
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
    const { port } = blocker.address() as AddressInfo
    const dir = newDir()
    try {
      expect(await refusal({ DATA_DIR: dir, PORT: String(port) })).toContain(
        `Port ${port} of 127.0.0.1 is in use`,
      )
      expect(fs.existsSync(path.join(dir, 'postgres', 'postmaster.pid'))).toBe(false)
    } finally {
      blocker.close()
    }
  }, 90_000)

  it('R04 R19 two start at once on an empty folder, share the database, get over its death, and stop cleanly under requests', async () => {
    const DATA_DIR = newDir()
    const ports = [String(await freePort()), String(await freePort())]
    const both = ports.map((PORT) => launch({ DATA_DIR, PORT }))
    await Promise.all(both.map(({ ready }) => ready()))
    const codes = both.map(({ said }) => /One-time code: (\S+)/.exec(said.out)?.[1])
    expect(codes[0]).toMatch(/^[0-9A-Z-]{16,}$/)
    expect(codes[1]).toBe(codes[0])
    for (const port of ports) {
      const answer = await fetch(`http://127.0.0.1:${port}/api/health/ready`)
      expect(await answer.json()).toMatchObject({
        status: 'ready',
        checks: { database: true, migrations: true, worker: true },
      })
    }
    // Every line but the greeting is one of the log.
    for (const { said } of both) {
      const lines = said.out
        .split('\n')
        .filter((line) => /^\S/.test(line) && !line.startsWith('Freehold is ready'))
      for (const line of lines) expect(() => JSON.parse(line) as unknown, line).not.toThrow()
    }

    await killsAndRecovers(DATA_DIR, ports)

    const [first, second] = both
    let asking = true
    const answers: number[] = []
    const load = Array.from({ length: 8 }, async () => {
      while (asking) {
        await fetch(`http://127.0.0.1:${ports[0]}/api/health/ready`).then(
          ({ status }) => answers.push(status),
          () => (asking = false),
        )
      }
    })
    await sleep(300)
    for (const one of [first, second]) {
      const asked = performance.now()
      one?.child.kill('SIGTERM')
      expect(await one?.exit).toBe(0)
      expect(performance.now() - asked).toBeLessThan(10_000)
    }
    await Promise.all(load)
    expect(answers.length).toBeGreaterThan(0)
    expect(new Set(answers)).toEqual(new Set([200]))
    expect(
      fs.existsSync(path.join(DATA_DIR, 'postgres', 'postmaster.pid')),
      'the last one out stops the database',
    ).toBe(false)
  }, 150_000)
})
