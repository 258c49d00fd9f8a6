// `npm run bench -- access`: what sight and reach cost through services, scope, Prisma and the wall. See bench/access.md, which it writes.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import type { AccessViewer } from '@/prisma/seed/large-access'
import type { SignedInOp } from '@/server/context/op'
import { ensureGenerated } from '../scripts/lib/generate'
import { type AccessResult, accessReadme, type Measured } from './access-report'

const { values: given } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== 'access'),
  options: {
    sizes: { type: 'string', default: '10000,200000,1000000' },
    tenants: { type: 'string', default: '10,1000,10000' },
    rounds: { type: 'string', default: '60' },
    out: { type: 'string', default: path.join('bench', 'access.md') },
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
  return (await import('./access-parts')).measured(times)
}

type Wall = { runtimeUrl: string; secret: string }

async function signIn(viewer: AccessViewer): Promise<SignedInOp> {
  const { ACCESS_VIEWERS, accessToken, slugOfViewer } = await import('@/prisma/seed/large-access')
  const { contextOfToken } = await import('@/server/context/build')
  const slug = slugOfViewer(viewer)
  const host =
    ACCESS_VIEWERS[viewer].tenant === 0
      ? ({ kind: 'master', path: '/' } as const)
      : ({ kind: 'tenant', slug: slug ?? '', path: '/', prefix: '' } as const)
  const facts = { path: '/', cookie: null, ip: '127.0.0.1', userAgent: 'bench', host: slug ?? 'default' }
  const op = await contextOfToken(facts, host, accessToken(viewer))
  if (!op.actor || !op.tenant || !op.session) throw new Error(`nobody is signed in as ${viewer}`)
  return op as SignedInOp
}

async function measureViewer(viewer: AccessViewer, wall: Wall) {
  const { inTenant } = await import('@/server/db/scope')
  const { viewerOf } = await import('@/server/authz/sight')
  const { createCallerFactory } = await import('@/server/rpc/procedure')
  const { resourcesRouter } = await import('@/server/features/resources/resources.router')
  const { catchStatement, LIST } = await import('./same-sql')
  const parts = await import('./access-parts')
  const lists = await import('@/server/features/resources/resource-list.repo')
  const resources = await import('@/server/features/resources/resources.service')
  const signedIn = await signIn(viewer)
  const query = { ...LIST, search: undefined, counted: false }
  const caller = createCallerFactory(resourcesRouter)
  const request = async () => caller({ op: await signIn(viewer) }).list({ kind: 'host', limit: query.limit })
  const keepPlans = lists.hasOnePlan(query.limit)
  const list = () =>
    inTenant(signedIn, (tx) => lists.listResources(tx, viewerOf(signedIn), query), { keepPlans })
  const [first] = await list()
  const count = () =>
    inTenant(signedIn, (tx) => lists.countResources(tx, viewerOf(signedIn), query), { keepPlans })
  const statement = catchStatement((tx) => lists.listResources(tx, viewerOf(signedIn), query))
  return {
    seen: await count(),
    alone: await parts.statementAlone(signedIn, wall, statement, rounds),
    list: await timed(list),
    request: await timed(request),
    statements: await parts.statementsOf(request),
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
  // One place for all, emptied in between: the environment is read once.
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-bench-access-'))
  Object.assign(process.env, { NODE_ENV: 'production', DATA_DIR: dataDir, LOG_LEVEL: 'warn' })
  for (const tenants of given.tenants.split(',').map(Number)) {
    const { openEverything } = await import('@/server/start')
    const seed = await import('@/prisma/seed/large-access')
    const { database, runtime, secret } = await openEverything()
    const wall = { runtimeUrl: database.runtimeUrl, secret }
    const parts = await import('./access-parts')
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
          result.viewers[viewer] = await measureViewer(viewer, wall)
          const { seen, alone, list, count, search } = result.viewers[viewer]
          say(
            `${viewer}: sees ${seen}, statement ${alone.best.toFixed(1)}, list ${list.best.toFixed(1)}, count ${count.best.toFixed(1)}, search ${search.best.toFixed(1)} ms at best`,
          )
        }
        result.cells = await parts.matrixCells(await signIn('master'), wall, rounds)
        results.push(result)
        write(results, load)
      }
      const last = results.at(-1)
      if (last && there >= 200_000) {
        last.writes = await writes(admin, seed.CLOUDS.big)
        const target = await admin.query<{ id: string }>(`select id from tenant where slug = 'b-00006'`)
        const people = await Promise.all((['master', 'typical', 'small'] as const).map(signIn))
        const [master, typical, small] = people as [SignedInOp, SignedInOp, SignedInOp]
        last.move = await parts.moveOf(
          admin,
          master,
          typical,
          small,
          seed.CLOUDS.big,
          target.rows[0]?.id ?? '',
        )
        write(results, load)
      }
    } finally {
      await admin.end()
      await runtime.close()
      await database.close()
      fs.rmSync(dataDir, { recursive: true, force: true })
    }
  }
}

/** After each size, so that a run that is cut off leaves what it has. */
function write(results: readonly AccessResult[], load: number): void {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const loads = `load average before: ${load.toFixed(1)}, now: ${(os.loadavg()[0] ?? 0).toFixed(1)}`
  const machine = `${new Date().toISOString().slice(0, 10)}, commit ${commit}: ${os.cpus().length} cores, Node ${process.versions.node}, ${loads}`
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
process.exit(0)
