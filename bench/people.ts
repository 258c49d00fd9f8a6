// `npm run bench -- people`: the users' page of a tenant with 50,000 people against one with 50, and the master's list of everybody. See
// bench/people.md, which it writes.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { ensureGenerated } from '../scripts/lib/generate'

const { values: given } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== 'people'),
  options: {
    few: { type: 'string', default: '50' },
    many: { type: 'string', default: '50000' },
    rounds: { type: 'string', default: '60' },
    out: { type: 'string', default: path.join('bench', 'people.md') },
  },
})
const rounds = Number(given.rounds)
const say = (text: string) => console.log(`${new Date().toTimeString().slice(0, 8)} ${text}`)

/** The middle of the times of all rounds, in ms, each of these in turn, so that what else the machine does falls on all. */
async function middles(works: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  const times = works.map((): number[] => [])
  for (let round = 0; round < rounds + 5; round++) {
    for (const [i, work] of works.entries()) {
      const start = performance.now()
      await work()
      if (round >= 5) times[i]?.push(performance.now() - start)
    }
  }
  return times.map((all) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0)
}

/** People homed in the tenant with a name, a membership and a role each. Superuser only; triggers and foreign keys sleep. */
async function seedPeople(admin: pg.Client, slug: string, count: number): Promise<void> {
  await admin.query('set session_replication_role = replica')
  await admin.query(
    `with t as (select id from tenant where slug = $1),
    made as (insert into user_account (home_tenant_id, username, email, first_name, last_name, last_sign_in_at)
      select t.id, 'person-' || n, 'person-' || n || '@' || $1 || '.example', 'First ' || n % 997, 'Last ' || n, now() - make_interval(mins => n % 50000)
      from t, generate_series(1, $2::int) n returning id, home_tenant_id),
    members as (insert into membership (tenant_id, user_id) select home_tenant_id, id from made)
    insert into role_assignment (tenant_id, user_id, role_id) select home_tenant_id, id, '00000000-0000-4000-8000-000000000206' from made`,
    [slug, count],
  )
  await admin.query('set session_replication_role = origin')
}

interface Line {
  what: string
  few: number
  many: number
}

async function measure(): Promise<{ lines: Line[]; everybody: [string, number][] }> {
  const { opOf } = await import('./database-part')
  const { createCallerFactory, router } = await import('@/server/rpc/procedure')
  const { usersRouter } = await import('@/server/features/users/users.router')
  const { peopleRouter } = await import('@/server/features/people/people.router')
  const factory = createCallerFactory(router({ users: usersRouter, people: peopleRouter }))
  // As a request: who asks is read anew.
  const list = (viewer: 'small' | 'typical', input: object) => async () =>
    factory({ op: await opOf(viewer) }).users.list(input)
  const lines: Line[] = []
  for (const [what, input] of [
    ['by name', {}],
    ['by username', { sort: 'username' }],
    ['by e-mail, backwards', { sort: 'email', desc: true }],
    ['by status', { sort: 'status' }],
    ['by last sign-in, latest first', { sort: 'lastSignIn', desc: true }],
  ] as const) {
    const [few = 0, many = 0] = await middles([list('small', input), list('typical', input)])
    lines.push({ what, few, many })
    say(`${what}: ${few.toFixed(1)} and ${many.toFixed(1)} ms`)
  }
  const everybody = (input: object) => async () => factory({ op: await opOf('master') }).people.list(input)
  const named = [
    ['by name', {}],
    ['by e-mail', { sort: 'email' }],
    ['parent-level users', { levels: ['parent'] }],
    ['a name that one has', { search: 'Last 4711' }],
  ] as const
  const times = await middles(named.map(([, input]) => everybody(input)))
  return { lines, everybody: named.map(([what], i) => [what, times[i] ?? 0]) }
}

const times = (n: number) => `${n.toFixed(2)}x`
const report = ({ lines, everybody }: Awaited<ReturnType<typeof measure>>, load: number): string => {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  return `# People

\`npm run bench -- people [--few 50 --many 50000 --rounds 60 --out bench/people.md]\` makes a database of its own, and measures what a request of the users'
page asks: who asks, a page of 50, the count (exact up to 10,000), and what each of the 50 holds. Middle of ${rounds} rounds, the two tenants in turn.
The aim (issue 4): ${given.many} users within 2x of ${given.few}.

${new Date().toISOString().slice(0, 10)}, commit ${commit}: ${os.cpus().length} cores, Node ${process.versions.node}, load average before: ${load.toFixed(1)}

| Ratio | A tenant's users | ms with ${given.few} | ms with ${given.many} | Aim |
| --- | --- | --- | --- | --- |
${lines.map(({ what, few, many }) => `| ${times(many / few)} | ${what} | ${few.toFixed(1)} | ${many.toFixed(1)} | ${many / few <= 2 ? 'met' : '**not met**'} |`).join('\n')}

Everybody, for the master: ${everybody.map(([what, ms]) => `${what} ${ms.toFixed(1)} ms`).join(', ')}.
`
}

async function main(): Promise<void> {
  await ensureGenerated()
  const load = os.loadavg()[0] ?? 0
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-bench-people-'))
  Object.assign(process.env, { NODE_ENV: 'production', DATA_DIR: dataDir, LOG_LEVEL: 'warn' })
  const { openEverything } = await import('@/server/start')
  const { seedTenants, VIEWERS } = await import('@/prisma/seed/large')
  const { database, runtime } = await openEverything()
  const admin = new pg.Client({ connectionString: database.adminUrl })
  await admin.connect()
  try {
    say('seeding')
    await seedTenants(admin)
    await seedPeople(admin, VIEWERS.small, Number(given.few))
    await seedPeople(admin, VIEWERS.typical, Number(given.many))
    await admin.query('analyze')
    const text = report(await measure(), load)
    if (given.out === '-') console.log(text)
    else fs.writeFileSync(given.out, text)
  } finally {
    await admin.end()
    await runtime.close()
    await database.close()
    fs.rmSync(dataDir, { recursive: true, force: true })
  }
}

await main()
process.exit(0)
