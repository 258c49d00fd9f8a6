import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { deriveKey } from '@/server/platform/crypto'
import { ensureCluster, startServer, stopServer, type Cluster } from '@/server/platform/postgres/cluster'
import { withFileLock } from '@/server/platform/postgres/file-lock'
import { layoutOf, prepare } from '@/server/platform/postgres/layout'
import { findPostmaster } from '@/server/platform/postgres/postmaster'
import { countSeats, takeSeat } from '@/server/platform/postgres/seats'

export type EmbeddedOptions = {
  /** DATA_DIR: the cluster is in its folder `postgres` */
  dataDir: string
  /** the install's secret: the superuser's password is derived from it */
  secret: string
  /** a fixed port; default: the remembered one, else a free one */
  port?: number
  /** server settings that override the built-in ones, e.g. `{ fsync: 'off' }` in tests */
  settings?: Record<string, string>
}

export type EmbeddedServer = {
  port: number
  /** address of a database as superuser; holds a password: never log it */
  url(database: string): string
  /** starts the server again, on its port, when it is gone although nobody stopped it; cheap when it runs */
  ensure(): Promise<void>
  /** leaves the cluster; the last live process to leave stops it */
  close(): Promise<void>
}

const SETTLE_MS = 60_000
const REACH_MS = 10_000

/**
 * Starts the embedded PostgreSQL of a data directory, or joins the one that runs there already: any number of processes
 * share it, and one left running by a killed process is taken over.
 * @throws one clear line: foreign major version, another secret, no binaries for the platform, or the server's own words
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const layout = layoutOf(options.dataDir)
  const password = deriveKey(options.secret, 'postgres:superuser').toString('hex')
  const { cluster, port, seat } = await withFileLock(layout.lock, async () => {
    const cluster: Cluster = { layout, ...prepare(layout), settings: options.settings ?? {} }
    const seat = takeSeat(layout.seats)
    try {
      await ensureCluster(cluster, password)
      const port = await reach(cluster, password, options.port)
      return { cluster, port, seat }
    } catch (error) {
      seat.leave()
      throw error
    }
  })
  let closing: Promise<void> | undefined
  const leave = () =>
    withFileLock(layout.lock, async () => {
      seat.leave()
      if (countSeats(layout.seats) === 0) await stopServer(cluster)
    })
  const ensure = async () => {
    if (closing || findPostmaster(layout.cluster)) return
    await withFileLock(layout.lock, async () => {
      if (!closing) await reach(cluster, password, port)
    })
  }
  return {
    port,
    url: (database) => addressOf(port, password, database),
    ensure,
    close: () => (closing ??= leave()),
  }
}

function addressOf(port: number, password: string, database: string): string {
  return `postgresql://postgres:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`
}

/** Joins the server that runs, or starts one; again if it dies in that very moment. @returns its port */
async function reach(cluster: Cluster, password: string, fixedPort?: number): Promise<number> {
  for (const deadline = Date.now() + REACH_MS; ; await sleep(100)) {
    const port = (await settle(cluster.layout.cluster)) ?? (await startServer(cluster, fixedPort))
    try {
      await checkPassword(addressOf(port, password, 'postgres'))
      return port
    } catch (error) {
      const { code = '' } = error as { code?: string }
      if (!/^(ECONN|EPIPE|57P)/.test(code) || Date.now() > deadline) throw error
    }
  }
}

/** The port of a server that runs already, once it is neither starting (crash recovery) nor stopping any more. */
async function settle(cluster: string): Promise<number | undefined> {
  for (const deadline = Date.now() + SETTLE_MS; Date.now() < deadline; await sleep(50)) {
    const running = findPostmaster(cluster)
    if (!running) return undefined
    if (running.status === 'ready') return running.port
  }
  throw new Error(
    `The PostgreSQL in ${cluster} has been starting or stopping for ${SETTLE_MS / 1000} seconds`,
  )
}

async function checkPassword(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (error) {
    if ((error as { code?: string }).code !== '28P01') throw error
    throw new Error(
      'The database in DATA_DIR was made with another secret: set the FREEHOLD_SECRET it was made with',
    )
  } finally {
    await client.end().catch(() => undefined)
  }
}
