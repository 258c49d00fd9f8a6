// Compares the database that prisma/migrations makes with what prisma/schema says. Prints the SQL that would close the
// gap and ends with 1 if there is one. Prisma cannot express policies, functions, CHECKs, partial indexes and grants, so
// these are in the migrations only and no drift.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { bootstrapRoles } from '@/server/db/bootstrap'
import { migrate } from '@/server/db/migrate'
import { startEmbedded } from '@/server/platform/postgres/embedded'

/** Another folder may be named on the command line. */
const SCHEMA = process.argv[2] ?? 'prisma/schema'
const DIFF = ['migrate', 'diff', '--from-config-datasource', '--to-schema', SCHEMA, '--script', '--exit-code']
const SCRATCH = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', shared_buffers: '64MB' }

/** Runs Prisma's CLI. @returns its exit code (0 no difference, 2 a difference) and what it printed */
function diff(databaseUrl: string): Promise<{ code: number; output: string }> {
  const cli = path.join(
    path.dirname(createRequire(import.meta.url).resolve('prisma/package.json')),
    'build/index.js',
  )
  const env = { ...process.env, DATABASE_URL: databaseUrl, DIRECT_DATABASE_URL: databaseUrl }
  const child = spawn(process.execPath, [cli, ...DIFF], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  child.stderr.on('data', (chunk) => (output += String(chunk)))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

async function main(): Promise<number> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-drift-'))
  fs.chmodSync(dir, 0o711)
  const secret = randomBytes(32).toString('base64url')
  const server = await startEmbedded({ dataDir: dir, secret, settings: SCRATCH })
  try {
    const url = server.url('postgres')
    await bootstrapRoles(url, secret)
    await migrate(url)
    const { code, output } = await diff(url)
    if (code === 0) console.log(`No drift: prisma/migrations make what ${SCHEMA} says.`)
    else
      console.error(
        `${output}\n${SCHEMA} and prisma/migrations differ: put the SQL above into a new migration.`,
      )
    return code === 0 ? 0 : 1
  } finally {
    await server.close()
    fs.rmSync(dir, { recursive: true, force: true })
  }
}

process.exitCode = await main()
