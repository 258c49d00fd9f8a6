// Everything that can be said about the code without running it. Two steps at a time, one line each; only what fails
// shows its output.
import fs from 'node:fs'
import path from 'node:path'
import { ensureGenerated } from './lib/generate'
import { bin, ROOT, run, seconds } from './lib/run'

interface Step {
  name: string
  command: string
  args: string[]
}

const DOCS = 'scripts/generate-docs.ts'

/** Longest first: two lanes then end at about the same time. */
const STEPS: Step[] = [
  { name: 'lint', command: bin('eslint'), args: ['.', '--max-warnings', '0'] },
  { name: 'types', command: bin('tsc'), args: ['--noEmit', '-p', '.'] },
  { name: 'drift', command: bin('tsx'), args: ['scripts/check-drift.ts'] },
  { name: 'dead code', command: bin('knip'), args: ['--no-progress'] },
  { name: 'format', command: bin('prettier'), args: ['--check', '--log-level', 'warn', '.'] },
  // an incomplete lockfile would stop npm ci on a clean machine: `npm run lockfile` completes it
  { name: 'lockfile', command: process.execPath, args: ['scripts/complete-lockfile.mjs', '--check'] },
  { name: 'docs', command: bin('tsx'), args: [DOCS, '--check'] },
]

const steps = STEPS.filter((step) => step.name !== 'docs' || fs.existsSync(path.join(ROOT, DOCS)))

/** What the other steps read: the Prisma client, and Next's types of routes and style sheets. */
async function prepare(): Promise<boolean> {
  try {
    await ensureGenerated()
  } catch (error) {
    console.log(error instanceof Error ? error.message : error)
    return false
  }
  const { code, output } = await run(bin('next'), ['typegen'], { quiet: true })
  if (code !== 0) console.log(output)
  return code === 0
}

async function perform({ name, command, args }: Step): Promise<boolean> {
  const { code, output, took } = await run(command, args, { quiet: true, env: { NO_COLOR: '1' } })
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(10)} ${seconds(took)}`)
  if (code !== 0) console.log(output.trimEnd().replace(/^/gm, '     '))
  return code === 0
}

async function lane(queue: Step[], results: boolean[]): Promise<void> {
  for (let step = queue.shift(); step; step = queue.shift()) results.push(await perform(step))
}

const prepared = await prepare()
console.log(`${prepared ? 'ok  ' : 'FAIL'} prepare`)
const queue = [...steps]
const results = [prepared]
await Promise.all([lane(queue, results), lane(queue, results)])
process.exitCode = results.every(Boolean) ? 0 : 1
