// `npm run bench`: see bench/README.md, which it writes.
import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { build as bundle } from 'esbuild'
import pg from 'pg'
import { ensureGenerated } from '../scripts/lib/generate'
import { bin, ROOT, run } from '../scripts/lib/run'
import { reports } from './agents'
import { load } from './load'
import { pageWeight } from './pages'
import { type Started, startServer } from './processes'
import { readme } from './report'
import type { Results, SizeResult } from './results'
import { freePort } from '../test/free-port'

const { values: given } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10000,100000,1000000' },
    seconds: { type: 'string', default: '5' },
    out: { type: 'string', default: path.join('bench', 'README.md') },
    'api-only': { type: 'boolean', default: false },
    demo: { type: 'boolean', default: false },
  },
})
const sizes = given.sizes.split(',').map(Number)
const seconds = Number(given.seconds)
const AGENTS = 5000
const ROUNDS = 200
const LOADED = ['typical', 'small', 'master'] as const

const say = (text: string) => console.log(`${new Date().toTimeString().slice(0, 8)} ${text}`)

/** Production code is bundled like the product's, so that no TypeScript is translated while it is measured. */
async function bundleTo(entry: string): Promise<string> {
  const outfile = path.join(ROOT, 'dist', `bench-${path.basename(entry, '.ts')}.mjs`)
  await bundle({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    alias: { '@': ROOT },
    sourcemap: 'linked',
    logLevel: 'warning',
  })
  return outfile
}

/** The server to measure: Next's build where there is one, else the API alone. */
async function serverScript(): Promise<{ script: string; withNext: boolean }> {
  if (!given['api-only']) {
    const { code } = await run(bin('tsx'), ['scripts/build.ts'])
    if (code === 0) return { script: path.join(ROOT, 'dist/server.mjs'), withNext: true }
    say('the build failed: the API is measured without Next')
  }
  return { script: await bundleTo('bench/api-server.ts'), withNext: false }
}

async function serverAt(
  script: string,
  dataDir: string,
  more: Record<string, string> = {},
  ready = '/api/health',
) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const env = { DATA_DIR: dataDir, PORT: String(port), PUBLIC_URL: `http://localhost:${port}`, ...more }
  return startServer(script, env, url, ready)
}

/** Headers of a signed-in request on the viewer's host. */
function headersOf(slug: string, token: string, server: Started): Record<string, string> {
  const port = new URL(server.url).port
  const host = slug === 'default' ? `localhost:${port}` : `${slug}.localhost:${port}`
  return { host, cookie: `fh=${token}` }
}

async function measureStart(script: string): Promise<Results['start']> {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-bench-start-'))
  try {
    const cold = await serverAt(script, dataDir, {}, '/api/health/ready')
    await cold.stop()
    const warm = await serverAt(script, dataDir, {}, '/api/health/ready')
    await warm.stop()
    return { cold: cold.startedIn, warm: warm.startedIn }
  } finally {
    fs.rmSync(dataDir, { recursive: true, force: true })
  }
}

/** `npm run demo` after everything that was built is thrown away. */
async function measureDemo(): Promise<number> {
  for (const built of ['.next/BUILD_ID', '.next/cache', '.next/server', 'dist', 'server/generated'])
    fs.rmSync(path.join(ROOT, built), { recursive: true, force: true })
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-bench-demo-'))
  const began = performance.now()
  const child = spawn(bin('tsx'), ['scripts/demo.ts'], {
    cwd: ROOT,
    env: { ...process.env, DATA_DIR: dataDir, PORT: String(await freePort()) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    return await new Promise<number>((resolve, reject) => {
      child.stdout.on('data', (text: Buffer) => {
        if (String(text).includes('Who can sign in')) resolve(performance.now() - began)
      })
      child.once('exit', (code) => reject(new Error(`the demo ended with ${code}`)))
    })
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.removeAllListeners('exit')
    child.once('exit', () => undefined)
    child.kill('SIGTERM')
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 10_000))])
    fs.rmSync(dataDir, { recursive: true, force: true })
  }
}

