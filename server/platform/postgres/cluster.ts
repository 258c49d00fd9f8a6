import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { program, type Binaries } from '@/server/platform/postgres/binaries'
import { pickPort, type Layout } from '@/server/platform/postgres/layout'
import { runAs, spawnAs, type RunAs } from '@/server/platform/postgres/os-user'
import { findPostmaster, removeStalePidFile } from '@/server/platform/postgres/postmaster'
import { writeOwned } from '@/server/platform/postgres/processes'

/** Everything needed to make and start one cluster. `settings` override the built-in ones. */
export type Cluster = {
  layout: Layout
  user: RunAs | undefined
  binaries: Binaries
  settings: Record<string, string>
}

const RETRY_MS = 20_000
const START_MS = 120_000
const LOG_LIMIT_BYTES = 20_000_000
const MB = 1024 * 1024

/**
 * Makes the cluster with initdb unless it is there. It appears whole under its name: a start that was killed halfway
 * leaves nothing that looks like a cluster.
 * @throws when it was made by another major version of PostgreSQL, or the folder holds something else
 */
export async function ensureCluster({ layout, user, binaries }: Cluster, password: string): Promise<void> {
  const versionFile = path.join(layout.cluster, 'PG_VERSION')
  if (fs.existsSync(versionFile))
    return refuseForeign(fs.readFileSync(versionFile, 'utf8').trim(), layout, binaries)
  if (fs.existsSync(layout.cluster) && fs.readdirSync(layout.cluster).length > 0) {
    throw new Error(
      `${layout.cluster} holds files but no PostgreSQL cluster: move them away or set another DATA_DIR`,
    )
  }
  const draft = `${layout.cluster}.new-${randomBytes(4).toString('hex')}`
  const passwordFile = `${draft}.pw`
  try {
    fs.mkdirSync(draft, { mode: 0o700 })
    fs.writeFileSync(passwordFile, password + '\n', { mode: 0o600 })
    if (user) for (const file of [draft, passwordFile]) fs.chownSync(file, user.uid, user.gid)
    const auth = ['--auth-host=scram-sha-256', '--auth-local=scram-sha-256', `--pwfile=${passwordFile}`]
    const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
    const args = ['-D', draft, '-U', 'postgres', ...auth, ...locale, '--no-instructions']
    const { code, output } = await runAs(user, program(binaries, 'initdb'), args)
    if (code !== 0) throw new Error(`PostgreSQL's initdb failed: ${lastLine(output)}`)
    fs.renameSync(draft, layout.cluster)
  } finally {
    fs.rmSync(passwordFile, { force: true })
    fs.rmSync(draft, { recursive: true, force: true })
  }
}

function refuseForeign(major: string, layout: Layout, binaries: Binaries): void {
  if (major === String(binaries.major)) return
  throw new Error(
    `${layout.cluster} was made by PostgreSQL ${major}, and this Freehold brings PostgreSQL ${binaries.major}: ` +
      `dump it with version ${major} and load it into a new DATA_DIR, or set DATABASE_URL`,
  )
}

/**
 * Starts the server. Retries for up to 20 s while the remains of a killed one are in the way.
 * @param fixedPort undefined = the remembered port or a free one
 * @returns the port it listens on
 * @throws with the server's own last words when it does not start
 */
export async function startServer(cluster: Cluster, fixedPort?: number): Promise<number> {
  const deadline = Date.now() + RETRY_MS
  for (let avoid: number | undefined; ;) {
    const port = fixedPort ?? (await pickPort(cluster.layout, avoid))
    const words = await launch(cluster, port)
    if (words === undefined) {
      writeOwned(cluster.layout.port, String(port))
      return port
    }
    const portTaken = /could not (bind|create any TCP)/.test(words)
    const remains = /lock file|pre-existing shared memory/.test(words)
    const again = remains || (portTaken && !fixedPort)
    if (!again || Date.now() > deadline)
      throw new Error(`The embedded PostgreSQL did not start: ${lastLine(words)}`)
    if (portTaken) avoid = port
    removeStalePidFile(cluster.layout.cluster)
    await sleep(remains ? 250 : 0)
  }
}

/** Starts the server once. @returns undefined when it accepts connections, else what it wrote before it ended */
async function launch(cluster: Cluster, port: number): Promise<string | undefined> {
  const { layout, user, binaries } = cluster
  if ((fs.statSync(layout.log, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT_BYTES) fs.rmSync(layout.log)
  const log = fs.openSync(layout.log, 'a', 0o600)
  const from = fs.fstatSync(log).size
  const settings = Object.entries({ ...defaults(port), ...cluster.settings })
  const args = ['-D', layout.cluster, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  // Detached: it outlives a killed app (whose next start takes it over), and Ctrl-C in the terminal is not for it.
  const child = spawnAs(user, program(binaries, 'postgres'), args, log, true)
  fs.closeSync(log)
  let ended: string | undefined
  child.on('error', (error) => (ended = error.message))
  child.on('exit', () => (ended ??= ''))
  child.unref()
  for (const deadline = Date.now() + START_MS; ended === undefined; await sleep(20)) {
    const running = findPostmaster(layout.cluster)
    if (running?.pid === child.pid && running?.status === 'ready') return undefined
    if (Date.now() > deadline) return `not ready after ${START_MS / 1000} s, see ${layout.log}`
  }
  return ended || fs.readFileSync(layout.log).subarray(from).toString('utf8')
}

/** Settings on the command line, so that they are this version's at each start. None is secret. */
function defaults(port: number): Record<string, string> {
  const buffers = Math.min(512, Math.max(64, Math.floor(os.totalmem() / MB / 16)))
  const settings: Record<string, string> = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: `${buffers}MB`,
    timezone: 'UTC',
    log_timezone: 'UTC',
    jit: 'off',
    log_checkpoints: 'off',
    // The text of a failed statement may hold what nobody should read in a log.
    log_min_error_statement: 'panic',
  }
  if (process.platform !== 'win32') settings.client_connection_check_interval = '2s'
  return settings
}

/** Stops the server with a fast shutdown: open transactions roll back. No-op when none runs. */
export async function stopServer({ layout, user, binaries }: Cluster): Promise<void> {
  if (!findPostmaster(layout.cluster)) return
  const args = ['-D', layout.cluster, '-m', 'fast', '-w', '-t', '60', 'stop']
  const { code, output } = await runAs(user, program(binaries, 'pg_ctl'), args)
  if (code !== 0 && findPostmaster(layout.cluster)) {
    throw new Error(`The embedded PostgreSQL did not stop: ${lastLine(output)}`)
  }
}

function lastLine(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  const telling =
    lines.filter((line) => /FATAL|ERROR|error/.test(line)).at(-1) ?? lines.at(-1) ?? 'no message'
  return telling.replace(/^[-\d]+ [\d:.]+ UTC \[\d+\] /, '')
}
