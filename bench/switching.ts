// `npm run bench -- switching`: what it costs to have many tenants: the switcher and "All my tenants". See bench/switching.md, which it writes.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { ensureGenerated } from '../scripts/lib/generate'

const { values: given } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== 'switching'),
  options: {
    tenants: { type: 'string', default: '50,5000' },
    resources: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '40' },
    out: { type: 'string', default: path.join('bench', 'switching.md') },
  },
})
const rounds = Number(given.rounds)
/** Who asks, on the host of which slug: a member of all tenants, one of five, and who is of parent level. */
const PEOPLE = {
  'member of all': { slug: 's-00001', username: 'all' },
  'member of five': { slug: 's-00001', username: 'five' },
  'parent level': { slug: 'default', username: 'parent' },
} as const
type Who = keyof typeof PEOPLE
type Figures = Record<string, { best: number; p50: number }>

async function timed(work: () => Promise<unknown>): Promise<{ best: number; p50: number }> {
  const times: number[] = []
  for (let i = 0; i < rounds + 5; i++) {
    const start = performance.now()
    await work()
    if (i >= 5) times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  return { best: times[0] ?? 0, p50: times[Math.floor(times.length / 2)] ?? 0 }
}

/** Tenants s-00001 and so on with all that they have, and the three people. */
async function seed(admin: pg.Client, tenants: number, resources: number): Promise<void> {
  const { tokenHash } = await import('@/server/context/build')
  const run = (text: string, values: unknown[] = []) => admin.query(text, values)
  await run('begin')
  await run('update installation set setup_done_at = now(), multi_tenant_enabled = true')
  await run(
    `insert into licence (source, capabilities, expires_at) values ('trial', '{multi_tenant}', now() + interval '30 days')`,
  )
  await run(
    `insert into tenant (slug, name, tenant_role_id) select 's-' || lpad(n::text, 5, '0'), 'Site ' || lpad(n::text, 5, '0'),
       case when n % 3 = 0 then '00000000-0000-4000-8000-000000000102'::uuid else '00000000-0000-4000-8000-000000000101' end from generate_series(1, $1) n`,
    [tenants],
  )
  await run(
    `insert into resource (kind, name, owner_id, assigned_id) select (array['host', 'virtual_machine', 'network', 'datastore'])[1 + n % 4], 'thing-' || n, t.id, t.id
     from generate_series(1, $1) n join (select id, row_number() over (order by slug) as i from tenant where slug <> 'default') t on t.i = 1 + (n / 4) % $2`,
    [resources, tenants],
  )
  for (const [who, { slug, username }] of Object.entries(PEOPLE)) {
    const parent = slug === 'default'
    const { rows } = await run(
      `insert into user_account (home_tenant_id, username, email, first_name, last_name, parent_level) select id, $2, $2 || '@example.com', $2, 'B', $3 from tenant where slug = $1 returning id, home_tenant_id`,
      [slug, username, parent],
    )
    const person = rows[0] as { id: string; home_tenant_id: string }
    const last = who === 'member of five' ? 's-00005' : parent ? 'default' : 's-99999'
    await run(
      `with m as (insert into membership (tenant_id, user_id) select id, $1 from tenant where slug = $2 or (slug like 's-%' and slug <= $3) returning tenant_id)
       insert into role_assignment (tenant_id, user_id, role_id) select m.tenant_id, $1, r.id from m, user_role r where r.built_in = $4`,
      [person.id, slug, parent ? '' : last, parent ? 'super_admin' : 'viewer'],
    )
    await run(`select wall.session_create($1, $2, $3, '', '', '')`, [
      person.home_tenant_id,
      person.id,
      tokenHash(username),
    ])
  }
  // Where they were lately: thirty sign-ins in ten tenants.
  await run(
    `insert into session (tenant_id, user_id, token_hash, idle_expires_at, absolute_expires_at, created_at)
     select t.id, u.id, sha256(convert_to(u.username || t.slug || n, 'UTF8')), now(), now(), now() - n * interval '1 hour'
     from user_account u, generate_series(1, 3) n, (select * from tenant where slug like 's-%' order by slug limit 10) t`,
  )
  await run('commit')
  await run('analyze')
}

async function measure(who: Who): Promise<Figures> {
  const { contextOfToken } = await import('@/server/context/build')
  const { createCallerFactory, router } = await import('@/server/rpc/procedure')
  const { switchingRouter } = await import('@/server/features/switching/switching.router')
  const { allTenantsRouter } = await import('@/server/features/all-tenants/all-tenants.router')
  const caller = createCallerFactory(router({ switching: switchingRouter, all: allTenantsRouter }))
  const { slug, username } = PEOPLE[who]
  const host =
    slug === 'default'
      ? ({ kind: 'master', path: '/' } as const)
      : ({ kind: 'tenant', slug, path: '/', prefix: '' } as const)
  const facts = { path: '/', cookie: null, ip: '127.0.0.1', userAgent: 'bench', host: slug }
  const api = async () => caller({ op: await contextOfToken(facts, host, username) })
  const { rows } = await (await api()).switching.list({})
  const first = await (await api()).all.list({ kind: 'host' })
  const cursor = first.nextCursor
  const tenantId = rows.at(-1)?.id
  return {
    'switcher, opened': await timed(async () => (await api()).switching.list({})),
    'switcher, for the frame of each page': await timed(async () => (await api()).switching.several()),
    'switcher, found': await timed(async () => (await api()).switching.list({ search: '00003' })),
    'switcher, nothing found': await timed(async () => (await api()).switching.list({ search: 'nobody' })),
    'all my tenants, first page': await timed(async () => (await api()).all.list({ kind: 'host' })),
    'all my tenants, second page': await timed(async () => (await api()).all.list({ kind: 'host', cursor })),
    'all my tenants, one of them': await timed(async () =>
      (await api()).all.list({ kind: 'host', tenantId }),
    ),
    'all my tenants, nothing found': await timed(async () =>
      (await api()).all.list({ kind: 'host', search: 'no such name' }),
    ),
  }
}

const results = new Map<number, Record<string, Figures>>()
await ensureGenerated()
const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-bench-switching-'))
Object.assign(process.env, { NODE_ENV: 'production', DATA_DIR: dataDir, LOG_LEVEL: 'warn' })
for (const tenants of given.tenants.split(',').map(Number)) {
  const { openEverything } = await import('@/server/start')
  const { database, runtime } = await openEverything()
  const admin = new pg.Client({ connectionString: database.adminUrl })
  await admin.connect()
  try {
    await seed(admin, tenants, Number(given.resources))
    const found: Record<string, Figures> = {}
    for (const who of Object.keys(PEOPLE) as Who[]) found[who] = await measure(who)
    results.set(tenants, found)
    console.log(
      tenants,
      JSON.stringify(found, (_, v: unknown) => (typeof v === 'number' ? Number(v.toFixed(1)) : v), 1),
    )
  } finally {
    await admin.end()
    await runtime.close()
    await database.close()
    fs.rmSync(dataDir, { recursive: true, force: true })
  }
}

/** One line a person and question; the ratio is of the fastest rounds, which other work on the machine disturbs least. */
function report(): string {
  const [few = 0, many = 0] = [...results.keys()]
  const lines = Object.keys(PEOPLE).flatMap((who) =>
    Object.entries(results.get(few)?.[who] ?? {}).map(([what, small]) => {
      const large = results.get(many)?.[who]?.[what]
      const ratio = large ? (large.best / small.best).toFixed(2) : ''
      const ms = (one?: { best: number; p50: number }) =>
        one ? `${one.best.toFixed(1)} / ${one.p50.toFixed(1)}` : ''
      const aim = what.startsWith('switcher') ? (Number(ratio) <= 2 ? 'met' : '**not met**') : ''
      return `| ${who} | ${what} | ${ms(small)} | ${ms(large)} | ${ratio}x | ${aim} |`
    }),
  )
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  return `# Benchmark of switching

\`npm run bench -- switching [--tenants 50,5000 --resources 200000 --rounds 40 --out bench/switching.md]\` makes databases of its own in a temporary
DATA_DIR, fills them, measures, writes this file, and cleans up.

Milliseconds, fastest / p50 of ${rounds} rounds, of a call in this process from the session token on (context, procedure, checked output), without HTTP.
The ratio is of the fastest rounds, which other work on the machine disturbs least.
${Number(given.resources).toLocaleString('en')} resources of four kinds, evenly over the tenants. *Member of all* is a guest with a role in each, *parent level* a master user.

${new Date().toISOString().slice(0, 10)}, commit ${commit}: ${os.cpus().length} cores, Node ${process.versions.node}, load average now: ${(os.loadavg()[0] ?? 0).toFixed(1)}

| Who | What | ${few.toLocaleString('en')} tenants | ${many.toLocaleString('en')} tenants | Ratio | At most 2x |
| --- | --- | --- | --- | --- | --- |
${lines.join('\n')}
`
}
if (given.out === '-') console.log(report())
else fs.writeFileSync(given.out, report())
process.exit(0)
