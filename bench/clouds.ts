// `npm run bench -- clouds`: what lists, streams, figures and workers cost where clouds are large. See bench/clouds.md, which it writes.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { ensureGenerated } from '../scripts/lib/generate'
import type { Plan } from './clouds-parts'

const { values: given } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== 'clouds'),
  options: {
    machines: { type: 'string', default: '100000' },
    rows: { type: 'string', default: '100000' },
    only: { type: 'string', default: '' },
    /** A folder for the database, kept for the next run. */
    data: { type: 'string', default: '' },
    out: { type: 'string', default: path.join('bench', 'clouds.md') },
  },
})
const AIM_MS = 50
const WAYS = 4
const say = (text: string) => console.log(`${new Date().toTimeString().slice(0, 8)} ${text}`)
const n = (value: string) => Number(value).toLocaleString('en')

const remarksOf = (ms: number, plan: Plan | undefined): string =>
  [...(ms > AIM_MS ? [`**over ${AIM_MS} ms**`] : []), ...(plan?.remarks ?? [])].join(', ')
const waysOf = (plan: Plan | undefined): string =>
  (plan?.ways ?? [])
    .slice(0, WAYS)
    .map((way) => `\`${way}\``)
    .join(', ')

type Wall = { runtimeUrl: string; secret: string }

async function queries(wall: Wall): Promise<{ calls: string[]; statements: string[] }> {
  const { CASES, callerOf } = await import('./clouds-cases')
  const { opOf } = await import('./database-part')
  const { middle, plansBehindTheWall, record } = await import('./clouds-parts')
  const [calls, statements]: [string[], string[]] = [[], []]
  for (const { what, who, run } of CASES.filter((one) => one.what.includes(given.only))) {
    const got = await record(async () => run(callerOf(await opOf(who)))).catch((error: unknown) =>
      String(error),
    )
    if (typeof got === 'string') {
      calls.push(`| ${who}: ${what} | | | **${got}** |`)
      say(`${who}: ${what}: ${got}`)
      continue
    }
    const plans = await plansBehindTheWall(await opOf(who), wall, got.statements)
    calls.push(
      `| ${who}: ${what} | ${got.ms.toFixed(1)} | ${got.sent} | ${got.ms > AIM_MS ? `over ${AIM_MS} ms` : ''} |`,
    )
    for (const [i, one] of got.statements.entries()) {
      const [ms, plan] = [middle(one.times), plans[i]]
      const remarks = remarksOf(ms, plan)
      if (i > 0 && ms < 2 && remarks === '') continue
      const name = `${who}: ${what}${got.statements.length > 1 ? `, ${i + 1} of ${got.statements.length}` : ''}`
      statements.push(
        `| ${name} | ${one.rows} | ${ms.toFixed(1)} | ${plan?.pages ?? ''} | ${waysOf(plan)} | ${remarks} |`,
      )
    }
    say(`${who}: ${what}: ${got.ms.toFixed(1)} ms`)
  }
  return { calls, statements }
}

async function functions(adminUrl: string): Promise<string[]> {
  const { FUNCTIONS } = await import('./clouds-cases')
  const { functionOf } = await import('./clouds-parts')
  const lines: string[] = []
  for (const { what, call, before } of FUNCTIONS.filter((one) => one.what.includes(given.only))) {
    const { ms, plan } = await functionOf(adminUrl, call, before)
    lines.push(`| ${what} | ${ms.toFixed(1)} | ${waysOf(plan)} | ${remarksOf(ms, plan)} |`)
    say(`${what}: ${ms.toFixed(1)} ms`)
  }
  return lines
}

function report(calls: string[], statements: string[], functionLines: string[], load: number): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  return `# Benchmark of large clouds

\`npm run bench -- clouds [--machines ${given.machines} --rows ${given.rows} --only words --data folder --out bench/clouds.md]\` makes a database of its own with 1,000 tenants and
5,062 connected clouds, and asks it through the product's own procedures, in this process. Two clouds have ${n(given.machines)} virtual machines each, 60 have 200 each.
There are about ${n(given.rows)} tasks, as many events, backups and creations of machines, twice as many actions, 230,400 samples of hosts and 20,000 migrations. The *master*
owns nearly all. The *typical* tenant owns one of the large clouds, and has 20 small ones and a tenth of the other large one, which is public; the *small* one
has added that, uses 100 machines in it, and used others before.
Pages are measured in [pages.md](pages.md): whatever there is, a list sends them 50 rows.

${new Date().toISOString().slice(0, 10)}, commit ${commit}: ${os.cpus().length} cores, Node ${process.versions.node}, load average before: ${load.toFixed(1)}, now: ${(os.loadavg()[0] ?? 0).toFixed(1)}

## Calls

Middle of 20, each with who asks read anew, as a request does. *SQL*: everything that is sent to the database for it, with what opens and ends transactions.

| Call | ms | SQL | Remark |
| --- | --- | --- | --- |
${calls.join('\n')}

## Statements

As the serving roles behind the wall. *ms*: middle of the 20 calls, with the way there and back; *plan*: which indexes, and tables as a whole, gave how many rows (EXPLAIN
ANALYZE, the most first); *pages*: of 8 kB, read or found in memory. What takes less than 2 ms beside another statement of its call is left out.

| Statement | Rows | ms | Pages | Plan | Remark |
| --- | --- | --- | --- | --- | --- |
${statements.join('\n')}

## Workers

Functions that workers call, as their role, each time rolled back; middle of 7.

| Function | ms | Plan | Remark |
| --- | --- | --- | --- |
${functionLines.join('\n')}
`
}

async function main(): Promise<void> {
  await ensureGenerated()
  const load = os.loadavg()[0] ?? 0
  const dataDir = given.data || fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-bench-clouds-'))
  const seeded = fs.existsSync(path.join(dataDir, 'seeded'))
  Object.assign(process.env, { NODE_ENV: 'production', DATA_DIR: dataDir, LOG_LEVEL: 'warn' })
  const { openEverything } = await import('@/server/start')
  const { seedTenants } = await import('@/prisma/seed/large')
  const { seedClouds } = await import('@/prisma/seed/large-clouds')
  const { database, runtime, secret } = await openEverything()
  const admin = new pg.Client({ connectionString: database.adminUrl })
  await admin.connect()
  try {
    if (!seeded) {
      say('seeding')
      await seedTenants(admin)
      await seedClouds(admin, Number(given.machines), Number(given.rows))
      await admin.query('checkpoint')
      fs.writeFileSync(path.join(dataDir, 'seeded'), '')
      say('seeded')
    }
    const { calls, statements } = await queries({ runtimeUrl: database.runtimeUrl, secret })
    const text = report(calls, statements, await functions(database.adminUrl), load)
    if (given.out === '-') console.log(text)
    else fs.writeFileSync(given.out, text)
  } finally {
    await admin.end()
    await runtime.close()
    await database.close()
    if (!given.data) fs.rmSync(dataDir, { recursive: true, force: true })
  }
}

await main()
process.exit(0)
