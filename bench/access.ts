// `npm run bench -- access`: what sight and reach cost through services, scope, Prisma and the wall. See bench/access.md, which it writes.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import type { AccessViewer } from '@/prisma/seed/large-access'
import { ensureGenerated } from '../scripts/lib/generate'
import { type AccessResult, accessReadme, type Measured } from './access-report'

const { values: given } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== 'access'),
  options: {
    sizes: { type: 'string', default: '10000,200000,1000000' },
    tenants: { type: 'string', default: '10,1000,10000' },
    rounds: { type: 'string', default: '60' },
    out: { type: 'string', default: path.join('bench', 'access.md') },
    plans: { type: 'string', default: '' },
  },
})
const rounds = Number(given.rounds)
const say = (text: string) => console.log(`${new Date().toTimeString().slice(0, 8)} ${text}`)

async function timed(work: () => Promise<unknown>): Promise<Measured> {
  const times: number[] = []
  for (let i = 0; i < rounds + 5; i++) {
    const start = performance.now()
    await work()
    if (i >= 5) times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  return {
    best: times[0] ?? 0,
    p50: times[times.length >> 1] ?? 0,
    p95: times[Math.floor(times.length * 0.95)] ?? 0,
  }
}

async function measureViewer(viewer: AccessViewer) {
  const { ACCESS_VIEWERS, accessToken, slugOfViewer } = await import('@/prisma/seed/large-access')
  const { contextOfToken } = await import('@/server/context/build')
  const { inTenant } = await import('@/server/db/scope')
  const { viewerOf } = await import('@/server/authz/sight')
  const lists = await import('@/server/features/resources/resource-list.repo')
  const resources = await import('@/server/features/resources/resources.service')
  const slug = slugOfViewer(viewer)
  const host =
    ACCESS_VIEWERS[viewer].tenant === 0
      ? ({ kind: 'master', path: '/' } as const)
      : ({ kind: 'tenant', slug: slug ?? '', path: '/', prefix: '' } as const)
  const facts = { path: '/', cookie: null, ip: '127.0.0.1', userAgent: 'bench', host: slug ?? 'default' }
  const op = await contextOfToken(facts, host, accessToken(viewer))
  if (!op.actor || !op.tenant || !op.session) throw new Error(`nobody is signed in as ${viewer}`)
  const signedIn = op as Parameters<typeof resources.search>[0]
  const query = {
    kind: 'host',
    sort: 'name',
    desc: false,
    position: null,
    limit: 50,
    counted: false,
  } as const
  const list = () => inTenant(signedIn, (tx) => lists.listResources(tx, viewerOf(signedIn), query))
  const [first] = await list()
  const count = () => inTenant(signedIn, (tx) => lists.countResources(tx, viewerOf(signedIn), query))
  return {
    seen: await count(),
    list: await timed(list),
    count: await timed(count),
    search: await timed(() => resources.search(signedIn, 'a1')),
    miss: await timed(() => resources.search(signedIn, 'no such name')),
    get: first ? await timed(() => resources.getOne(signedIn, 'host', first.id)) : null,
  }
}

/** Tuples of `resource` that were written so far. */
async function written(admin: pg.Client): Promise<number> {
  await admin.query('select pg_stat_force_next_flush()')
  const { rows } = await admin.query<{ n: string }>(
    `select n_tup_ins + n_tup_upd + n_tup_del as n from pg_stat_user_tables where relname = 'resource'`,
  )
  return Number(rows[0]?.n)
}

async function main(): Promise<void> {
  await ensureGenerated()
  const load = os.loadavg()[0] ?? 0
  const results: AccessResult[] = []
  for (const tenants of given.tenants.split(',').map(Number)) {
    const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-bench-access-'))
    Object.assign(process.env, { NODE_ENV: 'production', DATA_DIR: dataDir, LOG_LEVEL: 'warn' })
    const { openEverything } = await import('@/server/start')
    const seed = await import('@/prisma/seed/large-access')
    const { database, runtime } = await openEverything()
    const admin = new pg.Client({ connectionString: database.adminUrl })
    await admin.connect()
    try {
      say(`${tenants} tenants`)
      await seed.seedAccess(admin, tenants)
      let there = 0
      for (const size of given.sizes.split(',').map(Number)) {
        say(`${tenants} tenants, ${size} resources: seeding`)
        await seed.seedResources(admin, there, size, tenants)
        await admin.query('checkpoint')
        there = size
        const result: AccessResult = { tenants, size, viewers: {} }
        for (const viewer of Object.keys(seed.ACCESS_VIEWERS) as AccessViewer[]) {
          result.viewers[viewer] = await measureViewer(viewer)
          const { seen, list, count, search } = result.viewers[viewer]
          say(
            `${viewer}: sees ${seen}, list ${list.best.toFixed(1)}, count ${count.best.toFixed(1)}, search ${search.best.toFixed(1)} ms at best`,
          )
        }
        results.push(result)
      }
      if (there >= 200_000) results.at(-1)!.writes = await writes(admin, seed.CLOUDS.big)
    } finally {
      await admin.end()
      await runtime.close()
      await database.close()
      fs.rmSync(dataDir, { recursive: true, force: true })
    }
  }
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const machine = `${new Date().toISOString().slice(0, 10)}, commit ${commit}: ${os.cpus().length} cores, Node ${process.versions.node}, load average before: ${load.toFixed(1)}`
  const text = accessReadme(results, machine, rounds, load > os.cpus().length)
  if (given.out === '-') console.log(text)
  else fs.writeFileSync(given.out, text)
}

/** What a share, a cap, an added cloud and a role of a cloud of 100,000 things write into `resource`: nothing. */
async function writes(admin: pg.Client, cloud: string): Promise<Record<string, number>> {
  const { rows } = await admin.query<{ n: string }>(
    'select count(*) as n from resource where cloud_id = $1',
    [cloud],
  )
  const found: Record<string, number> = { 'resources in the cloud': Number(rows[0]?.n) }
  const customer = '00000000-0000-4000-8000-000000000101'
  const steps: [string, string, unknown[]][] = [
    [
      'share of the cloud',
      `insert into access_grant (resource_id, kind, name, owner_id, tenant_id, role) select r.id, r.kind, r.name, r.owner_id, t.id, 'editor' from resource r, tenant t where r.id = $1 and t.slug = 'b-00006'`,
      [cloud],
    ],
    ['the share taken back', 'delete from access_grant where resource_id = $1', [cloud]],
    ['cap: level of the cloud', `update tenant_role_cloud set level = 'full' where cloud_id = $1`, [cloud]],
    [
      'cap: sharing',
      `update tenant_role set sharing = not sharing, levels = case when sharing then '{}' else '{"sharing": "full"}'::jsonb end where id <> $1`,
      [customer],
    ],
    [
      'cloud added',
      `insert into tenant_cloud (tenant_id, cloud_id) select id, $1 from tenant where slug = 'b-00007'`,
      [cloud],
    ],
    ['role of a person', `update user_role set levels = '{"hosts": "read"}' where built_in is null`, []],
    [
      'all of a kind',
      `insert into access_grant_all (owner_id, tenant_id, kind, role) select '00000000-0000-4000-8000-000000000001', id, 'host', 'viewer' from tenant where slug = 'b-00008'`,
      [],
    ],
  ]
  for (const [what, text, values] of steps) {
    const before = await written(admin)
    await admin.query(text, values)
    found[`rows written by: ${what}`] = (await written(admin)) - before
  }
  return found
}

await main()
