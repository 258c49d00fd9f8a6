// `npm run bench -- revocation`: how soon what one app process takes away is gone in another. Runs server/context/revocation.test.ts with 500
// rounds, which asserts the order of things, and writes bench/revocation.md from the times that it notes.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { ROOT } from '../scripts/lib/run'

const { values: given } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== 'revocation'),
  options: {
    rounds: { type: 'string', default: '500' },
    out: { type: 'string', default: path.join('bench', 'revocation.md') },
  },
})
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-bench-revocation-'))
const notes = path.join(dir, 'times.json')
execFileSync('npx', ['vitest', 'run', 'server/context/revocation.test.ts'], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, REVOCATION_ROUNDS: given.rounds, REVOCATION_OUT: notes },
})
const times = JSON.parse(fs.readFileSync(notes, 'utf8')) as Record<
  string,
  { refused: number[]; ended: number[] }
>
fs.rmSync(dir, { recursive: true })

const at = (all: number[], part: number): string =>
  (all.toSorted((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * part))] ?? 0).toFixed(0)
const figures = (all: number[]) => `${at(all, 0.5)} / ${at(all, 0.99)} / ${at(all, 1)}`
const rows = Object.entries(times).map(
  ([name, { refused, ended }]) => `| ${name} | ${refused.length} | ${figures(refused)} | ${figures(ended)} |`,
)
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
const report = `# Benchmark of revocation

\`npm run bench -- revocation [--rounds 500 --out bench/revocation.md]\` starts two app processes on one database. In each round somebody works in
the second (a request that is answered, a live page that is open); the first takes away what they work by; then the second is asked again.

Milliseconds from the moment at which it is asked for in the first process, p50 / p99 / longest, until the second has refused the next request, and until it has
ended the live page. The mark is 1000. That no request after the answer of the first process is served is asserted, in every round.

${new Date().toISOString().slice(0, 10)}, commit ${commit}: ${os.cpus().length} cores, Node ${process.versions.node}, load average now: ${(os.loadavg()[0] ?? 0).toFixed(1)}

| What is taken away | Rounds | Refused | Live page ended |
| --- | --- | --- | --- |
${rows.join('\n')}
`
if (given.out === '-') console.log(report)
else fs.writeFileSync(given.out, report)
