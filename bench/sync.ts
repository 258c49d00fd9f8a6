// `npm run bench -- sync`: what a look into a large cloud costs. Runs server/features/connections/sync.size.test.ts with 100,000 guests, which
// asserts that all is found and that nothing is written where nothing changed, and writes bench/sync.md from the times that it notes.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { ROOT } from '../scripts/lib/run'

const { values: given } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== 'sync'),
  options: {
    guests: { type: 'string', default: '100000' },
    out: { type: 'string', default: path.join('bench', 'sync.md') },
  },
})
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-bench-sync-'))
const notes = path.join(dir, 'times.json')
execFileSync('npx', ['vitest', 'run', 'server/features/connections/sync.size.test.ts'], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, SYNC_GUESTS: given.guests, SYNC_OUT: notes },
})
const t = JSON.parse(fs.readFileSync(notes, 'utf8')) as Record<
  'guests' | 'firstMs' | 'againMs' | 'copyMs' | 'rssMb',
  number
>
fs.rmSync(dir, { recursive: true })

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
const times = (ms: number): string => `${(ms / t.copyMs).toFixed(1)}x`
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
const report = `# Benchmark of looks into a cloud

\`npm run bench -- sync [--guests 100000 --out bench/sync.md]\`: an emulated Proxmox cluster in a process of its own is looked into twice, over TLS, by
the product's own code. *COPY*: PostgreSQL reads the same rows of the three tables from a file into bare ones, without index, policy or trigger. The memory is the
highest of the process that looks, which also runs the tests.

${new Date().toISOString().slice(0, 10)}, commit ${commit}: ${os.cpus().length} cores, Node ${process.versions.node}, load average now: ${(os.loadavg()[0] ?? 0).toFixed(1)}

| ${t.guests.toLocaleString('en')} guests | Time | Against COPY | Aim |
| --- | --- | --- | --- |
| First look | ${seconds(t.firstMs)} | ${times(t.firstMs)} | at most 60 s |
| Again, nothing changed | ${seconds(t.againMs)} | ${times(t.againMs)} | at most 15 s |
| COPY of the same rows | ${seconds(t.copyMs)} | 1.0x | |
| Memory | ${t.rssMb} MB | | at most 512 MB |
`
if (given.out === '-') console.log(report)
else fs.writeFileSync(given.out, report)
