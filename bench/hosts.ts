// `npm run bench -- hosts`: what the pool of hosts costs, and that its limits hold. Runs server/db/host-pool.race.test.ts with 100 rounds of 100
// attempts, which asserts that exactly as many succeed as there is room for, and server/db/host-pool.size.test.ts with 100,000 hosts, and
// writes bench/hosts.md from what they note.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { ROOT } from '../scripts/lib/run'

const { values: given } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== 'hosts'),
  options: {
    rounds: { type: 'string', default: '100' },
    hosts: { type: 'string', default: '100000' },
    out: { type: 'string', default: path.join('bench', 'hosts.md') },
  },
})
interface Size {
  hosts: number
  tenants: number
  insertMs: number
  enrolMs: number
  rows: number
  scanMs: number
  countMs: number
  moveMs: number
  plans: Record<'pool' | 'scan', string[]>
}
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-bench-hosts-'))
const [raced, sized] = [path.join(dir, 'race.json'), path.join(dir, 'size.json')]
const run = (file: string, env: Record<string, string>) =>
  execFileSync('npx', ['vitest', 'run', file], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
run('server/db/host-pool.size.test.ts', { HOST_SIZE: given.hosts, HOST_SIZE_OUT: sized })
run('server/db/host-pool.race.test.ts', { HOST_ROUNDS: given.rounds, HOST_OUT: raced })
const size = JSON.parse(fs.readFileSync(sized, 'utf8')) as Size
const race = JSON.parse(fs.readFileSync(raced, 'utf8')) as { rounds: number; times: number[] }
fs.rmSync(dir, { recursive: true })

const n = (value: number) => value.toLocaleString('en')
const ms = (value: number) => `${value < 10 ? value.toFixed(2) : n(Math.round(value))} ms`
const at = (part: number) => {
  const sorted = race.times.toSorted((a, b) => a - b)
  return ms(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0)
}
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
const report = `# Benchmark of the pool of hosts

\`npm run bench -- hosts [--rounds 100 --hosts 100000 --out bench/hosts.md]\`: limits under races, and what counting costs.

${new Date().toISOString().slice(0, 10)}, commit ${commit}: ${os.cpus().length} cores, Node ${process.versions.node}, load average now: ${(os.loadavg()[0] ?? 0).toFixed(1)}

## Races

${race.rounds} rounds of 100 attempts at once, with room for 1 to 10 hosts in the licence and 1 to 7 in a tenant's slice: 35 agents of three tenants,
21 inserts as a procedure makes them, 20 batches of ten connectors, 12 restores of deleted tenants with a host each, 8 assignments and 4 migrations
into the slice. In every round exactly as many hosts came as there was room for, the slice was exactly full, every loser got 402 (a connector leaves
out and counts), the numbers of the pool were those of the table, and there was no deadlock. Time of a round: ${at(0.5)} in the middle, ${at(0.99)} at the 99th percentile.

## Counting

${n(size.hosts)} hosts of ${n(size.tenants)} tenants.

| | |
| --- | --- |
| One enrolment, with its host, state, credential, audit row | ${ms(size.enrolMs)}, ${size.rows.toFixed(1)} rows of \`resource\` read |
| The sum that it asks for, over all tenants | ${ms(size.countMs)} |
| What it would be by counting hosts, as before | ${ms(size.scanMs)} |
| ${n(size.hosts)} hosts in one statement, with all triggers | ${ms(size.insertMs)} |
| 10,000 hosts to another tenant in one statement, with all triggers | ${ms(size.moveMs)} |

The sum:

\`\`\`
${size.plans.pool.join('\n')}
\`\`\`

Counted one by one:

\`\`\`
${size.plans.scan.join('\n')}
\`\`\`
`
if (given.out === '-') console.log(report)
else fs.writeFileSync(given.out, report)
