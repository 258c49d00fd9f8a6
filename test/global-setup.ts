import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { randomBytes } from 'node:crypto'
import type { TestProject } from 'vitest/node'
import { startEmbedded, type EmbeddedServer } from '@/server/platform/postgres/embedded'
import { findPostmaster } from '@/server/platform/postgres/postmaster'
import { countSeats } from '@/server/platform/postgres/seats'
import { dropRunDatabases } from '@/test/databases'

declare module 'vitest' {
  export interface ProvidedContext {
    /** address of the run's server as administrator, and what names and secrets of this run derive from */
    testServer: { adminUrl: string; run: string; secret: string }
  }
}

const PREFIX = 'freehold-test-'
/** A crash loses the test data, which nobody wants back: so nothing waits for the disk. */
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', shared_buffers: '64MB' }

let cleanUp: (() => Promise<void>) | undefined

/** Starts one server for the whole test run, or uses the one in TEST_DATABASE_URL. */
export async function setup(project: TestProject): Promise<void> {
  const run = `t${randomBytes(4).toString('hex')}`
  const secret = randomBytes(32).toString('base64url')
  const given = process.env.TEST_DATABASE_URL
  if (given) {
    project.provide('testServer', { adminUrl: given, run, secret })
    cleanUp = () => dropRunDatabases(given, run)
    return
  }
  removeAbandoned()
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), PREFIX))
  fs.chmodSync(dir, 0o711) // as root, PostgreSQL runs as another user, who has to get in
  const server: EmbeddedServer = await startEmbedded({ dataDir: dir, secret, settings: FAST })
  project.provide('testServer', { adminUrl: server.url('postgres'), run, secret })
  cleanUp = async () => {
    await server.close()
    fs.rmSync(dir, { recursive: true, force: true })
  }
}

/** Stops that server and removes everything of the run. */
export async function teardown(): Promise<void> {
  await cleanUp?.()
}

/** A killed run leaves its server running: stop it, now that its process is gone. */
function removeAbandoned(): void {
  for (const name of fs.readdirSync(os.tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const dir = path.join(os.tmpdir(), name)
    const seats = path.join(dir, 'postgres-run', 'users')
    if (!fs.existsSync(seats) || fs.statSync(seats).uid !== process.getuid?.() || countSeats(seats) > 0)
      continue
    const running = findPostmaster(path.join(dir, 'postgres'))
    if (running) process.kill(running.pid, 'SIGQUIT')
    fs.rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  }
}
