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
import { openDatabase, type OpenDatabase } from '@/server/platform/postgres/open'
import { readiness } from '@/server/platform/readiness'
import { loadSecret } from '@/server/platform/secret'
import { closeConsoleSockets } from '@/server/http/console-socket'
import { createHttpServer } from '@/server/http/server'

const STOP_WITHIN_MS = 10_000
const DATABASE_LOOK_MS = 1000

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

/**
 * Starts Freehold: database, worker, HTTP. Prints where it is and, before set-up, the one-time code. What was opened is closed
 * again at SIGTERM, SIGINT, or when the rest cannot start.
 * @param makeServer replaced in tests of everything but Next
 */
export async function start(makeServer: () => Promise<Server> = createHttpServer): Promise<void> {
  const closers: (() => Promise<unknown>)[] = []
  const stop = async () => {
    while (closers.length > 0) await closers.pop()?.()
  }
  onStop(stop)
  try {
    const { database, runtime, secret } = await openEverything()
    closers.push(database.close, runtime.close, watchOver(database))
    closers.push((await listenForChanges(database.directUrl, secret)).close)
    if (env().FREEHOLD_WORKER) closers.push((await startWorker(database, secret)).stop)
    const server = await makeServer()
    await listen(server)
    closers.push(() => closeServer(server))
    await announce()
  } catch (error) {
    await stop()
    throw error
  }
}

/** Starts an embedded server again that was killed, by the kernel for want of memory say (fault R04). @returns what ends it */
function watchOver(database: OpenDatabase): () => Promise<void> {
  let busy: Promise<void> | undefined
  const look = () =>
    (busy ??= database
      .ensure()
      .catch((error: unknown) => log().error({ err: error }, 'the embedded database does not start'))
      .finally(() => (busy = undefined)))
  const timer = setInterval(() => void look(), DATABASE_LOOK_MS)
  return async () => {
    clearInterval(timer)
    await busy
  }
}

async function listen(server: Server): Promise<void> {
  const { PORT, LISTEN_HOST } = env()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(PORT, LISTEN_HOST, resolve)
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error
    throw new Error(`Port ${PORT} of ${LISTEN_HOST} is in use: stop what listens there, or set PORT`)
  })
}

async function announce(): Promise<void> {
  const code = await prepareSetup()
  const url = env().PUBLIC_URL
  const setUp = code ? `\n\n  Set it up at ${url}/setup\n  One-time code: ${code}\n` : ''
  // One write: who waits for the first line has the code with it.
  console.log(`\nFreehold is ready on ${url}${setUp}`)
}

/** Stops accepting, lets requests under way finish, then cuts the rest (fault R19). */
async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  await closeConsoleSockets(server)
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
