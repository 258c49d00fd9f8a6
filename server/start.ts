import type { Server } from 'node:http'
import { startWorker } from '@/server/jobs/worker'
import { bootstrapRoles } from '@/server/db/bootstrap'
import { migrate, pendingMigrations } from '@/server/db/migrate'
import { connectDatabase } from '@/server/db/runtime'
import { installWallKey } from '@/server/db/wall-key'
import { listenForChanges } from '@/server/platform/listen'
import { prepareSetup } from '@/server/features/setup/setup.service'
import { env } from '@/server/platform/env'
import { log } from '@/server/platform/log'
import { openDatabase } from '@/server/platform/postgres/open'
import { readiness } from '@/server/platform/readiness'
import { loadSecret } from '@/server/platform/secret'
import { createHttpServer } from '@/server/http/server'

const STOP_WITHIN_MS = 10_000

/** Opens the database, brings it up to date and connects the pools: what every process that serves or seeds begins with. */
export async function openEverything() {
  const settings = env()
  const secret = loadSecret(settings)
  const database = await openDatabase(settings)
  try {
    await bootstrapRoles(database.adminUrl, secret)
    const applied = await migrate(database.adminUrl)
    await installWallKey(database.adminUrl, secret)
    const runtime = await connectDatabase({
      runtimeUrl: database.runtimeUrl,
      secret,
      env: settings,
      prepare: database.runtimeUrl === database.directUrl,
    })
    readiness.migrationsApplied = async () => (await pendingMigrations(runtime.system)).length === 0
    log().info({ postgres: database.serverVersion, embedded: database.embedded, applied }, 'database ready')
    return { database, runtime, secret }
  } catch (error) {
    await database.close()
    throw error
  }
}

/** Starts Freehold: database, worker, HTTP. Prints where it is and, before set-up, the one-time code. */
export async function start(): Promise<void> {
  const { database, runtime, secret } = await openEverything()
  const listener = await listenForChanges(database.directUrl, secret)
  const worker = env().FREEHOLD_WORKER ? await startWorker(database, secret) : null
  const server = await createHttpServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(env().PORT, env().LISTEN_HOST, resolve)
  })
  await announce()
  onStop(async () => {
    await closeServer(server)
    await worker?.stop()
    await listener.close()
    await runtime.close()
    await database.close()
  })
}

async function announce(): Promise<void> {
  const code = await prepareSetup()
  const url = env().PUBLIC_URL
  console.log(`\nFreehold is ready on ${url}`)
  if (code) console.log(`\n  Set it up at ${url}/setup\n  One-time code: ${code}\n`)
}

/** Stops accepting, lets requests under way finish, then cuts the rest (fault R19). */
async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const cut = setTimeout(() => server.closeAllConnections(), STOP_WITHIN_MS / 2)
  await closed
  clearTimeout(cut)
}

function onStop(stop: () => Promise<void>): void {
  let stopping = false
  const handle = (signal: string) => {
    if (stopping) return
    stopping = true
    log().info({ signal }, 'stopping')
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref()
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log().error({ err: error }, 'stopping failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => handle('SIGTERM'))
  process.on('SIGINT', () => handle('SIGINT'))
}