async function main(): Promise<void> {
  const loadBefore = os.loadavg()[0] ?? 0
  const demo = given.demo ? await measureDemo() : null
  await ensureGenerated()
  const { script, withNext } = await serverScript()
  const bareScript = await bundleTo('bench/bare.ts')
  say('cold and warm start')
  const start = await measureStart(script)

  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-bench-'))
  Object.assign(process.env, { NODE_ENV: 'production', DATA_DIR: dataDir, LOG_LEVEL: 'warn' })
  const { openEverything } = await import('@/server/start')
  const seed = await import('@/prisma/seed/large')
  const { databasePart, opOf } = await import('./database-part')
  const { bareList } = await import('./same-sql')
  const { plansOf } = await import('./plans')
  const { database, runtime, secret } = await openEverything()
  const admin = new pg.Client({ connectionString: database.adminUrl })
  await admin.connect()
  const postmaster = Number(
    (
      await admin.query<{ pid: string }>(
        `select (regexp_match(pg_read_file('postmaster.pid'), '^\\d+'))[1] as pid`,
      )
    ).rows[0]?.pid,
  )
  const results: SizeResult[] = []
  let pages: Results['pages'] = []
  let plans = ''
  try {
    say('1,000 tenants')
    await seed.seedTenants(admin)
    let there = 0
    for (const size of sizes) {
      say(`${size} hosts: seeding`)
      await seed.seedHosts(admin, there, size)
      there = size
      const hosts = await seed.seedAgents(admin, Math.min(AGENTS, Math.floor(size / 2)))
      await admin.query('analyze agent_credential')
      await admin.query('checkpoint')
      const statements = Object.fromEntries(
        await Promise.all(
          LOADED.map(async (viewer) => {
            const { tenant } = await opOf(viewer)
            const clouds = await admin.query<{ cloud_id: string }>(
              'select cloud_id from tenant_cloud where tenant_id = $1',
              [tenant.id],
            )
            const view = { tenantId: tenant.id, isMaster: tenant.isMaster }
            return [
              viewer,
              bareList(
                view,
                clouds.rows.map((row) => row.cloud_id),
                [],
              ),
            ] as const
          }),
        ),
      )
      const server = await serverAt(script, dataDir, { FREEHOLD_WORKER: 'false', LOG_LEVEL: 'info' })
      const barePort = await freePort()
      const handed = JSON.stringify({ url: database.adminUrl, port: barePort, lists: statements })
      const bare = await startServer(bareScript, { BENCH_BARE: handed }, `http://127.0.0.1:${barePort}`, '/')
      const result: SizeResult = { size, lists: {}, reports: undefined as never }
      try {
        for (const viewer of LOADED) {
          say(`${size} hosts: list, ${viewer}`)
          const statement = statements[viewer]
          if (!statement) continue
          const part = await databasePart(database.adminUrl, viewer, statement, ROUNDS)
          const headers = headersOf(seed.VIEWERS[viewer], seed.sessionTokenOf(viewer), server)
          const url = `${server.url}/api/trpc/hosts.list?input=${encodeURIComponent('{"limit":50}')}`
          const freehold = await load({ url, headers, seconds, server: server.pid, postmaster })
          const other = await load({ url: `${bare.url}/${viewer}`, seconds, server: bare.pid, postmaster })
          result.lists[viewer] = { freehold, bare: other, database: part }
        }
        say(`${size} hosts: agent reports`)
        const { toFreehold, toBare } = reports(hosts)
        const freehold = await load({
          url: server.url,
          next: toFreehold,
          headers: { host: new URL(server.url).host.replace('127.0.0.1', 'localhost') },
          seconds,
          server: server.pid,
          postmaster,
        })
        const other = await load({ url: bare.url, next: toBare, seconds, server: bare.pid, postmaster })
        result.reports = { freehold, bare: other, agents: hosts.length }
        if (withNext && size === sizes.at(-1)) {
          const as = (viewer: 'typical' | 'master') =>
            headersOf(seed.VIEWERS[viewer], seed.sessionTokenOf(viewer), server)
          const wanted: [string, Record<string, string>][] = [
            ['/login', { host: as('master').host ?? '' }],
            ['/', as('typical')],
            ['/infrastructure/hosts', as('typical')],
            ['/admin/tenants', as('master')],
          ]
          for (const [page, headers] of wanted)
            pages = [...pages, await pageWeight(server.url, page, headers)]
        }
      } finally {
        await bare.stop()
        await server.stop()
      }
      results.push(result)
    }
    plans = await plansOf(database.runtimeUrl, secret, there)
  } finally {
    await admin.end()
    await runtime.close()
    await database.close()
    fs.rmSync(dataDir, { recursive: true, force: true })
  }
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
  const text = readme({
    machine: {
      cores: os.cpus().length,
      cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
      node: process.versions.node,
      postgres: database.serverVersion,
      commit: git('rev-parse', '--short', 'HEAD'),
      date: new Date().toISOString().slice(0, 10),
      loadBefore,
    },
    withNext,
    seconds,
    sizes: results,
    start,
    demo,
    pages,
  })
  if (given.out === '-') return console.log(text)
  fs.writeFileSync(given.out, text)
  fs.writeFileSync(path.join(path.dirname(given.out), 'plans.md'), plans)
  console.log(text)
}

await main()
process.exit(0)
